import { MysqlError, type MysqlServer } from "../mysql/port.js";

const lockWaitTimeout = 1205;

/**
 * Runs `action` in one turn of the event loop, at a moment when no session's transaction shuts out the
 * others. Rejects with MysqlError 1205 after innodb_lock_wait_timeout, or with the signal's reason.
 */
export async function whenFree<T>(mysql: MysqlServer, signal: AbortSignal, action: () => T): Promise<T> {
  const session = mysql.session();
  try {
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (!(error instanceof MysqlError) || error.errno !== lockWaitTimeout) throw error;
      }
      await session.executeWhenFree("select 1", signal);
    }
  } finally {
    session.close();
  }
}
