/** VStreamResults: any SELECT in a snapshot whose position comes first. */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { quoteIdentifierIfNeeded } from "../../../wire/sql.js";
import { MysqlError } from "../../mysql/port.js";
import { StatementError } from "../errors.js";
import type { StreamMethod } from "../server.js";
import { parseSql } from "../sql.js";
import type { TabletState } from "../state.js";
import { Packets } from "../vstream/packets.js";
import { resultsSession } from "../vstream/session.js";
import { whenFree } from "../when-free.js";
import { streamFailure } from "./failures.js";
import { verifyTarget } from "./target.js";

export function vstreamResults(
  state: TabletState,
): StreamMethod<MessageOutput<"binlogdata.VStreamResultsRequest">, MessageInput<"binlogdata.VStreamResultsResponse">> {
  return async (request, { send, signal }) => {
    verifyTarget(state, request.target);
    try {
      requireOneTable(state, request.query);
      const { position, fields, packets } = await snapshot(state, request.query, signal);
      await send({ fields, gtid: position });
      for (let packet = packets.shift(); packet !== undefined; packet = packets.shift()) {
        await send({ rows: packet.rows });
      }
    } catch (error) {
      throw streamFailure(error);
    }
  };
}

/** The query goes to MySQL as it is, but it must read a single table (planbuilder.go, analyzeSelect). */
function requireOneTable(state: TabletState, query: string): void {
  const statement = parseSql(query);
  const from = statement.kind === "query" && statement.query.kind === "select" ? statement.query.from : undefined;
  if (from?.kind !== "table") throw new Error(`unsupported: ${query}`);
  const { name } = from.name;
  if (state.mysql.table(state.dbName, name) === undefined) {
    const missing = new MysqlError(1146, "42S02", `Table '${state.dbName}.${name}' doesn't exist`);
    throw new StatementError(missing, `lock tables ${quoteIdentifierIfNeeded(name)} read`);
  }
}

/** Waits for the table's lock, which others' transactions may hold; MySQL's errors become StatementErrors behind that. */
async function snapshot(state: TabletState, query: string, signal: AbortSignal): Promise<ReturnType<typeof read>> {
  try {
    return await whenFree(state.mysql, signal, () => read(state, query));
  } catch (error) {
    throw error instanceof MysqlError ? new StatementError(error, query) : error;
  }
}

/** Position and rows are taken in one turn of the event loop, so that nothing commits in between. */
function read(state: TabletState, query: string) {
  const session = resultsSession(state);
  try {
    const position = state.position;
    const result = session.execute(query);
    const packets = new Packets();
    for (const row of result.rows) packets.add(row);
    return { position, fields: result.fields, packets: packets.finish() };
  } finally {
    session.close();
  }
}
