/** Execute, StreamExecute, Begin, Commit, Rollback (go/vt/vttablet/tabletserver/tabletserver.go). */
import { status } from "@grpc/grpc-js";
import type { BoundQuery__Output } from "../../../wire/generated/query/BoundQuery.js";
import type { ExecuteOptions__Output } from "../../../wire/generated/query/ExecuteOptions.js";
import type { Field } from "../../../wire/generated/query/Field.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeResult, type ResultSet } from "../../../wire/result.js";
import type { TableName } from "../../mysql/parse/ast.js";
import { TabletError } from "../errors.js";
import { refuseWrites } from "../read-only.js";
import type { StreamMethod, UnaryMethod } from "../server.js";
import { tablesOf } from "../sql.js";
import type { TabletState } from "../state.js";
import { Packets } from "../vstream/packets.js";
import { bindVariables } from "./bind.js";
import { queryFailure } from "./failures.js";
import { verifyTarget } from "./target.js";
import type { Transactions } from "./transactions.js";

type Query<Name extends "Execute" | "StreamExecute" | "Begin" | "Commit" | "Rollback"> =
  MessageOutput<`query.${Name}Request`>;
type Unary<Name extends "Execute" | "Begin" | "Commit" | "Rollback"> = UnaryMethod<
  Query<Name>,
  MessageInput<`query.${Name}Response`>
>;

export interface ExecuteMethods {
  Execute: Unary<"Execute">;
  StreamExecute: StreamMethod<Query<"StreamExecute">, MessageInput<"query.StreamExecuteResponse">>;
  Begin: Unary<"Begin">;
  Commit: Unary<"Commit">;
  Rollback: Unary<"Rollback">;
}

export function executeMethods(state: TabletState, transactions: Transactions): ExecuteMethods {
  const run = async (request: Query<"Execute"> | Query<"StreamExecute">, signal: AbortSignal) => {
    verifyTarget(state, request.target);
    const sql = boundSql(request.query);
    refuseDenied(state, sql);
    try {
      refuseWrites(state, sql);
      const result = await execute(state, transactions, request.transaction_id, sql, signal);
      return { ...result, fields: describe(result.fields, request.options) };
    } catch (error) {
      throw queryFailure(error, sql, request.immediate_caller_id?.username);
    }
  };
  return {
    Execute: async (request, { signal }) => ({ result: encodeResult(await run(request, signal)) }),
    async StreamExecute(request, { send, signal }) {
      const result = await run(request, signal);
      await send({ result: { fields: result.fields } });
      const packets = new Packets();
      for (const row of result.rows) packets.add(row);
      for (const { rows } of packets.finish()) await send({ result: { rows } });
    },
    Begin(request) {
      verifyTarget(state, request.target);
      const { cell, uid } = state.identity;
      return { transaction_id: transactions.begin(), tablet_alias: { cell, uid } };
    },
    Commit(request) {
      verifyTarget(state, request.target);
      try {
        transactions.commit(request.transaction_id);
      } catch (error) {
        throw queryFailure(error, "commit");
      }
      return {};
    },
    Rollback(request) {
      verifyTarget(state, request.target);
      transactions.rollback(request.transaction_id);
      return {};
    },
  };
}

function boundSql(query: BoundQuery__Output | null): string {
  if (query === null) throw new TabletError(status.INVALID_ARGUMENT, "query is missing");
  try {
    return bindVariables(query.sql, query.bind_variables);
  } catch (error) {
    throw new TabletError(status.INVALID_ARGUMENT, (error as Error).message);
  }
}

async function execute(
  state: TabletState,
  transactions: Transactions,
  id: string,
  sql: string,
  signal: AbortSignal,
): Promise<ResultSet> {
  if (id !== "0") return transactions.session(id).executeWhenFree(sql, signal);
  const session = state.mysql.session({ database: state.dbName });
  try {
    return await session.executeWhenFree(sql, signal);
  } finally {
    session.close();
  }
}

/** A query rule of the tablet's, one for all denied tables (tabletmanager/tm_state.go, query_engine.go). */
function refuseDenied(state: TabletState, sql: string): void {
  if (state.deniedTables.size === 0) return;
  if (
    tablesRead(sql).some(
      ({ database, name }) => (database ?? state.dbName) === state.dbName && state.deniedTables.has(name),
    )
  ) {
    throw new TabletError(status.FAILED_PRECONDITION, "disallowed due to rule: enforce denied tables");
  }
}

function tablesRead(sql: string): TableName[] {
  try {
    return tablesOf(sql);
  } catch {
    // What the parser doesn't know, MySQL judges.
    return [];
  }
}

/** By default only name and type of a field travel. */
function describe(fields: Field[], options: ExecuteOptions__Output | null): ResultSet["fields"] {
  const shown = {
    ALL: (field: Field) => field,
    TYPE_AND_NAME: ({ name, type }: Field) => ({ name, type }),
    TYPE_ONLY: ({ type }: Field) => ({ type }),
  }[options?.included_fields ?? "TYPE_AND_NAME"];
  return fields.map(shown) as ResultSet["fields"];
}
