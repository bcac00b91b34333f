/** Key ranges as shard names spell them: "-80", "80-c0", "-" or "0" for everything. Ends are exclusive; "" is unbounded. */
export interface KeyRange {
  start: Buffer;
  end: Buffer;
}

export function parseKeyRange(_shard: string): KeyRange {
  throw new Error("pending");
}

export function formatKeyRange(_range: KeyRange): string {
  throw new Error("pending");
}

export function keyRangesIntersect(_a: KeyRange, _b: KeyRange): boolean {
  throw new Error("pending");
}

export function keyRangeContains(_range: KeyRange, _keyspaceId: Uint8Array): boolean {
  throw new Error("pending");
}

export function isFullKeyRange(_range: KeyRange): boolean {
  throw new Error("pending");
}
