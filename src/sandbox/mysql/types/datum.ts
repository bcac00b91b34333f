import type { Decimal } from "./decimal.js";
import { formatDouble } from "./double.js";

/** Hex and bit literals, and values of bit columns: numbers in numeric context, bytes elsewhere. */
export class Bits {
  constructor(readonly bytes: Buffer) {}

  toBigInt(): bigint {
    return this.bytes.length === 0 ? 0n : BigInt(`0x${this.bytes.toString("hex")}`);
  }
}

/**
 * A value on its way into a column: bigint for exact integers, number for doubles, string for text and
 * for dates, times, JSON, enum and set members, Buffer for binary strings.
 */
export type Datum = null | bigint | number | string | Buffer | Decimal | Bits;

/** As MySQL shows it where text is wanted. */
export function datumText(datum: Exclude<Datum, null>): string {
  if (typeof datum === "string") return datum;
  if (typeof datum === "number") return formatDouble(datum);
  if (datum instanceof Bits) return datum.bytes.toString("utf8");
  if (Buffer.isBuffer(datum)) return datum.toString("utf8");
  return datum.toString();
}

/** What SQLite keeps: integers as bigint, doubles as number. */
export type Stored = null | bigint | number | string | Uint8Array;

const OFFSET = 1n << 63n;

/** bigint unsigned to the signed integer that keeps its order. */
export function biased(value: bigint): bigint {
  return value - OFFSET;
}

export function unbiased(stored: bigint): bigint {
  return stored + OFFSET;
}
