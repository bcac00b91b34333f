import { insideParentheses, isWord, type SqlWord } from "./sql-words.js";
import { quoted, stringValue } from "./strings.js";

/** Display widths are gone from MySQL 8, except beside ZEROFILL. */
const WIDTH_SAYS_NOTHING = ["tinyint", "smallint", "mediumint", "int", "bigint", "year"];

/** MySQL 8 renamed it. */
const RENAMED: Record<string, string> = { geometrycollection: "geomcollection" };

/** The type that `words` begin with, normalised ("int unsigned", "enum('a','b')"), and how many words it takes. */
export function columnType(words: SqlWord[]): { type: string; length: number } {
  const printed = words[0]?.text.toLowerCase() ?? "";
  let type = RENAMED[printed] ?? printed;
  let length = 1;
  if (words[1]?.text === "(") {
    const inner = insideParentheses(words, 1);
    length = inner.length + 3;
    if (!WIDTH_SAYS_NOTHING.includes(printed)) type += `(${inner.map(argument).join("")})`;
  }
  while (isWord(words[length], "unsigned", "zerofill")) type += ` ${words[length++]?.text.toLowerCase()}`;
  return { type, length };
}

function argument({ text }: SqlWord): string {
  return /^['"]/.test(text) ? quoted(stringValue(text)) : text.toLowerCase();
}
