/** VStreamRows: a table's rows in key order from a snapshot, resumable behind a key. */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { QueryResult__Output } from "../../../wire/generated/query/QueryResult.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { decodeRow, encodeRow, type Value } from "../../../wire/result.js";
import type { StreamMethod } from "../server.js";
import type { TabletState } from "../state.js";
import { planQuery } from "../vstream/plan.js";
import { readSnapshot } from "../vstream/snapshot.js";
import { whenFree } from "../when-free.js";
import { streamFailure } from "./failures.js";
import { verifyTarget } from "./target.js";

type Response = MessageInput<"binlogdata.VStreamRowsResponse">;

export function vstreamRows(
  state: TabletState,
): StreamMethod<MessageOutput<"binlogdata.VStreamRowsRequest">, Response> {
  return async (request, { send, signal }) => {
    verifyTarget(state, request.target);
    try {
      const plan = await planQuery(state, request.query);
      const after = lastKey(request.lastpk);
      const snapshot = await whenFree(state.mysql, signal, () => readSnapshot(state, plan, after));
      const pkfields = snapshot.keyFields.map((field) => keyField(state, field));
      await send({ fields: plan.fields, pkfields, gtid: snapshot.position });
      for (const packet of take(snapshot.packets)) {
        await send({ rows: packet.rows, lastpk: encodeRow(snapshot.keyOf(packet.last)) });
      }
      if (snapshot.failure !== undefined) throw snapshot.failure.error;
    } catch (error) {
      throw streamFailure(error);
    }
  };
}

/** Packets are let go of as they are sent. */
export function* take<T>(items: T[]): Generator<T> {
  for (let item = items.shift(); item !== undefined; item = items.shift()) yield item;
}

function lastKey(lastpk: QueryResult__Output | null): Value[] | undefined {
  const row = lastpk?.rows[0];
  if (lastpk === null || row === undefined) return undefined;
  if (lastpk.rows.length !== 1) throw new Error(`unexpected lastpk input: ${lastpk.rows.length} rows`);
  return decodeRow(row);
}

/** A key column as each version describes it. */
export function keyField(state: TabletState, { name, type, charset, flags }: Field): Field {
  return state.profile.streams.detailedPkFields ? { name, type, charset, flags } : { name, type };
}
