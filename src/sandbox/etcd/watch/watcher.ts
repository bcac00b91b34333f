import { type Event, EventType, FilterType, type Int64, type WatchCreateRequest } from "../messages.js";
import { contains, type Interval, interval, keyString } from "../mvcc/interval.js";
import type { Store } from "../mvcc/store.js";

/** Stands for an empty key. */
export const smallestKey = Buffer.from([0]);

/** One watcher of a stream: which events it wants, from which revision on, and in which shape. */
export class Watcher {
  readonly range: Interval;
  readonly progressNotify: boolean;
  /** Whether something was sent since the last progress tick. */
  recentlySent = false;
  readonly #filters: readonly number[];
  readonly #prevKv: boolean;

  /** `from`: the first revision whose events it gets. */
  constructor(
    readonly id: Int64,
    request: WatchCreateRequest,
    readonly from: number,
  ) {
    this.range = watchedRange(request);
    this.progressNotify = request.progress_notify ?? false;
    this.#filters = request.filters;
    this.#prevKv = request.prev_kv ?? false;
  }

  /** Its share of some revisions' events. */
  select(events: readonly Event[], store: Store): Event[] {
    const wanted = events.filter((event) => this.#wants(event));
    return this.#prevKv ? wanted.map((event) => ({ ...event, prev_kv: previous(event, store) })) : wanted;
  }

  #wants({ type, kv }: Event): boolean {
    if (kv.mod_revision < this.from || !contains(this.range, keyString(kv.key))) {
      return false;
    }
    return !this.#filters.includes(type === EventType.put ? FilterType.noPut : FilterType.noDelete);
  }
}

/** An empty key means the smallest one, an empty range_end none (api/v3rpc/watch.go, recvLoop). */
export function watchedRange({ key, range_end: rangeEnd }: WatchCreateRequest): Interval {
  return interval(key?.length ? key : smallestKey, rangeEnd?.length ? rangeEnd : undefined);
}

/** What the key was before; nothing when the event created it or the revision before was compacted. */
function previous({ type, kv }: Event, store: Store): Event["prev_kv"] {
  const created = type === EventType.put && kv.create_revision === kv.mod_revision;
  if (created || kv.mod_revision - 1 < store.compactRevision) {
    return undefined;
  }
  return store.get(keyString(kv.key), kv.mod_revision - 1);
}
