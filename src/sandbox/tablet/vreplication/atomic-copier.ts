/**
 * The copy phase of `workflow_sub_type` 2: all tables from one snapshot, one after the other, without catching up in
 * between (vreplication/vcopier_atomic.go, v18). Filters aren't heard; deferred keys don't come back.
 */
import { decodeRow } from "../../../wire/result.js";
import { queryFor } from "../vstream/rules.js";
import type { TablePlan } from "./apply.js";
import { writeBatch } from "./copier.js";
import { type LastKey, removeTable } from "./copy-state.js";
import { planTable, type StreamContext } from "./stream.js";

/** Resolves when every table is copied and the snapshot's position saved. An interrupted copy can't go on. */
export async function copyAllTables(stream: StreamContext, signal: AbortSignal): Promise<void> {
  const { store, id, rowsCopied } = stream;
  let current: { name: string; plan: TablePlan; keyFields: LastKey["fields"] } | undefined;
  let position = "";
  for await (const message of stream.source.vstreamTables({ target: stream.target }, signal)) {
    position = message.gtid;
    if (message.table_name !== current?.name) {
      if (current !== undefined) removeTable(store, id, current.name);
      const plan = planFor(stream, message.table_name, message.fields);
      current = { name: message.table_name, plan, keyFields: message.pkfields };
    }
    if (message.rows.length === 0) continue;
    if (message.lastpk === null) throw new Error("rows without lastpk");
    const key = { fields: current.keyFields, row: decodeRow(message.lastpk) };
    writeBatch(stream, current.plan, message.rows.map(decodeRow), key);
  }
  signal.throwIfAborted();
  store.transaction(() => {
    if (current !== undefined) removeTable(store, id, current.name);
    store.savePosition(id, position);
    store.execute(`update _vt.vreplication set rows_copied = ${rowsCopied.count} where id = ${id}`);
  });
}

function planFor(stream: StreamContext, name: string, fields: LastKey["fields"]): TablePlan {
  const { mysql, dbName } = stream.store.state;
  const table = mysql.table(dbName, name);
  if (table === undefined || queryFor(stream.rules, name) === undefined) {
    throw new Error(`plan not found for table: ${name}`);
  }
  return planTable(stream, table, fields);
}
