/** ExecuteFetchAsDba, ExecuteFetchAsAllPrivs, ExecuteFetchAsApp (go/vt/vttablet/tabletmanager/rpc_query.go). */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeResult, type ResultSet } from "../../../wire/result.js";
import { MysqlError } from "../../mysql/port.js";
import { mysqlErrorText } from "../errors.js";
import { refuseWrites } from "../read-only.js";
import { splitScript } from "../script.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";
import { tabletSession } from "../vstream/session.js";

type Name = "ExecuteFetchAsDba" | "ExecuteFetchAsAllPrivs" | "ExecuteFetchAsApp";
type Method<N extends Name> = UnaryMethod<
  MessageOutput<`tabletmanagerdata.${N}Request`>,
  MessageInput<`tabletmanagerdata.${N}Response`>
>;

export function executeFetchAsDba(state: TabletState): Method<"ExecuteFetchAsDba"> {
  return async (request, { signal }) => {
    const sql = request.query.toString("utf8");
    requireOneStatement(state, sql);
    const settings = [
      ...(request.disable_binlogs ? ["SET sql_log_bin = OFF"] : []),
      ...(request.disable_foreign_key_checks ? ["SET SESSION foreign_key_checks = OFF"] : []),
    ];
    return { result: await run(state, sql, request.db_name, Number(request.max_rows), settings, signal) };
  };
}

export function executeFetchAsAllPrivs(state: TabletState): Method<"ExecuteFetchAsAllPrivs"> {
  return async ({ query, db_name: database, max_rows: rows }, { signal }) => ({
    result: await run(state, query.toString("utf8"), database, Number(rows), [], signal),
  });
}

/** No database is selected on the application's connection. */
export function executeFetchAsApp(state: TabletState): Method<"ExecuteFetchAsApp"> {
  return async ({ query, max_rows: rows }, { signal }) => ({
    result: await run(state, query.toString("utf8"), "", Number(rows), [], signal),
  });
}

/** Newer versions split the query, and take several statements only if all of them create something. */
function requireOneStatement(state: TabletState, sql: string): void {
  const statements = splitScript(sql);
  if (statements.length <= 1 || state.profile.applySchema.throughMysqlClient) return;
  if (statements.every((statement) => /^create\s+(?:or\s+replace\s+)?(?:table|view)\b/i.test(statement.sql))) return;
  throw new Error(
    "multi statement queries are not supported in ExecuteFetchAsDba unless all are CREATE TABLE or CREATE VIEW",
  );
}

async function run(
  state: TabletState,
  sql: string,
  database: string,
  maxRows: number,
  settings: string[],
  signal: AbortSignal,
) {
  const session = tabletSession(state, database === "" ? {} : { database });
  let result: ResultSet | undefined;
  try {
    for (const setting of settings) session.execute(setting);
    for (const statement of splitScript(sql)) {
      refuseWrites(state, statement.sql);
      result = await session.executeWhenFree(statement.sql, signal);
    }
  } catch (error) {
    throw error instanceof MysqlError ? new Error(`${mysqlErrorText(error)} during query: ${sql}`) : error;
  } finally {
    session.close();
  }
  if (result === undefined) throw new Error("Query was empty (errno 1065) (sqlstate 42000)");
  if (result.rows.length > maxRows) throw new Error(`Row count exceeded ${maxRows} (errno 10001) (sqlstate HY000)`);
  return encodeResult(result);
}
