import { type GtidSet, gtidSetContains, gtidSetUnion, parseGtidSet } from "../../wire/gtid-set.js";
import { ChangeBuffer, type PackedChanges } from "./change-buffer.js";
import type { Binlog, BinlogTransaction } from "./port.js";

class LoggedTransaction implements BinlogTransaction {
  constructor(
    readonly gtid: string,
    readonly timestamp: number,
    private readonly packed: PackedChanges,
  ) {}

  get events(): BinlogTransaction["events"] {
    return ChangeBuffer.unpack(this.packed);
  }
}

/** Every transaction that this server has executed, in commit order. */
export class ChangeLog implements Binlog {
  private executedSet: GtidSet = new Map();
  private readonly transactions: LoggedTransaction[] = [];
  private readonly waiting = new Set<() => void>();

  get executed(): GtidSet {
    return this.executedSet;
  }

  has(gtid: string): boolean {
    return gtidSetContains(this.executedSet, parseGtidSet(gtid));
  }

  /** The number of a server's latest transaction; 0 when there is none. */
  last(serverUuid: string): bigint {
    return this.executedSet.get(serverUuid.toLowerCase())?.at(-1)?.last ?? 0n;
  }

  append(gtid: string, timestamp: number, changes: PackedChanges): void {
    this.transactions.push(new LoggedTransaction(gtid, timestamp, changes));
    this.executedSet = gtidSetUnion(this.executedSet, parseGtidSet(gtid));
    for (const wake of [...this.waiting]) wake();
  }

  async *from(gtidSet: string, signal: AbortSignal): AsyncIterable<BinlogTransaction> {
    const known = parseGtidSet(gtidSet);
    for (let next = 0; !signal.aborted; ) {
      const transaction = this.transactions[next];
      if (transaction === undefined) {
        await this.nextCommit(signal);
        continue;
      }
      next++;
      if (!gtidSetContains(known, parseGtidSet(transaction.gtid))) yield transaction;
    }
  }

  /** Resolves when `gtidSet` is executed; rejects with the signal's reason. */
  async waitFor(gtidSet: string, signal: AbortSignal): Promise<void> {
    const wanted = parseGtidSet(gtidSet);
    while (!gtidSetContains(this.executedSet, wanted)) {
      signal.throwIfAborted();
      await this.nextCommit(signal);
    }
  }

  /** Resolves at the next commit, or when the signal aborts. */
  private nextCommit(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
