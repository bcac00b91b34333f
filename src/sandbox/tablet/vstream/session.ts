import type { Session } from "../../mysql/port.js";
import type { TabletState } from "../state.js";

/**
 * A session of the tablet's own. Newer versions ask for a collation that each server of ours knows, so theirs has the
 * server's own character_set_results: utf8mb4, unless a test plays a MariaDB that doesn't know it.
 */
export function tabletSession({ mysql, profile }: TabletState, options?: { database?: string }): Session {
  const session = mysql.session(options);
  if (profile.connectionCharset !== undefined) session.execute(`set names ${profile.connectionCharset}`);
  return session;
}

/** One in the tablet's database that shows timestamps in UTC, whatever the server's zone (vstreamer/snapshot_conn.go). */
export function resultsSession(state: TabletState): Session {
  const session = tabletSession(state, { database: state.dbName });
  session.execute("set @@session.time_zone = '+00:00'");
  return session;
}

/** One that loses nothing of a text either: rows that are copied come as bytes (vstreamer/rowstreamer.go). */
export function copyingSession(state: TabletState): Session {
  const session = resultsSession(state);
  session.execute("set names utf8mb4");
  return session;
}
