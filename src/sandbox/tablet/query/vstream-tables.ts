/** VStreamTables: every table's rows in key order, all of them from one snapshot (vstreamer/tablestreamer.go, v18). */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeRow } from "../../../wire/result.js";
import { quoteIdentifier } from "../../../wire/sql.js";
import type { StreamMethod } from "../server.js";
import type { TabletState } from "../state.js";
import { planQuery } from "../vstream/plan.js";
import { isInternalTable } from "../vstream/rules.js";
import { readSnapshot } from "../vstream/snapshot.js";
import { whenFree } from "../when-free.js";
import { streamFailure } from "./failures.js";
import { verifyTarget } from "./target.js";
import { keyField, take } from "./vstream-rows.js";

type Response = MessageInput<"binlogdata.VStreamTablesResponse">;

export function vstreamTables(
  state: TabletState,
): StreamMethod<MessageOutput<"binlogdata.VStreamTablesRequest">, Response> {
  return async (request, { send, signal }) => {
    verifyTarget(state, request.target);
    try {
      const all = state.mysql.tables(state.dbName).map(({ name }) => name);
      const names = all.filter((name) => !isInternalTable(name));
      const plans = await Promise.all(names.map((name) => planQuery(state, `select * from ${quoteIdentifier(name)}`)));
      const read = () => plans.map((plan) => ({ plan, snapshot: readSnapshot(state, plan, undefined) }));
      const tables = await whenFree(state.mysql, signal, read);
      for (const { plan, snapshot } of take(tables)) {
        const common = { table_name: plan.table.name, gtid: snapshot.position };
        const pkfields = snapshot.keyFields.map((field) => keyField(state, field));
        await send({ ...common, fields: plan.fields, pkfields });
        for (const packet of take(snapshot.packets)) {
          await send({ ...common, rows: packet.rows, lastpk: encodeRow(snapshot.keyOf(packet.last)) });
        }
      }
    } catch (error) {
      throw streamFailure(error);
    }
  };
}
