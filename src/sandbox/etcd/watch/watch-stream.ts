import { status } from "@grpc/grpc-js";
import type { Caller } from "../auth/caller.js";
import { EtcdError } from "../errors.js";
import type { Member } from "../header.js";
import type { Event, Int64, WatchCreateRequest, WatchRequest, WatchResponse } from "../messages.js";
import type { Store } from "../mvcc/store.js";
import { smallestKey, Watcher, watchedRange } from "./watcher.js";

/** A watcher that starts in the past gets the events of so many revisions in one response (mvcc/watcher_group.go). */
const maxBatchRevisions = 1000;
/** What a Go error says of its code (google.golang.org/grpc/codes). */
const goNames = new Map([
  [status.UNAUTHENTICATED, "Unauthenticated"],
  [status.INVALID_ARGUMENT, "InvalidArgument"],
  [status.PERMISSION_DENIED, "PermissionDenied"],
]);
/** The id in answers that belong to no watcher. */
const noWatcher = "-1";

/**
 * The watchers of one gRPC stream (api/v3rpc/watch.go and mvcc/watchable_store.go, v3.5). The events of
 * one revision always come in one response.
 */
export class WatchStream {
  /** Live watchers, and ids whose watcher ended because of a compaction: those stay taken. */
  readonly #watchers = new Map<Int64, Watcher | undefined>();
  #nextId = 0;

  constructor(
    private readonly store: Store,
    private readonly member: Member,
    /** Who watches; throws for one whose token is not valid (any more). */
    private readonly caller: () => Caller,
    private readonly send: (response: WatchResponse) => void,
  ) {}

  receive(request: WatchRequest): void {
    if (request.create_request) {
      this.#create(request.create_request);
    } else if (request.cancel_request) {
      this.#cancel(request.cancel_request.watch_id ?? "0");
    } else if (request.progress_request) {
      this.#answerProgressRequest();
    }
  }

  /** A commit's events, to the watchers that want them. */
  notify(revision: number, events: readonly Event[]): void {
    for (const watcher of this.#live()) {
      this.#sendEvents(watcher, revision, events);
    }
  }

  /** Once per progress interval: watchers that heard nothing since the last time learn the current revision. */
  tick(): void {
    for (const watcher of this.#live()) {
      if (watcher.progressNotify && !watcher.recentlySent) {
        this.send({ header: this.member.header(), watch_id: watcher.id });
      }
      watcher.recentlySent = false;
    }
  }

  #create(request: WatchCreateRequest): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      this.send({
        header: this.member.header(),
        watch_id: noWatcher,
        created: true,
        canceled: true,
        cancel_reason: refusal,
      });
      return;
    }
    const { watch_id: wanted = "0", start_revision: start = "0" } = request;
    const id = wanted === "0" ? this.#freeId() : wanted;
    const watcher = new Watcher(id, request, Number(start) || this.store.revision + 1);
    this.#watchers.set(id, watcher);
    this.send({ header: this.member.header(), watch_id: id, created: true });
    if (watcher.from <= this.store.revision) {
      this.#catchUp(watcher);
    }
  }

  #refusal(request: WatchCreateRequest): string | undefined {
    const denied = this.#denial(request);
    if (denied !== undefined) {
      return denied;
    }
    const { begin, end } = watchedRange(request);
    if (end !== undefined && begin >= end) {
      return "mvcc: watcher range is empty";
    }
    const { watch_id: wanted = "0" } = request;
    if (wanted !== "0" && this.#watchers.has(wanted)) {
      return "mvcc: duplicate watch ID provided on the WatchStream";
    }
    return undefined;
  }

  /** A watcher that was created once goes on, whatever becomes of its token (api/v3rpc/watch.go, isWatchPermitted). */
  #denial({ key, range_end: end }: WatchCreateRequest): string | undefined {
    try {
      this.caller().checkAccess("read", key?.length ? key : smallestKey, end);
      return undefined;
    } catch (error) {
      if (!(error instanceof EtcdError)) {
        throw error;
      }
      return `rpc error: code = ${goNames.get(error.code)} desc = ${error.details}`;
    }
  }

  #catchUp(watcher: Watcher): void {
    const { compactRevision, revision } = this.store;
    if (watcher.from < compactRevision) {
      this.#watchers.set(watcher.id, undefined);
      // etcd leaves the revision out of this answer's header.
      const header = this.member.header(0);
      this.send({ header, watch_id: watcher.id, canceled: true, compact_revision: compactRevision });
      return;
    }
    const missed = this.store
      .eventsFrom(watcher.from)
      .filter((events) => watcher.select(events, this.store).length > 0);
    for (let i = 0; i < missed.length; i += maxBatchRevisions) {
      this.#sendEvents(watcher, revision, missed.slice(i, i + maxBatchRevisions).flat());
    }
  }

  #sendEvents(watcher: Watcher, revision: number, events: readonly Event[]): void {
    const selected = watcher.select(events, this.store);
    if (selected.length === 0) {
      return;
    }
    watcher.recentlySent = true;
    this.send({ header: this.member.header(revision), watch_id: watcher.id, events: selected });
  }

  /** An id that isn't there is passed over in silence. */
  #cancel(id: Int64): void {
    if (this.#watchers.delete(id)) {
      this.send({ header: this.member.header(), watch_id: id, canceled: true });
    }
  }

  #answerProgressRequest(): void {
    const watchers = [...this.#watchers.values()];
    if (watchers.length > 0 && watchers.every((watcher) => watcher !== undefined)) {
      this.send({ header: this.member.header(), watch_id: noWatcher });
    }
  }

  #live(): Watcher[] {
    return [...this.#watchers.values()].filter((watcher) => watcher !== undefined);
  }

  #freeId(): Int64 {
    while (this.#watchers.has(String(this.#nextId))) {
      this.#nextId++;
    }
    return String(this.#nextId++);
  }
}
