import type { Session } from "../../mysql/port.js";
import type { TabletState } from "../state.js";

/** A session in the tablet's database that shows timestamps in UTC, whatever the server's zone (vstreamer/snapshot_conn.go). */
export function streamingSession(state: TabletState): Session {
  const session = state.mysql.session({ database: state.dbName });
  session.execute("set @@session.time_zone = '+00:00'");
  return session;
}
