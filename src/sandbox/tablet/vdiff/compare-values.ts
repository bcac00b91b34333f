/** Order and equality of two values, as Vitess's evalengine has them (go/vt/vtgate/evalengine, NullsafeCompare). */
import { isDeepStrictEqual } from "node:util";
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { comparator } from "../../mysql/collations.js";
import { parseTime } from "../../mysql/types/temporal.js";
import { isIntegral, isNumeric } from "../values.js";

export type CompareValues = (a: Value, b: Value) => number;

/**
 * NULL comes first; numbers are compared as numbers, text by the collation if one is named, everything else by its
 * bytes, but for what `byMeaning` is about.
 */
export function valueComparator(a: Field, b: Field, collation: string | undefined, byMeaning: boolean): CompareValues {
  const compare = typedComparator(a, b, collation, byMeaning);
  return (left, right) => {
    if (left === null || right === null) return Number(left !== null) - Number(right !== null);
    return left.equals(right) ? 0 : compare(left, right);
  };
}

function typedComparator(
  a: Field,
  b: Field,
  collation: string | undefined,
  byMeaning: boolean,
): (a: Buffer, b: Buffer) => number {
  if (isIntegral(a) && isIntegral(b)) return (left, right) => order(BigInt(text(left)), BigInt(text(right)));
  if (a.type === "DECIMAL" && b.type === "DECIMAL") return compareDecimals;
  if (isNumeric(a) || isNumeric(b)) return (left, right) => order(Number(text(left)), Number(text(right)));
  if (byMeaning && a.type === "JSON" && b.type === "JSON") return compareJson;
  if (byMeaning && a.type === "TIME" && b.type === "TIME") return compareTimes;
  return collation === undefined ? Buffer.compare : comparator(collation);
}

/** What is unequal has some order. */
function compareJson(left: Buffer, right: Buffer): number {
  const [a, b] = [left, right].map((json) => JSON.parse(json.toString("utf8")));
  return isDeepStrictEqual(a, b) ? 0 : Buffer.compare(left, right);
}

function compareTimes(left: Buffer, right: Buffer): number {
  return order(parseTime(text(left)) ?? 0n, parseTime(text(right)) ?? 0n);
}

function compareDecimals(left: Buffer, right: Buffer): number {
  const [a, b] = [text(left), text(right)];
  const scale = Math.max(scaleOf(a), scaleOf(b));
  return order(unscaled(a, scale), unscaled(b, scale));
}

function scaleOf(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}

function unscaled(decimal: string, scale: number): bigint {
  return BigInt(decimal.replace(".", "") + "0".repeat(scale - scaleOf(decimal)));
}

function text(value: Buffer): string {
  return value.toString("latin1");
}

function order<T extends bigint | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
