import { isWord, type SqlWord, splitWords, sqlWords } from "./sql-words.js";

/** A SHOW CREATE TABLE text in its parts. */
export interface TableText {
  sql: string;
  /** Columns, keys and constraints, in the text's order. */
  definitions: SqlWord[][];
  /** What stands behind the closing parenthesis: engine, character set, comment, partitions. */
  options: SqlWord[];
}

/**
 * Cuts a CREATE TABLE text as MySQL 5.7 to 9 and MariaDB 10 print it. A text of another kind has no definitions.
 * Quoted names, default values, comments and expressions may hold anything, so lines and commas alone tell nothing.
 */
export function readTableText(sql: string): TableText {
  const words = sqlWords(sql);
  const open = words.findIndex((word) => word.text === "(");
  const close = words.findIndex((word, i) => i > open && word.text === ")" && word.depth === 0);
  if (!isWord(words[0], "create") || open < 0 || close < 0) return { sql, definitions: [], options: [] };
  return { sql, definitions: splitWords(words.slice(open + 1, close), ","), options: words.slice(close + 1) };
}

/** The text of consecutive words, with what stands between them. */
export function textOf(sql: string, words: readonly SqlWord[]): string {
  return sql.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);
}

const NO_COLUMN = [
  "primary",
  "unique",
  "key",
  "index",
  "fulltext",
  "spatial",
  "vector",
  "constraint",
  "foreign",
  "check",
  "period",
];

/** Names are back-quoted, so a column's may be any word. */
export function isColumn(definition: readonly SqlWord[]): boolean {
  return definition.length > 1 && !isWord(definition[0], ...NO_COLUMN);
}
