import type { EncodedRow } from "../../wire/encoded-row.js";
import type { RowShape } from "./row-shape.js";

/**
 * Where a row probably stands in the order in which the server sends rows. Only a hint for reading on: text is compared by
 * bytes, and no collation sorts like that.
 */
export type Place = readonly (number | bigint | string | null)[];

export function placeOf(row: EncodedRow, { key, keyOrder }: RowShape): Place {
  return key.map((column, i) => {
    const text = row.latin1(column);
    if (text === null || keyOrder[i] === "bytes") return text;
    return keyOrder[i] === "integer" ? toInteger(text) : Number(text);
  });
}

/** Negative when `a` comes first. NULL comes before everything. */
export function comparePlaces(a: Place, b: Place): number {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? null, b[i] ?? null];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** Integers of 64 bits are seldom so large that only a BigInt is exact, however long ZEROFILL makes them look. */
function toInteger(text: string): number | bigint {
  const near = Number(text);
  return text.length < 16 || Number.isSafeInteger(near) || !/^-?\d+$/.test(text) ? near : BigInt(text);
}
