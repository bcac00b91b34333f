import { type Event, EventType, type Int64, type KeyValue } from "../messages.js";
import { type Interval, type KeyString, keyString } from "./interval.js";
import type { KeyIndex } from "./key-index.js";

/** What a commit did to a key, with the key-value it replaced. */
export interface CommittedChange {
  readonly event: Event;
  readonly before: KeyValue | undefined;
}

const noBytes = Buffer.alloc(0);

/** Writes that become one revision: `begin` + 1 (mvcc/kvstore_txn.go, storeTxnWrite). */
export class WriteTxn {
  readonly changes: CommittedChange[] = [];

  constructor(
    readonly begin: number,
    private readonly index: KeyIndex,
  ) {}

  /** The revision that reads inside this transaction see: their own writes included. */
  get revision(): number {
    return this.changes.length > 0 ? this.begin + 1 : this.begin;
  }

  get(key: KeyString): KeyValue | undefined {
    return this.index.get(key, this.revision);
  }

  /** The revision of the write. */
  put(key: Buffer, value: Buffer, lease: Int64): number {
    const name = keyString(key);
    const before = this.get(name);
    const revision = this.begin + 1;
    const kv: KeyValue = {
      key,
      create_revision: before?.create_revision ?? revision,
      mod_revision: revision,
      version: (before?.version ?? 0) + 1,
      value,
      lease,
    };
    this.index.record(name, revision, kv);
    this.changes.push({ event: { type: EventType.put, kv }, before });
    return revision;
  }

  /** The key-values that were deleted, in byte order. */
  delete(range: Interval): KeyValue[] {
    const deleted = [...this.index.range(range, this.revision)];
    const revision = this.begin + 1;
    for (const before of deleted) {
      this.index.record(keyString(before.key), revision, undefined);
      const kv: KeyValue = {
        key: before.key,
        create_revision: 0,
        mod_revision: revision,
        version: 0,
        value: noBytes,
        lease: "0",
      };
      this.changes.push({ event: { type: EventType.delete, kv }, before });
    }
    return deleted;
  }
}
