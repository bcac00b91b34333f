import type { Value } from "../../wire/result.js";
import { sqlString } from "../../wire/sql.js";
import { isQuoted } from "../report.js";

/** A value as SQL (go/sqltypes/value.go, EncodeSQL); bytes that aren't UTF-8 as a hexadecimal literal. */
export function sqlLiteral(value: Value, type: string | number): string {
  if (value === null) return "null";
  if (type === "BIT") return `b'${[...value].map((byte) => byte.toString(2).padStart(8, "0")).join("")}'`;
  const text = value.toString("utf8");
  if (!isQuoted(type)) return text;
  return Buffer.from(text).equals(value) ? sqlString(text) : `X'${value.toString("hex")}'`;
}

/** Types whose values, written as literals, find their row again: no rounding, no conversion between kinds. */
const FINDABLE =
  /^(U?INT(8|16|24|32|64)|DECIMAL|YEAR|CHAR|VARCHAR|TEXT|BINARY|VARBINARY|BLOB|DATE|DATETIME|TIMESTAMP|TIME|ENUM)$/;

export function isFindable(type: string | number): boolean {
  return FINDABLE.test(String(type));
}

/** "(a, b) is one of these", written so that MySQL uses the key: tuples with IN scan the table. */
export function keyCondition(labels: readonly string[], rows: readonly string[][]): string {
  if (labels.length === 1) return `${labels[0]} in (${rows.map(([value]) => value).join(", ")})`;
  return rows.map((row) => `(${labels.map((label, i) => `${label} = ${row[i]}`).join(" and ")})`).join(" or ");
}
