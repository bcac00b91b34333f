/** ReadVReplicationWorkflow and ReadVReplicationWorkflows (go/vt/vttablet/tabletmanager/rpc_vreplication.go). */
import { parseBinlogSource } from "../../../wire/binlog-source.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";
import { parseTabletTypes } from "../vreplication/picker.js";
import type { StreamRow } from "../vreplication/store.js";

type Workflow = MessageInput<"tabletmanagerdata.ReadVReplicationWorkflowResponse">;
type Stream = NonNullable<Workflow["streams"]>[number];

export function readWorkflow(
  state: TabletState,
): UnaryMethod<MessageOutput<"tabletmanagerdata.ReadVReplicationWorkflowRequest">, Workflow> {
  return ({ workflow }) => {
    if (workflow === "") throw new Error("invalid request, no workflow provided");
    const rows = read(state, `where workflow = ${sqlString(workflow)}`);
    return rows.length === 0 ? {} : describe(state, rows);
  };
}

export function readWorkflows(
  state: TabletState,
): UnaryMethod<
  MessageOutput<"tabletmanagerdata.ReadVReplicationWorkflowsRequest">,
  MessageInput<"tabletmanagerdata.ReadVReplicationWorkflowsResponse">
> {
  return (request) => {
    const conditions = [`db_name = ${sqlString(state.dbName)}`];
    const anyOf = (column: string, values: readonly (string | number)[], not = "") => {
      const list = values.map((value) => sqlString(String(value))).join(", ");
      if (values.length > 0) conditions.push(`${column} ${not}in (${list})`);
    };
    anyOf("id", request.include_ids);
    anyOf("workflow", request.include_workflows);
    anyOf("state", request.include_states);
    anyOf("workflow", request.exclude_workflows, "not ");
    anyOf("state", request.exclude_states, "not ");
    if (request.exclude_frozen) conditions.push("message <> 'FROZEN'");
    const byName = new Map<string, StreamRow[]>();
    for (const row of read(state, `where ${conditions.join(" and ")} order by workflow, id`)) {
      const name = row.workflow ?? "";
      byName.set(name, [...(byName.get(name) ?? []), row]);
    }
    return { workflows: [...byName.values()].map((rows) => describe(state, rows)) };
  };
}

function read(state: TabletState, where: string): StreamRow[] {
  const session = state.mysql.session({ database: state.dbName });
  try {
    return records(session.execute(`select * from _vt.vreplication ${where}`));
  } finally {
    session.close();
  }
}

const workflowTypes = ["Materialize", "MoveTables", "CreateLookupIndex", "Migrate", "Reshard", "OnlineDDL"] as const;
const subTypes = ["None", "Partial", "AtomicCopy"] as const;

/** What the streams of a workflow share is taken from the first. */
function describe(state: TabletState, rows: StreamRow[]): Workflow {
  const first = rows[0] ?? {};
  const types = parseTabletTypes(first.tablet_types || state.profile.picker.defaultTypes, state.profile);
  return {
    workflow: first.workflow ?? "",
    cells: first.cell ?? "",
    tablet_types: types.types,
    tablet_selection_preference: types.inOrder ? "INORDER" : "ANY",
    db_name: first.db_name ?? "",
    tags: first.tags ?? "",
    workflow_type: workflowTypes[Number(first.workflow_type)] ?? "Materialize",
    workflow_sub_type: subTypes[Number(first.workflow_sub_type)] ?? "None",
    defer_secondary_keys: first.defer_secondary_keys === "1",
    options: first.options ?? "",
    streams: rows.map(stream),
  };
}

function stream(row: StreamRow): Stream {
  const source = parseBinlogSource(row.source ?? "");
  const seconds = (column: string) => ({ seconds: row[column] ?? "0" });
  return {
    id: Number(row.id),
    bls: {
      keyspace: source.keyspace,
      shard: source.shard,
      filter: source.filter,
      on_ddl: source.onDdl,
      stop_after_copy: source.stopAfterCopy,
      external_cluster: source.externalCluster,
      source_time_zone: source.sourceTimeZone,
      target_time_zone: source.targetTimeZone,
    },
    pos: row.pos ?? "",
    stop_pos: row.stop_pos ?? "",
    max_tps: row.max_tps ?? "0",
    max_replication_lag: row.max_replication_lag ?? "0",
    time_updated: seconds("time_updated"),
    transaction_timestamp: seconds("transaction_timestamp"),
    state: row.state as Stream["state"] & string,
    message: row.message ?? "",
    rows_copied: row.rows_copied ?? "0",
    time_heartbeat: seconds("time_heartbeat"),
    time_throttled: seconds("time_throttled"),
    component_throttled: row.component_throttled ?? "",
  };
}
