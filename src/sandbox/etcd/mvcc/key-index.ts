import type { KeyValue } from "../messages.js";
import type { Interval, KeyString } from "./interval.js";

/** What one revision did to a key: a put's key-value, or undefined for a deletion. */
interface Change {
  revision: number;
  kv: KeyValue | undefined;
}

/** Every key's changes, oldest first, and the keys in byte order. */
export class KeyIndex {
  readonly #changes = new Map<KeyString, Change[]>();
  #sorted: KeyString[] = [];

  record(key: KeyString, revision: number, kv: KeyValue | undefined): void {
    const changes = this.#changes.get(key);
    if (changes !== undefined) {
      changes.push({ revision, kv });
      return;
    }
    this.#changes.set(key, [{ revision, kv }]);
    this.#sorted.splice(this.#firstAtLeast(key), 0, key);
  }

  /** The key as of a revision; undefined when it didn't exist then. */
  get(key: KeyString, revision: number): KeyValue | undefined {
    return this.#changes.get(key)?.findLast((change) => change.revision <= revision)?.kv;
  }

  /** Keys that existed at a revision, in byte order. */
  *range(range: Interval, revision: number): Iterable<KeyValue> {
    for (let i = this.#firstAtLeast(range.begin); i < this.#sorted.length; i++) {
      const key = this.#sorted[i];
      if (key === undefined || (range.end !== undefined && key >= range.end)) {
        return;
      }
      const kv = this.get(key, revision);
      if (kv !== undefined) {
        yield kv;
      }
    }
  }

  /** Forgets what can't be seen at `revision` or later. */
  compact(revision: number): void {
    for (const [key, changes] of this.#changes) {
      const visible = changes.findLastIndex((change) => change.revision <= revision);
      if (visible < 0) {
        continue;
      }
      const kept = changes.slice(changes[visible]?.kv === undefined ? visible + 1 : visible);
      if (kept.length > 0) {
        this.#changes.set(key, kept);
      } else {
        this.#changes.delete(key);
      }
    }
    this.#sorted = this.#sorted.filter((key) => this.#changes.has(key));
  }

  #firstAtLeast(key: KeyString): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? "") < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
