/** Numbers as vindexes read them from text (go/mysql/fastparse/fastparse.go, v18; strconv before). */

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Decimal digits between optional white space; undefined for everything else: a sign, a fraction, more than
 * 64 bits. Before v18 white space was refused and a plus sign accepted.
 */
export function parseUint64(text: string): bigint | undefined {
  const digits = /^[ \t-\r]*(\d+)[ \t-\r]*$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return value > MAX_UINT64 ? undefined : value;
}

/** As Go's strconv.ParseInt; undefined for what that refuses. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

/** 8 bytes, most significant first; negative numbers as their two's complement. */
export function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}
