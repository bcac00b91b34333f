import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { Decimal } from "../../mysql/types/decimal.js";

const numeric = /^(U?INT(8|16|24|32|64)|DECIMAL|YEAR)$/;
const floating = /^FLOAT(32|64)$/;
/** Printed so that earlier is smaller, byte for byte; TIME isn't, for its signs and its hours of three digits. */
const bytewise = /^(DATE|DATETIME|TIMESTAMP|BINARY|VARBINARY|BLOB|BIT)$/;

/** The type alone says how its values are ordered. Text needs its collation for that. */
export function isOrderedByBytes({ type }: Field__Output): boolean {
  return numeric.test(String(type)) || floating.test(String(type)) || bytewise.test(String(type));
}

/** Ordered by what weight_string makes of them. */
export function isText({ type }: Field__Output): boolean {
  return /^(CHAR|VARCHAR|TEXT)$/.test(String(type));
}

/** Below 0 when `a` comes first; NULL comes before everything. */
export function compareValues(a: Value, b: Value, { type }: Field__Output): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (floating.test(String(type))) return Number(a) - Number(b);
  if (!numeric.test(String(type))) return a.compare(b);
  const [left, right] = [Decimal.parse(a.toString("latin1")), Decimal.parse(b.toString("latin1"))];
  return left === undefined || right === undefined ? a.compare(b) : left.compare(right);
}
