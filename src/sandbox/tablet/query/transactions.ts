/** Open transactions, each on a session of its own, rolled back when their time is up. */
import { status } from "@grpc/grpc-js";
import type { Session } from "../../mysql/port.js";
import { TabletError } from "../errors.js";
import type { TabletState } from "../state.js";

interface Transaction {
  session: Session;
  timer: NodeJS.Timeout;
}

export class Transactions {
  readonly #open = new Map<string, Transaction>();
  /** Why a transaction is gone, for its owner's next call. */
  readonly #ended = new Map<string, string>();
  #last = Date.now() * 1000;

  constructor(readonly state: TabletState) {}

  begin(): string {
    const session = this.state.mysql.session({ database: this.state.dbName });
    session.execute("begin");
    const id = String(++this.#last);
    const timeout = this.state.timings.transactionTimeoutMs;
    const timer = setTimeout(() => this.#end(id, `exceeded timeout: ${timeout / 1000}s`).close(), timeout);
    this.#open.set(id, { session, timer });
    return id;
  }

  /** The session of an open transaction. */
  session(id: string): Session {
    const transaction = this.#open.get(id);
    if (transaction !== undefined) return transaction.session;
    const reason = this.#ended.get(id) ?? "not found (potential transaction timeout)";
    throw new TabletError(status.ABORTED, `transaction ${id}: ${reason}`);
  }

  commit(id: string): void {
    this.#finish(id, "commit", "transaction committed");
  }

  rollback(id: string): void {
    this.#finish(id, "rollback", "transaction rolled back");
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.#end(id, "the tablet is shutting down").close();
  }

  #finish(id: string, sql: string, reason: string): void {
    this.session(id);
    const session = this.#end(id, reason);
    try {
      session.execute(sql);
    } finally {
      session.close();
    }
  }

  #end(id: string, reason: string): Session {
    const session = this.session(id);
    clearTimeout(this.#open.get(id)?.timer);
    this.#open.delete(id);
    this.#ended.set(id, `ended at ${new Date().toISOString()} (${reason})`);
    const oldest = this.#ended.size > 1000 ? this.#ended.keys().next().value : undefined;
    if (oldest !== undefined) this.#ended.delete(oldest);
    return session;
  }
}
