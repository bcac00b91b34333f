/**
 * The vindexes that hash one column's value (go/vt/vtgate/vindexes: binary.go, binarymd5.go, hash.go, numeric.go,
 * reverse_bits.go, xxhash.go). v11 to v24 compute the same ids.
 */
import { createCipheriv, createHash } from "node:crypto";
import xxhash from "xxhash-wasm";
import type { ColumnValue, HashFunction } from "./destination.js";
import { bigEndian, parseInt64, parseUint64 } from "./integers.js";

const { h64Raw } = await xxhash();

const nothing = Buffer.alloc(0);

/** XXH64 with seed 0, least significant byte first. */
export function xxhash64(bytes: Buffer): Buffer {
  const hashed = Buffer.alloc(8);
  hashed.writeBigUInt64LE(h64Raw(bytes));
  return hashed;
}

export function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}

/** DES under an all-zero key; triple DES with three equal keys is the same and what OpenSSL 3 still offers. */
export function nullKeyDes(value: bigint): Buffer {
  return nullKeyDesBlocks(bigEndian(value));
}

/** The same for many numbers, 8 bytes each and one behind the other: making a cipher takes longer than using it. */
export function nullKeyDesBlocks(blocks: Buffer): Buffer {
  const cipher = createCipheriv("des-ede3-ecb", Buffer.alloc(24), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** A value as an unsigned number; undefined for NULL too. */
export function unsigned(value: ColumnValue): bigint | undefined {
  return value === null ? undefined : parseUint64(value.toString("latin1"));
}

/**
 * What `hash` encrypts: signed columns are read as signed numbers and wrap; all others, text among them, must be
 * unsigned numbers.
 */
export function hashedNumber(value: ColumnValue, type?: string): bigint | undefined {
  if (value === null) return undefined;
  const text = value.toString("latin1");
  const signed = type === undefined ? text.startsWith("-") : /^INT\d+$/.test(type);
  return signed ? parseInt64(text) : parseUint64(text);
}

const hash: HashFunction = (value, type) => {
  const number = hashedNumber(value, type);
  return number === undefined ? null : nullKeyDes(number);
};

function reverseBits(value: bigint): bigint {
  let reversed = 0n;
  for (let bit = 0n; bit < 64n; bit++) reversed = (reversed << 1n) | ((value >> bit) & 1n);
  return reversed;
}

function ofNumber(map: (value: bigint) => Buffer): HashFunction {
  return (value) => {
    const number = unsigned(value);
    return number === undefined ? null : map(number);
  };
}

/** By vindex type. NULL is the empty string to those that hash bytes, and maps to none with those that want numbers. */
export const hashFunctions: ReadonlyMap<string, HashFunction> = new Map<string, HashFunction>([
  ["binary", (value) => value ?? nothing],
  ["binary_md5", (value) => md5(value ?? nothing)],
  ["hash", hash],
  ["numeric", ofNumber(bigEndian)],
  ["reverse_bits", ofNumber((value) => bigEndian(reverseBits(value)))],
  ["xxhash", (value) => xxhash64(value ?? nothing)],
]);
