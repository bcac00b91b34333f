/** A replica's replication threads: the primary's binary log, applied after the lag that a test asks for. */
import type { MysqlServer } from "../mysql/port.js";
import type { TabletState } from "./state.js";

/** Runs until the signal aborts. Changing the lag takes effect at once, for what is waiting too. */
export async function followPrimary(primary: MysqlServer, replica: TabletState, signal: AbortSignal): Promise<void> {
  for await (const transaction of primary.binlog.from(replica.mysql.gtidExecuted(), signal)) {
    await delay(Date.now(), replica, signal);
    if (signal.aborted) return;
    replica.mysql.applyTransaction(transaction);
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
