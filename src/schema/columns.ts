import { columnType } from "./column-type.js";
import { beginsWith, identifierName, insideParentheses, isWord, type SqlWord } from "./sql-words.js";
import { isColumn, readTableText, type TableText } from "./table-text.js";

export interface ColumnDefinition {
  name: string;
  /** Normalised, so that MySQL 5.7, MySQL 8 and MariaDB spell equal types alike: "bigint unsigned", "varchar(64)". */
  type: string;
  nullable: boolean;
  /** Of text columns, as far as the statement tells: "utf8mb4_0900_ai_ci", or "latin1 (default)". */
  collation: string | undefined;
  generated: boolean;
  autoIncrement: boolean;
  /** MariaDB's JSON: a longtext that is checked. */
  checkedJson: boolean;
}

const TEXT_TYPE = /^(char|varchar|tinytext|text|mediumtext|longtext|enum|set)\b/;

/**
 * The columns of a SHOW CREATE TABLE text. What GetSchema says in fields alone doesn't tell generated columns and
 * collations.
 */
export function parseColumns(sql: string): ColumnDefinition[] {
  return readColumns(readTableText(sql));
}

export function readColumns({ definitions, options }: TableText): ColumnDefinition[] {
  const fallback = tableCollation(options);
  return definitions.filter(isColumn).map(({ words }) => readColumn(words, fallback));
}

function readColumn(definition: SqlWord[], fallback: string | undefined): ColumnDefinition {
  const name = identifierName(definition[0]?.text ?? "");
  const { type, length } = columnType(definition.slice(1));
  const depth = definition[0]?.depth;
  const rest = definition.slice(1 + length);
  const words = rest.filter((word) => word.depth === depth && !/^['"`]/.test(word.text));
  const after = (...keys: string[]) => {
    const at = words.findIndex((_, i) => beginsWith(words.slice(i), ...keys));
    return at < 0 ? undefined : words[at + keys.length]?.text.toLowerCase();
  };
  const charset = after("character", "set");
  const explicit = after("collate") ?? (charset === undefined ? undefined : `${charset} (default)`);
  return {
    name,
    type,
    nullable: !words.some((_, i) => beginsWith(words.slice(i), "not", "null")),
    collation: TEXT_TYPE.test(type) ? normaliseCollation(explicit ?? fallback) : undefined,
    generated: words.some((word, i) => isWord(word, "as") && (i === 0 || isWord(words[i - 1], "always"))),
    autoIncrement: words.some((word) => isWord(word, "auto_increment")),
    checkedJson: type === "longtext" && hasJsonCheck(rest, name),
  };
}

/** CHECK (json_valid(`name`)) */
function hasJsonCheck(words: SqlWord[], column: string): boolean {
  return words.some((word, i) => {
    if (!isWord(word, "check")) return false;
    const condition = insideParentheses(words, i + 1);
    return isWord(condition[0], "json_valid") && identifierName(condition[2]?.text ?? "") === column;
  });
}

/** MySQL 8.0.24 renamed utf8 to utf8mb3, its collations later, MariaDB in 10.6. */
function normaliseCollation(collation: string | undefined): string | undefined {
  return collation?.replace(/^utf8(?=[_ ])/, "utf8mb3");
}

/** `DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`, either of which may be absent. */
function tableCollation(options: SqlWord[]): string | undefined {
  const value = (key: string) => {
    const at = options.findIndex((word, i) => isWord(word, key) && options[i + 1]?.text === "=");
    return at < 0 ? undefined : options[at + 2]?.text.toLowerCase();
  };
  const charset = value("charset");
  return value("collate") ?? (charset === undefined ? undefined : `${charset} (default)`);
}
