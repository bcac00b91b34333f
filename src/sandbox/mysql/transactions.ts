/**
 * One SQLite connection serves all sessions, so a transaction that has written excludes every other
 * session until it ends: the others get MySQL's lock wait timeout, or wait first (`whenFree`).
 */
import type { Table } from "./catalog.js";
import { ChangeBuffer } from "./change-buffer.js";
import type { Engine } from "./engine.js";
import { errors } from "./errors.js";

/** Whoever holds a transaction open: a session, or a replica's applier. */
export type Owner = object;

export class Transactions {
  private owner: Owner | undefined;
  private changes = new ChangeBuffer();
  private readonly bytes = new Map<Table, number>();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly engine: Engine,
    private readonly logCommit: (changes: ChangeBuffer, gtid: string | undefined) => void,
  ) {}

  /** Throws MysqlError 1205 when somebody else's transaction is open. */
  check(owner: Owner): void {
    if (this.owner !== undefined && this.owner !== owner) throw errors.lockWait();
  }

  isOpen(owner: Owner): boolean {
    return this.owner === owner;
  }

  isFree(owner: Owner): boolean {
    return this.owner === undefined || this.owner === owner;
  }

  /** Resolves at the end of the transaction that is open now, or when the signal aborts. */
  nextEnd(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  begin(owner: Owner): void {
    this.check(owner);
    if (this.owner === owner) return;
    this.engine.exec("BEGIN");
    this.owner = owner;
  }

  /** Runs one writing statement: all of it happens, or nothing. */
  statement<T>(owner: Owner, action: () => T): T {
    const isFirst = !this.isOpen(owner);
    this.begin(owner);
    if (isFirst) {
      try {
        return action();
      } catch (error) {
        // A transaction of one statement that failed is none.
        this.rollback(owner);
        throw error;
      }
    }
    const mark = this.changes.mark;
    const bytes = new Map(this.bytes);
    this.engine.exec("SAVEPOINT statement");
    try {
      const result = action();
      this.engine.exec("RELEASE statement");
      return result;
    } catch (error) {
      this.engine.exec("ROLLBACK TO statement");
      this.engine.exec("RELEASE statement");
      this.changes.truncate(mark);
      this.restoreBytes(bytes);
      throw error;
    }
  }

  private restoreBytes(bytes: Map<Table, number>): void {
    this.bytes.clear();
    for (const [table, count] of bytes) this.bytes.set(table, count);
  }

  private readonly marks = new Map<string, ChangeBuffer["mark"]>();

  /** SAVEPOINT of the open transaction; one of the same name is replaced. */
  mark(name: string): void {
    this.engine.exec(`SAVEPOINT ${savepointName(name)}`);
    this.marks.set(name, this.changes.mark);
  }

  rollbackTo(name: string): void {
    this.engine.exec(`ROLLBACK TO ${savepointName(name)}`);
    const mark = this.marks.get(name);
    if (mark) this.changes.truncate(mark);
  }

  get log(): ChangeBuffer {
    return this.changes;
  }

  /** Counts what a row adds to its table, or takes away. */
  addBytes(table: Table, count: number): void {
    this.bytes.set(table, (this.bytes.get(table) ?? 0) + count);
  }

  /** `gtid` is given when another server's transaction is applied. */
  commit(owner: Owner, gtid?: string): void {
    if (this.owner !== owner) {
      if (gtid !== undefined) this.logCommit(this.changes, gtid);
      return;
    }
    this.engine.exec("COMMIT");
    for (const [table, count] of this.bytes) table.dataBytes = Math.max(0, table.dataBytes + count);
    const changes = this.changes;
    this.end();
    this.logCommit(changes, gtid);
  }

  rollback(owner: Owner): void {
    if (this.owner !== owner) return;
    this.engine.exec("ROLLBACK");
    this.end();
  }

  private end(): void {
    this.owner = undefined;
    this.marks.clear();
    this.changes = new ChangeBuffer();
    this.bytes.clear();
    for (const wake of [...this.waiting]) wake();
  }
}

/** SQLite's savepoints need a name that can't be "statement". */
function savepointName(name: string): string {
  return `"user ${name.replaceAll('"', '""')}"`;
}
