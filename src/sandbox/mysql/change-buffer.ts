/**
 * The changes of one transaction, packed into one buffer: a million rows as objects would take several
 * times the memory. Rows are unpacked when somebody reads the events.
 */
import type { Value } from "../../wire/result.js";
import type { BinlogEvent } from "./port.js";

const ROW = 0;
const DDL = 1;
const HAS_BEFORE = 1;
const HAS_AFTER = 2;

export class ChangeBuffer {
  private bytes = Buffer.allocUnsafe(256);
  private length = 0;
  private readonly names: { database: string; table: string }[] = [];
  private lastIndex = -1;
  count = 0;

  /** Where a statement's changes begin, for `truncate`. */
  get mark(): { length: number; count: number } {
    return { length: this.length, count: this.count };
  }

  /** Forgets what came behind the mark: the statement was rolled back. */
  truncate(mark: { length: number; count: number }): void {
    this.length = mark.length;
    this.count = mark.count;
  }

  row(
    database: string,
    table: string,
    before: readonly Value[] | undefined,
    after: readonly Value[] | undefined,
  ): void {
    this.reserve(8);
    this.bytes[this.length++] = ROW;
    this.bytes[this.length++] = (before ? HAS_BEFORE : 0) | (after ? HAS_AFTER : 0);
    this.int(this.nameIndex(database, table));
    if (before) this.image(before);
    if (after) this.image(after);
    this.count++;
  }

  ddl(database: string, sql: string): void {
    this.reserve(8);
    this.bytes[this.length++] = DDL;
    this.bytes[this.length++] = 0;
    this.int(this.nameIndex(database, ""));
    this.value(Buffer.from(sql));
    this.count++;
  }

  /** The events, unpacked by each call anew. */
  static unpack(packed: PackedChanges): BinlogEvent[] {
    const { bytes, names } = packed;
    const events: BinlogEvent[] = [];
    let at = 0;
    const value = (): Value => {
      const length = bytes.readInt32LE(at);
      at += 4;
      if (length < 0) return null;
      at += length;
      return bytes.subarray(at - length, at);
    };
    const image = (): Value[] => {
      const count = bytes.readInt32LE(at);
      at += 4;
      return Array.from({ length: count }, value);
    };
    while (at < bytes.length) {
      const kind = bytes[at];
      const flags = bytes[at + 1] ?? 0;
      const name = names[bytes.readInt32LE(at + 2)] ?? { database: "", table: "" };
      at += 6;
      if (kind === DDL) events.push({ kind: "ddl", database: name.database, sql: value()?.toString("utf8") ?? "" });
      else {
        const before = flags & HAS_BEFORE ? image() : undefined;
        const after = flags & HAS_AFTER ? image() : undefined;
        events.push({ kind: "row", database: name.database, table: name.table, before, after });
      }
    }
    return events;
  }

  pack(): PackedChanges {
    return { bytes: Buffer.from(this.bytes.subarray(0, this.length)), names: this.names };
  }

  private nameIndex(database: string, table: string): number {
    const last = this.names[this.lastIndex];
    if (last?.table === table && last.database === database) return this.lastIndex;
    this.lastIndex = this.names.findIndex((name) => name.database === database && name.table === table);
    if (this.lastIndex < 0) this.lastIndex = this.names.push({ database, table }) - 1;
    return this.lastIndex;
  }

  private image(values: readonly Value[]): void {
    this.reserve(4);
    this.int(values.length);
    for (const value of values) this.value(value);
  }

  private value(value: Value): void {
    this.reserve(4 + (value?.length ?? 0));
    this.int(value === null ? -1 : value.length);
    if (value === null) return;
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  private int(value: number): void {
    this.bytes.writeInt32LE(value, this.length);
    this.length += 4;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + size));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

export interface PackedChanges {
  bytes: Buffer;
  names: readonly { database: string; table: string }[];
}
