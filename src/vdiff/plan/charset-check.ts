import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { SideFields } from "../compare/samples.js";

/**
 * Collation ids of utf8mb3: 33 utf8_general_ci, 83 utf8_bin, 76 utf8_tolower_ci, 192 to 215 and 223 the others. Types don't
 * tell: text with a `_bin` collation comes as VARBINARY or BLOB. Values that aren't text have 63.
 */
export function isUtf8mb3({ charset }: Field): boolean {
  return charset === 33 || charset === 83 || charset === 76 || (charset >= 192 && charset <= 215) || charset === 223;
}

/**
 * For text that comes as utf8mb3 all the same, where a character of four bytes is a question mark: it is selected as bytes
 * if the application's connections are in utf8mb3 (connection-charset.ts), but VStreamResults has a connection of another
 * user, whose character set may be another one (--db-config-filtered-charset; init_connect). Undefined when neither side
 * does that.
 */
export function charsetWarning({ source, target }: SideFields): string | undefined {
  const sides = [...(source.some(isUtf8mb3) ? ["source"] : []), ...(target.some(isUtf8mb3) ? ["target"] : [])];
  if (sides.length === 0) return undefined;
  const who = sides.length === 2 ? "the tablets of both sides send" : `the ${sides[0]}'s tablet sends`;
  const effect =
    sides.length === 2 ? "rows that differ only in them pass for equal" : "rows that have them pass for different";
  return `${who} text as utf8mb3, with "?" for emoji and other characters of four bytes: ${effect}`;
}
