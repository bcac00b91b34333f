/** A replica's MySQL is super_read_only: only its SQL thread writes. */
import { MysqlError } from "../mysql/port.js";
import type { TabletState } from "./state.js";

const writes = /^\s*(?:\/\*[\s\S]*?\*\/\s*)*(insert|update|delete|replace|create|alter|drop|truncate|rename|load)\b/i;

/** Throws MysqlError 1290 for a write on a replica. */
export function refuseWrites(state: TabletState, sql: string): void {
  if (state.type === "PRIMARY" || !writes.test(sql)) return;
  const text = "The MySQL server is running with the --super-read-only option so it cannot execute this statement";
  throw new MysqlError(1290, "HY000", text);
}
