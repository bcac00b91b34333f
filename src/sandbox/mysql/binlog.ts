import { ChangeBuffer, type PackedChanges } from "./change-buffer.js";
import { GtidSet } from "./gtid.js";
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
  readonly executed = new GtidSet();
  private readonly transactions: LoggedTransaction[] = [];
  private readonly waiting = new Set<() => void>();

  append(gtid: string, timestamp: number, changes: PackedChanges): void {
    this.transactions.push(new LoggedTransaction(gtid, timestamp, changes));
    this.executed.add(gtid);
    for (const wake of [...this.waiting]) wake();
  }

  async *from(gtidSet: string, signal: AbortSignal): AsyncIterable<BinlogTransaction> {
    const known = GtidSet.parse(gtidSet);
    for (let next = 0; !signal.aborted; ) {
      const transaction = this.transactions[next];
      if (transaction === undefined) {
        await this.nextCommit(signal);
        continue;
      }
      next++;
      if (!known.has(transaction.gtid)) yield transaction;
    }
  }

  /** Resolves when `gtidSet` is executed; rejects with the signal's reason. */
  async waitFor(gtidSet: string, signal: AbortSignal): Promise<void> {
    const wanted = GtidSet.parse(gtidSet);
    while (!this.executed.contains(wanted)) {
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
