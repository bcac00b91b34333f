import { errors } from "../errors.js";
import type { Event, KeyValue } from "../messages.js";
import { type Interval, type KeyString, single } from "./interval.js";
import { KeyIndex } from "./key-index.js";
import { type CommittedChange, WriteTxn } from "./write-txn.js";

export type CommitListener = (revision: number, changes: readonly CommittedChange[]) => void;

/** What reads need, of the store as it is or of a transaction that is being written. */
export interface ReadView {
  /** The newest revision that can be read. */
  readonly revision: number;
  /** Key-values as of `revision` (0 or less: the newest). Errors: futureRevision, compacted. */
  range(range: Interval, revision?: number): KeyValue[];
}

/**
 * Every key's history, as etcd keeps it (server/mvcc/kvstore.go, v3.5): each write transaction is one
 * revision, the first is 2; old revisions stay readable until they are compacted.
 */
export class Store implements ReadView {
  readonly #index = new KeyIndex();
  readonly #listeners = new Set<CommitListener>();
  /** Events by revision; the first element belongs to #logStart. */
  #log: Event[][] = [];
  #logStart = 2;
  #revision = 1;
  #compactRevision = -1;

  get revision(): number {
    return this.#revision;
  }

  /** The last compacted revision, which is itself still readable; -1 before the first compaction. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  range(range: Interval, revision = 0): KeyValue[] {
    return this.#rangeAsOf(range, revision, this.#revision);
  }

  get(key: KeyString, revision = 0): KeyValue | undefined {
    return this.range(single(key), revision)[0];
  }

  /** One revision for everything `body` writes, none when it writes nothing. `body` must not fail after its first write. */
  write<T>(body: (txn: WriteTxn, view: ReadView) => T): T {
    const txn = new WriteTxn(this.#revision, this.#index);
    const rangeAsOf = this.#rangeAsOf.bind(this);
    const view: ReadView = {
      get revision() {
        return txn.revision;
      },
      range: (range, revision = 0) => rangeAsOf(range, revision, txn.revision),
    };
    const result = body(txn, view);
    if (txn.changes.length > 0) {
      this.#revision++;
      this.#log.push(txn.changes.map((change) => change.event));
      for (const listener of this.#listeners) {
        listener(this.#revision, txn.changes);
      }
    }
    return result;
  }

  /** Errors: compacted when that was done already, futureRevision. */
  compact(revision: number): void {
    if (revision <= this.#compactRevision) {
      throw errors.compacted();
    }
    if (revision > this.#revision) {
      throw errors.futureRevision();
    }
    this.#compactRevision = revision;
    this.#index.compact(revision);
    // A watcher may still start at the compacted revision itself.
    this.#log.splice(0, Math.max(0, revision - this.#logStart));
    this.#logStart = Math.max(this.#logStart, revision);
  }

  /** The events from `revision` on, one array per revision; the caller has looked at compactRevision. */
  eventsFrom(revision: number): readonly (readonly Event[])[] {
    return this.#log.slice(Math.max(0, revision - this.#logStart));
  }

  /** Called after each commit, in the same tick; returns the function that ends it. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #rangeAsOf(range: Interval, revision: number, newest: number): KeyValue[] {
    if (revision > newest) {
      throw errors.futureRevision();
    }
    const wanted = revision <= 0 ? newest : revision;
    if (wanted < this.#compactRevision) {
      throw errors.compacted();
    }
    return [...this.#index.range(range, wanted)];
  }
}
