import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { Value } from "../../wire/result.js";
import { sqlString } from "../../wire/sql.js";
import { isUtf8mb3 } from "../plan/charset-check.js";
import { isQuoted } from "../report.js";

/** A value as SQL (go/sqltypes/value.go, EncodeSQL); bytes that aren't UTF-8 as a hexadecimal literal. */
export function sqlLiteral(value: Value, type: string | number): string {
  if (value === null) return "null";
  if (type === "BIT") return `b'${[...value].map((byte) => byte.toString(2).padStart(8, "0")).join("")}'`;
  return isQuoted(type) ? textLiteral(value) : value.toString("utf8");
}

function textLiteral(value: Buffer): string {
  return isUtf8(value) ? sqlString(value.toString("utf8")) : `X'${value.toString("hex")}'`;
}

function isUtf8(value: Buffer): boolean {
  return Buffer.from(value.toString("utf8")).equals(value);
}

/** A date or a time of day; undefined for dates with zeros, which MySQL in strict mode refuses as literals. */
export function timeLiteral(shown: string): string | undefined {
  return /^\d{4}-/.test(shown) && /-00|^0000/.test(shown) ? undefined : sqlString(shown);
}

/** Types whose values, written as literals, find their row again: no rounding, no conversion between kinds. */
const KINDS = {
  number: /^(U?INT(8|16|24|32|64)|DECIMAL|YEAR)$/,
  date: /^(DATE|DATETIME|TIMESTAMP)$/,
  timeOfDay: /^TIME$/,
  text: /^(CHAR|VARCHAR|TEXT|BINARY|VARBINARY|BLOB|ENUM)$/,
};

function isOfKind(kind: keyof typeof KINDS, sides: readonly Field[]): boolean {
  return sides.every(({ type }) => KINDS[kind].test(String(type)));
}

/**
 * A key's value as a literal that finds its row on both sides, whichever it comes from; undefined where none is certain
 * to.
 */
export function keyLiteral(value: Value, source: Field | undefined, target: Field | undefined): string | undefined {
  const sides = [source, target].filter((field) => field !== undefined);
  if (value === null || sides.length < 2) return undefined;
  const shown = value.toString("latin1");
  if (isOfKind("number", sides)) return /^-?\d+(\.\d+)?$/.test(shown) ? shown : undefined;
  if (isOfKind("date", sides) || isOfKind("timeOfDay", sides)) return timeLiteral(shown);
  return isOfKind("text", sides) && isWhole(value, sides) ? asciiLiteral(value, sides) : undefined;
}

/** In ASCII, which is the same in every character set that a tablet's connection may have. */
function asciiLiteral(value: Buffer, sides: readonly Field[]): string {
  if (value.every((byte) => byte < 0x80)) return sqlString(value.toString("latin1"));
  const isBinary = sides.every(({ charset }) => charset === 63);
  return `${isBinary ? "" : "_utf8mb4 "}X'${value.toString("hex")}'`;
}

/** Not where a question mark may stand for a character of four bytes, or text comes in an unknown character set. */
function isWhole(value: Buffer, sides: readonly Field[]): boolean {
  if (sides.some(isUtf8mb3) && value.includes("?")) return false;
  return isUtf8(value) || sides.every(({ charset }) => charset === 63);
}

/** "(a, b) is one of these", written so that MySQL uses the key: tuples with IN scan the table. */
export function keyCondition(labels: readonly string[], rows: readonly string[][]): string {
  if (labels.length === 1) return `${labels[0]} in (${rows.map(([value]) => value).join(", ")})`;
  return rows.map((row) => `(${labels.map((label, i) => `${label} = ${row[i]}`).join(" and ")})`).join(" or ");
}
