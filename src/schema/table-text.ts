import { isWord, type SqlWord, sqlWords } from "./sql-words.js";

/** A column, key or constraint of a CREATE TABLE text. */
export interface Definition {
  words: SqlWord[];
  /** As it stands there, without the commas and blanks around it. */
  text: string;
  /** Where the comma before it stands; the opening parenthesis for the first. */
  before: number;
  /** Where its text ends. */
  end: number;
}

/** A SHOW CREATE TABLE text in its parts. */
export interface TableText {
  /** Columns, keys and constraints, in the text's order. */
  definitions: Definition[];
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
  if (!isWord(words[0], "create") || open < 0 || close < 0) return { definitions: [], options: [] };
  const definitions: Definition[] = [];
  let from = open;
  for (let i = open + 1; i <= close; i++) {
    if (i < close && !(words[i]?.text === "," && words[i]?.depth === 1)) continue;
    const before = words[from]?.start ?? 0;
    // Up to the comma, for a version comment's end is no word.
    const text = sql.slice(before + 1, words[i]?.start);
    const end = before + 1 + text.trimEnd().length;
    definitions.push({ words: words.slice(from + 1, i), text: text.trim(), before, end });
    from = i;
  }
  return { definitions, options: words.slice(close + 1) };
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
export function isColumn({ words }: Definition): boolean {
  return words.length > 1 && !isWord(words[0], ...NO_COLUMN);
}
