/**
 * Key ranges as shard names spell them: "-80", "80-c0", "-" or "0" for everything. `start` is
 * inclusive, `end` exclusive, and empty means unbounded (go/vt/key/key.go).
 */
export interface KeyRange {
  start: Buffer;
  end: Buffer;
}

/** A shard name without a dash ("0") covers everything. Throws SyntaxError for anything else that isn't hexadecimal. */
export function parseKeyRange(shard: string): KeyRange {
  if (!shard.includes("-")) return { start: Buffer.alloc(0), end: Buffer.alloc(0) };
  const parts = /^((?:[0-9a-fA-F]{2})*)-((?:[0-9a-fA-F]{2})*)$/.exec(shard);
  if (parts === null) throw new SyntaxError(`"${shard}" is not a key range`);
  const range = { start: Buffer.from(parts[1] ?? "", "hex"), end: Buffer.from(parts[2] ?? "", "hex") };
  if (range.end.length > 0 && range.start.compare(range.end) >= 0) {
    throw new SyntaxError(`key range "${shard}" ends before it starts`);
  }
  return range;
}

/** Lower-case hexadecimal "start-end"; "-" for a full range (go/vt/key/key.go, KeyRangeString). */
export function formatKeyRange(range: KeyRange): string {
  return `${range.start.toString("hex")}-${range.end.toString("hex")}`;
}

export function isFullKeyRange(range: KeyRange): boolean {
  return range.start.length === 0 && range.end.length === 0;
}

export function keyRangesIntersect(a: KeyRange, b: KeyRange): boolean {
  return isBefore(a.start, b.end) && isBefore(b.start, a.end);
}

export function keyRangeContains(range: KeyRange, keyspaceId: Uint8Array): boolean {
  return !isBeforeBound(keyspaceId, range.start) && isBefore(keyspaceId, range.end);
}

function isBefore(key: Uint8Array, end: Uint8Array): boolean {
  return end.length === 0 || isBeforeBound(key, end);
}

/** Trailing zero bytes of a bound mean nothing: 80 and 8000 are the same place (go/vt/key/key.go, Normalize). */
function isBeforeBound(key: Uint8Array, bound: Uint8Array): boolean {
  for (let i = 0; i < bound.length; i++) {
    const difference = (key[i] ?? 0) - (bound[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
