import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Value } from "../../wire/result.js";

/** A row that was kept: its values are in memory of their own. */
export type Row = readonly Value[];

/** How rows of one table are told apart and compared. */
export interface RowShape {
  /** Columns of the key, in key order; every column when no key is unique on both sides. */
  key: number[];
  /** By column: the second look at values whose bytes differ though they may mean the same. */
  canonical: (Canonical | undefined)[];
  /** By column of the key: how its order is guessed. */
  keyOrder: ("integer" | "number" | "bytes")[];
  /** Columns that the target shows converted to the source's time zone. */
  zoned?: number[];
}

/** A form in which equal values have equal bytes. */
export type Canonical = (value: Buffer) => Buffer;

/** Whether all values are the same, or mean the same. */
export function sameRow(a: EncodedRow, b: EncodedRow, shape: RowShape): boolean {
  return a.differingColumns(b).every((i) => meanTheSame(a, b, i, shape));
}

export function sameKey(a: EncodedRow, b: EncodedRow, shape: RowShape): boolean {
  return shape.key.every((i) => a.sameValue(b, i) || meanTheSame(a, b, i, shape));
}

export function sameValue(a: Value, b: Value, canonical: Canonical | undefined): boolean {
  if (a === null || b === null) return a === b;
  if (a.equals(b)) return true;
  return canonical?.(a).equals(canonical(b)) ?? false;
}

/** For values whose bytes differ; most columns have one form only. */
function meanTheSame(a: EncodedRow, b: EncodedRow, i: number, { canonical }: RowShape): boolean {
  return canonical[i] !== undefined && sameValue(a.value(i), b.value(i), canonical[i]);
}

/** The key as a map's key: equal for equal keys, whatever collation the column has. */
export function keyOf(row: EncodedRow, { key, canonical }: RowShape): string {
  let text = "";
  for (const column of key) {
    const value = canonical[column] === undefined ? row.latin1(column) : canonicalText(row, column, canonical[column]);
    text += value === null ? "-" : `${value.length}:${value}`;
  }
  return text;
}

function canonicalText(row: EncodedRow, column: number, canonical: Canonical): string | null {
  const value = row.value(column);
  return value === null ? null : canonical(value).toString("latin1");
}

/** The values of these columns; null in place of the others. */
export function keepRow(row: EncodedRow, columns?: ReadonlySet<number>): Row {
  const values = row.values().map((value, i) => (columns === undefined || columns.has(i) ? value : null));
  const all = Buffer.concat(values.filter((value) => value !== null));
  let at = 0;
  return values.map((value) => {
    if (value === null) return null;
    at += value.length;
    return all.subarray(at - value.length, at);
  });
}
