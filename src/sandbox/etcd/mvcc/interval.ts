/**
 * Keys as strings, one character a byte: comparing them with `<` compares bytes, and they can be
 * keys of a Map.
 */
export type KeyString = string;

export function keyString(key: Buffer): KeyString {
  return key.toString("latin1");
}

/** The keys from `begin` up to, but without, `end`; without an end: `begin` and everything after it. */
export interface Interval {
  readonly begin: KeyString;
  readonly end: KeyString | undefined;
}

/**
 * What key and range_end of a request mean: no range_end is that one key, "\0" is every key from `key`
 * on, anything else is [key, range_end) (rpc.proto, RangeRequest.range_end). A range_end that was sent, but
 * is empty, is "every key from `key` on" as well: Go tells nil from empty (seen on etcd 3.4.23), and
 * a client that fills in an empty buffer reads more than it means to.
 */
export function interval(key: Buffer, rangeEnd: Buffer | undefined): Interval {
  const begin = keyString(key);
  if (rangeEnd === undefined) {
    return single(begin);
  }
  if (rangeEnd.length === 0 || (rangeEnd.length === 1 && rangeEnd[0] === 0)) {
    return { begin, end: undefined };
  }
  return { begin, end: keyString(rangeEnd) };
}

export function single(key: KeyString): Interval {
  return { begin: key, end: `${key}\0` };
}

export function contains(range: Interval, key: KeyString): boolean {
  return key >= range.begin && (range.end === undefined || key < range.end);
}
