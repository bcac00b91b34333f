import { quoteIdentifier } from "../wire/sql.js";
import { beginsWith, identifierName, insideParentheses, isWord, type SqlWord, splitWords } from "./sql-words.js";
import { type Definition, readTableText, type TableText } from "./table-text.js";

export interface ForeignKey {
  name: string;
  columns: string[];
  /** Undefined: the table's own database. */
  parentDatabase: string | undefined;
  parentTable: string;
  parentColumns: string[];
  /** As the server printed it: "CONSTRAINT `c_1` FOREIGN KEY (`p`) REFERENCES `parent` (`id`)". */
  text: string;
  /** Columns, parent and actions, normalised: equal for constraints that do the same, whatever their names. */
  shape: string;
}

/** The foreign keys of a SHOW CREATE TABLE text, in its order. */
export function readForeignKeys({ definitions }: TableText): ForeignKey[] {
  return definitions.filter(isForeignKey).map(readForeignKey);
}

/**
 * A CREATE TABLE text without its FOREIGN KEY constraints. They are cut out with the comma before them, as a column
 * always comes first; the rest stays as it is to the byte, the keys that serve them too.
 */
export function withoutForeignKeys(sql: string): string {
  let kept = "";
  let from = 0;
  for (const { before, end } of readTableText(sql).definitions.filter(isForeignKey)) {
    kept += sql.slice(from, before);
    from = end;
  }
  return kept + sql.slice(from);
}

/** `[CONSTRAINT <name>] FOREIGN KEY`; a CHECK has a name too. */
function isForeignKey({ words }: Definition): boolean {
  return beginsWith(constraint(words).words, "foreign", "key");
}

function constraint(definition: SqlWord[]): { name: string; words: SqlWord[] } {
  if (!isWord(definition[0], "constraint")) return { name: "", words: definition };
  const isNamed = !isWord(definition[1], "foreign");
  const name = isNamed ? identifierName(definition[1]?.text ?? "") : "";
  return { name, words: definition.slice(isNamed ? 2 : 1) };
}

function readForeignKey(definition: Definition): ForeignKey {
  const { name, words } = constraint(definition.words);
  const depth = words[0]?.depth;
  const references = words.findIndex((word) => word.depth === depth && isWord(word, "references"));
  const isQualified = words[references + 2]?.text === ".";
  const parent = references + (isQualified ? 3 : 1);
  const columns = columnNames(
    words,
    words.findIndex((word) => word.text === "("),
  );
  const parentDatabase = isQualified ? identifierName(words[references + 1]?.text ?? "") : undefined;
  const parentTable = identifierName(words[parent]?.text ?? "");
  const parentColumns = columnNames(words, parent + 1);
  const actions = words.slice(parent + 1).filter((word) => word.depth === depth && !/^[()]$/.test(word.text));
  const place = [...(parentDatabase === undefined ? [] : [parentDatabase]), parentTable].map(quoteIdentifier).join(".");
  const list = (names: string[]) => `(${names.map(quoteIdentifier).join(",")})`;
  return {
    name,
    columns,
    parentDatabase,
    parentTable,
    parentColumns,
    text: definition.text,
    shape: `${list(columns)} ${place} ${list(parentColumns)}${actionsShape(actions)}`,
  };
}

function columnNames(words: SqlWord[], at: number): string[] {
  return splitWords(insideParentheses(words, at), ",").map((part) => identifierName(part[0]?.text ?? ""));
}

/** RESTRICT and NO ACTION are what happens anyway; which of them is printed differs by version. */
function actionsShape(words: SqlWord[]): string {
  return ["delete", "update"]
    .map((event) => {
      const at = words.findIndex((_, i) => beginsWith(words.slice(i), "on", event));
      const [first, second] = at < 0 ? [] : words.slice(at + 2);
      if (first === undefined || isWord(first, "restrict", "no")) return "";
      const action = isWord(first, "set") ? `set ${second?.text}` : first.text;
      return ` on ${event} ${action.toLowerCase()}`;
    })
    .join("");
}
