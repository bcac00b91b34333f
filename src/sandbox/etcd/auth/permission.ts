import type { Permission } from "../messages.js";
import { type Interval, keyString, single } from "../mvcc/interval.js";

export const PermissionType = { read: 0, write: 1, readWrite: 2 } as const;

export type Access = "read" | "write";

/** The keys of a permission or a request: no range_end is that one key, "\0" is every key from `key` on. */
export function keys(key: Buffer, rangeEnd: Buffer | undefined): Interval {
  const begin = keyString(key);
  if (rangeEnd === undefined || rangeEnd.length === 0) {
    return single(begin);
  }
  return { begin, end: isOpen(rangeEnd) ? undefined : keyString(rangeEnd) };
}

/** server/auth/range_perm_cache.go, isValidPermissionRange, v3.5. */
export function isValid({ key, range_end: rangeEnd }: Permission): boolean {
  if (key.length === 0) {
    return false;
  }
  return rangeEnd.length === 0 || isOpen(rangeEnd) || Buffer.compare(key, rangeEnd) < 0;
}

/** Whether all of the permissions together cover the keys: those of two roles may meet in the middle. */
export function covers(permissions: readonly Permission[], wanted: Interval, access: Access): boolean {
  const other = access === "read" ? PermissionType.write : PermissionType.read;
  const granted = permissions
    .filter(({ permType }) => permType !== other)
    .map(({ key, range_end: rangeEnd }) => keys(key, rangeEnd))
    .sort((a, b) => (a.begin < b.begin ? -1 : 1));
  let covered = wanted.begin;
  for (const { begin, end } of granted) {
    if (begin > covered) {
      return false;
    }
    if (end === undefined) {
      return true;
    }
    covered = end > covered ? end : covered;
    if (wanted.end !== undefined && covered >= wanted.end) {
      return true;
    }
  }
  return false;
}

function isOpen(rangeEnd: Buffer): boolean {
  return rangeEnd.length === 1 && rangeEnd[0] === 0;
}
