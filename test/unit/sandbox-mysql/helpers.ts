import { MysqlError, type MysqlServer, type Session } from "../../../src/sandbox/mysql/port.js";
import { createMysqlServer, type MysqlServerOptions } from "../../../src/sandbox/mysql/server.js";
import type { ResultSet } from "../../../src/wire/result.js";

export interface TestServer {
  server: MysqlServer;
  session: Session;
  /** Rows as text. */
  rows(sql: string): (string | null)[][];
  /** The one value of the one row. */
  value(sql: string): string | null | undefined;
  run(sql: string): ResultSet;
  /** "1062 23000 Duplicate entry ..." of a statement that must fail. */
  failure(sql: string): string;
}

/** A server with a database `db`, in which the session stands. */
export async function start(options?: MysqlServerOptions): Promise<TestServer> {
  const server = await createMysqlServer(options);
  server.session().execute("create database db");
  const session = server.session({ database: "db" });
  return { server, ...around(session) };
}

export function around(session: Session): Omit<TestServer, "server"> {
  const rows = (sql: string): (string | null)[][] => text(session.execute(sql));
  return {
    session,
    rows,
    value: (sql) => rows(sql)[0]?.[0],
    run: (sql) => session.execute(sql),
    failure: (sql) => {
      try {
        session.execute(sql);
      } catch (error) {
        if (error instanceof MysqlError) return `${error.errno} ${error.sqlState} ${error.message}`;
        throw error;
      }
      throw new Error(`succeeded: ${sql}`);
    },
  };
}

export function text(result: ResultSet): (string | null)[][] {
  return result.rows.map((row) => row.map((value) => value?.toString("utf8") ?? null));
}
