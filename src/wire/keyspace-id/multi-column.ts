/** Vindexes of several columns (go/vt/vtgate/vindexes: multicol.go since v14, region_experimental.go). */
import { destinationOf, type HashFunction, type MapFunction, rangeOfPrefix, VindexError } from "./destination.js";
import { nullKeyDes, unsigned } from "./hashing.js";
import { bigEndian } from "./integers.js";

export const ID_BYTES = 8;

export interface MulticolParams {
  count: number;
  /** How many bytes of the id each column gives. */
  bytes: number[];
  /** The vindex type that hashes each column. */
  types: string[];
}

/** Throws VindexError for parameters that Vitess refuses, the vindex types aside. */
export function multicolParams(params: Record<string, string>): MulticolParams {
  const count = columnCount(params.column_count);
  return { count, bytes: columnBytes(params.column_bytes, count), types: columnTypes(params.column_vindex, count) };
}

/** The columns' first bytes one behind the other; short ones are filled up with zeros, the last one isn't. */
export function multicol({ count, bytes }: MulticolParams, hashes: readonly HashFunction[]): MapFunction {
  return (values, types) => {
    if (values.length > count) return { kind: "none" };
    const parts: Buffer[] = [];
    for (const [i, value] of values.entries()) {
      const id = hashes[i]?.(value, types?.[i]) ?? null;
      if (id === null) return { kind: "none" };
      const width = Math.max(0, bytes[i] ?? 0);
      const part = id.subarray(0, width);
      const isLast = i === values.length - 1;
      parts.push(isLast ? part : Buffer.concat([part], width));
    }
    const id = Buffer.concat(parts);
    return values.length < count ? rangeOfPrefix(id) : destinationOf(id);
  };
}

/** One or two bytes of the first column's number, then the second column's hash. */
export function regionExperimental({ region_bytes }: Record<string, string>): MapFunction {
  if (region_bytes === undefined) throw new VindexError("region_experimental missing region_bytes param");
  if (region_bytes !== "1" && region_bytes !== "2") {
    throw new VindexError(`region_bytes must be 1 or 2: ${region_bytes}`);
  }
  const width = Number(region_bytes);
  return (values) => {
    const numbers = values.map(unsigned);
    const [region, number] = numbers;
    if (region === undefined || numbers.length > 2) return { kind: "none" };
    const prefix = bigEndian(region).subarray(ID_BYTES - width);
    if (numbers.length === 1) return rangeOfPrefix(prefix);
    return destinationOf(number === undefined ? null : Buffer.concat([prefix, nullKeyDes(number)]));
  };
}

function columnCount(text: string | undefined): number {
  if (text === undefined) throw new VindexError("number of columns not provided in the parameter 'column_count'");
  const count = integer(text);
  if (count < 1 || count > ID_BYTES) {
    throw new VindexError("number of columns should be between 1 and 8 in the parameter 'column_count'");
  }
  return count;
}

/** What isn't given is shared out among the columns without, larger shares first. */
function columnBytes(text: string | undefined, count: number): number[] {
  const given = (text?.split(",") ?? []).map((part) => (part === "" ? undefined : integer(part)));
  if (given.length > count) {
    throw new VindexError("number of column bytes provided are more than column count in the parameter 'column_bytes'");
  }
  const sizes = Array.from({ length: count }, (_, i) => given[i]);
  let pending = sizes.filter((size) => size === undefined).length;
  let left = ID_BYTES - sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (pending > left) {
    throw new VindexError(
      "column bytes count exceeds the keyspace id length (total bytes count cannot exceed 8 bytes) in the parameter 'column_bytes'",
    );
  }
  return sizes.map((size) => {
    if (size !== undefined) return size;
    const share = Math.ceil(left / pending);
    left -= share;
    pending--;
    return share;
  });
}

function columnTypes(text: string | undefined, count: number): string[] {
  const given = text?.split(",") ?? [];
  if (given.length > count) {
    throw new VindexError(
      "number of vindex function provided are more than column count in the parameter 'column_vindex'",
    );
  }
  return Array.from({ length: count }, (_, i) => given[i]?.trim() || "hash");
}

/** As strconv.Atoi. */
function integer(text: string): number {
  if (!/^[-+]?\d+$/.test(text)) throw new VindexError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
