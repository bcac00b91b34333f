/** ExecuteFetchAsDba, ExecuteFetchAsAllPrivs, ExecuteFetchAsApp (go/vt/vttablet/tabletmanager/rpc_query.go). */
import { status } from "@grpc/grpc-js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeResult, type ResultSet } from "../../../wire/result.js";
import { MysqlError } from "../../mysql/port.js";
import { mysqlErrorText, rpcErrorText } from "../errors.js";
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
  if (state.profile.applySchema.throughMysqlClient) return;
  const statements = splitScript(sql);
  if (statements.length === 0) throw rpcError(status.INVALID_ARGUMENT, `no statements found in query: ${sql}`);
  if (statements.length === 1) return;
  if (statements.every((statement) => /^create\s+(?:or\s+replace\s+)?(?:table|view)\b/i.test(statement.sql))) return;
  throw rpcError(
    status.INVALID_ARGUMENT,
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
  const mysqlFailure = (text: string) =>
    rpcError(status.UNKNOWN, `${text}${sql === "" ? "" : ` during query: ${sql}`}`);
  let result: ResultSet | undefined;
  try {
    for (const setting of settings) session.execute(setting);
    for (const statement of splitScript(sql)) {
      refuseWrites(state, statement.sql);
      result = await session.executeWhenFree(statement.sql, signal);
    }
  } catch (error) {
    throw error instanceof MysqlError ? mysqlFailure(mysqlErrorText(error)) : error;
  } finally {
    session.close();
  }
  if (result === undefined) throw mysqlFailure("Query was empty (errno 1065) (sqlstate 42000)");
  if (result.rows.length <= maxRows) return encodeResult(result);
  const text = `Row count exceeded ${maxRows}`;
  if (state.profile.rowLimitHasCode) throw rpcError(status.ABORTED, text);
  throw mysqlFailure(`${text} (errno 10001) (sqlstate HY000)`);
}

/** These RPCs alone make gRPC errors of what fails, which the tablet manager then words as any other (grpctmserver/server.go). */
function rpcError(code: status, text: string): Error {
  return new Error(rpcErrorText(code, text));
}
