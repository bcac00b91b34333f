import { quoteIdentifier } from "../wire/sql.js";
import { identifierName, insideParentheses, isWord, type SqlWord, splitWords } from "./sql-words.js";
import { type Definition, readTableText, type TableText } from "./table-text.js";

export interface KeyDefinition {
  kind: "primary" | "unique" | "plain" | "fulltext" | "spatial" | "vector";
  /** "PRIMARY" for the primary key. */
  name: string;
  /** Column names; undefined for an expression. */
  columns: (string | undefined)[];
  /** A part is an expression or only the beginning of a column. */
  partial: boolean;
  /** As the server printed it: "UNIQUE KEY `email` (`email`(10))". */
  text: string;
  /** Kind and parts, normalised: equal for keys that index alike, whatever their names, comments and visibility. */
  shape: string;
}

const KINDS = ["primary", "unique", "fulltext", "spatial", "vector"] as const;

/** The keys of a SHOW CREATE TABLE text, in its order; foreign keys are none. */
export function readKeys({ definitions }: TableText): KeyDefinition[] {
  return definitions.flatMap((definition) => readKey(definition) ?? []);
}

function readKey({ words, text }: Definition): KeyDefinition | undefined {
  const kind = KINDS.find((candidate) => isWord(words[0], candidate)) ?? "plain";
  const at = kind === "plain" ? 0 : 1;
  if (!isWord(words[at], "key", "index")) return undefined;
  const open = words.findIndex((word) => word.text === "(");
  const parts = splitWords(insideParentheses(words, open), ",");
  const columns = parts.map((part) => (part[0]?.text === "(" ? undefined : identifierName(part[0]?.text ?? "")));
  return {
    kind,
    name: kind === "primary" ? "PRIMARY" : identifierName(words[at + 1]?.text ?? ""),
    columns,
    partial: parts.some((part) => part[0]?.text === "(" || part[1]?.text === "("),
    text,
    shape: `${kind} (${parts.map(partShape).join(",")})`,
  };
}

/** Ascending order is what MySQL doesn't print, and what MariaDB does not either. */
function partShape(part: SqlWord[]): string {
  const [column, ...rest] = part;
  const end = rest.filter((word) => !isWord(word, "asc")).map((word) => word.text.toLowerCase());
  if (column?.text === "(") return part.map((word) => word.text).join("");
  return [quoteIdentifier(identifierName(column?.text ?? "")), ...end].join("").replace(/desc$/, " desc");
}

/**
 * Secondary keys that the source's table has and the target's lacks, as the source prints them. A key of another
 * name that indexes the same counts as there.
 */
export function missingKeys(sourceSql: string, targetSql: string): string[] {
  const there = new Set(readKeys(readTableText(targetSql)).map((key) => key.shape));
  return readKeys(readTableText(sourceSql))
    .filter((key) => key.kind !== "primary" && !there.has(key.shape))
    .map((key) => key.text);
}
