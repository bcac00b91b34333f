/** A replica's replication threads: the primary's binary log, applied after the lag that a test asks for. */
import type { BinlogTransaction, MysqlServer } from "../mysql/port.js";
import type { TabletState } from "./state.js";

interface Received {
  transaction: BinlogTransaction;
  /** Milliseconds since the epoch: the lags of transactions that wait together don't add up. */
  arrived: number;
}

/** Runs until the signal aborts. Changing the lag takes effect at once, for what is waiting too. */
export async function followPrimary(primary: MysqlServer, replica: TabletState, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const relayLog: Received[] = [];
  let applying = Promise.resolve();
  const stop = AbortSignal.any([signal, failed.signal]);
  for await (const transaction of primary.binlog.from(replica.mysql.gtidExecuted(), stop)) {
    relayLog.push({ transaction, arrived: Date.now() });
    if (relayLog.length > 1) continue;
    applying = applyAll(relayLog, replica, signal).catch((error: unknown) => failed.abort(error));
  }
  await applying;
  failed.signal.throwIfAborted();
}

/** Empties the relay log, and ends. */
async function applyAll(relayLog: Received[], replica: TabletState, signal: AbortSignal): Promise<void> {
  for (let next = relayLog[0]; next !== undefined; next = relayLog[0]) {
    if (replica.lagMs > 0) await delay(next.arrived, replica, signal);
    if (signal.aborted) return;
    replica.mysql.applyTransaction(next.transaction);
    relayLog.shift();
  }
}

/** Resolves when the lag has passed since `arrived`, or when the signal aborts. */
async function delay(arrived: number, replica: TabletState, signal: AbortSignal): Promise<void> {
  for (;;) {
    const rest = arrived + replica.lagMs - Date.now();
    if (rest <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        forget();
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, rest);
      const forget = replica.onChange(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
