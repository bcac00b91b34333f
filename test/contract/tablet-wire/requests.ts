/** What is asked of real tablets when they are recorded, in the state of state.ts. Records are told apart by their names. */
import type { MessageInput } from "../../../src/wire/proto.js";
import { currentId as id, recordedVDiff } from "./state.js";

export interface NamedRequest {
  name: string;
  /** "/tabletmanagerservice.TabletManager/Ping" */
  method: string;
  request: object;
}

const primary = { keyspace: "commerce", shard: "0", tablet_type: "PRIMARY" } as const;
const streamColumns =
  "id, source, pos, stop_pos, max_replication_lag, state, db_name, time_updated, transaction_timestamp, message, " +
  "workflow_type, workflow_sub_type, defer_secondary_keys, rows_copied";

function manager(name: string, method: string, request: object = {}): NamedRequest {
  return { name, method: `/tabletmanagerservice.TabletManager/${method}`, request };
}

const vreplicationExec = (name: string, query: string) => manager(`vrexec_${name}`, "VReplicationExec", { query });
const fetch = (name: string, as: "App" | "Dba", query: string, more: object = {}) =>
  manager(name, `ExecuteFetchAs${as}`, { query: Buffer.from(query), max_rows: 100, ...more });
const dba = { db_name: "vt_commerce" };

function vdiff(name: string, action: string, more: MessageInput<"tabletmanagerdata.VDiffRequest"> = {}): NamedRequest {
  return manager(`vdiff_${name}`, "VDiff", { keyspace: "commerce", workflow: "wf", action, ...more });
}

function stream(name: string, method: string, request: object): NamedRequest {
  return { name, method: `/queryservice.Query/${method}`, request: { target: primary, ...request } };
}

const unknownUuid = "00000000-1111-2222-3333-444444444444";

export const requests: NamedRequest[] = [
  manager("ping", "Ping", { payload: "payload" }),
  manager("get_schema_source_all", "GetSchema", { tables: ["/.*/"] }),
  manager("get_schema_target_one", "GetSchema", { tables: ["notes"] }),
  manager("get_schema_bad_regexp", "GetSchema", { tables: ["/(/"] }),
  vreplicationExec("columns", "select * from _vt.vreplication where id = 0"),
  vreplicationExec("copy_state_columns", "select * from _vt.copy_state where vrepl_id = 0"),
  vreplicationExec("log_columns", "select * from _vt.vreplication_log where vrepl_id = 0"),
  vreplicationExec(
    "select_streams",
    `select ${streamColumns} from _vt.vreplication where workflow='wf' and db_name='vt_commerce'`,
  ),
  vreplicationExec("copy_state", `select vrepl_id, table_name, lastpk from _vt.copy_state where vrepl_id in (${id})`),
  vreplicationExec("exists_none", "select 1 from _vt.vreplication where db_name='vt_commerce' and workflow='absent'"),
  vreplicationExec(
    "update_none",
    "update _vt.vreplication set state='Running' where workflow='absent' and db_name='vt_commerce'",
  ),
  vreplicationExec("delete_none", "delete from _vt.vreplication where workflow='absent' and db_name='vt_commerce'"),
  vreplicationExec("bad_table", "select * from _vt.nope"),
  vreplicationExec("bad_database", "select * from other.vreplication"),
  vreplicationExec("bad_sql", "selekt 1"),
  vreplicationExec("bad_column", "select nope from _vt.vreplication"),
  vreplicationExec("given_id", "insert into _vt.vreplication(id, workflow) values (3, 'x')"),
  vreplicationExec("changed_id", "update _vt.vreplication set id = 3 where id = 2"),
  vreplicationExec("incomplete", "insert into _vt.vreplication(workflow) values ('x')"),
  vreplicationExec("unsupported", "drop table _vt.vreplication"),
  vreplicationExec("log", `select * from _vt.vreplication_log where vrepl_id=${id}`),
  manager("read_vreplication_workflow", "ReadVReplicationWorkflow", { workflow: "wf" }),
  manager("read_vreplication_workflow_unnamed", "ReadVReplicationWorkflow", {}),
  manager("read_vreplication_workflows", "ReadVReplicationWorkflows", {}),
  manager("master_position", "MasterPosition"),
  manager("primary_position", "PrimaryPosition"),
  manager("primary_position_source", "PrimaryPosition"),
  fetch("exec_fetch_as_app", "App", "select convert_tz('2006-01-02 15:04:05', 'US/Pacific', 'UTC')", { max_rows: 1 }),
  fetch(
    "exec_fetch_as_dba_counts",
    "Dba",
    "select table_name, table_rows, data_length from information_schema.tables where table_schema = 'vt_commerce' " +
      "and table_name in ('corder','customer')",
    dba,
  ),
  fetch("exec_fetch_as_app_no_database", "App", "select * from customer"),
  fetch("exec_fetch_as_app_absent", "App", "select * from vt_commerce.nope"),
  fetch("exec_fetch_as_dba_absent", "Dba", "select * from nope", dba),
  fetch("exec_fetch_as_dba_too_many", "Dba", "select * from customer", { ...dba, max_rows: 2 }),
  fetch("exec_fetch_as_dba_script", "Dba", "select 1 from dual; select 2 from dual", dba),
  fetch("exec_fetch_as_dba_update_none", "Dba", "update customer set email = 'x' where customer_id = 99", dba),
  vdiff("show_last", "show", { action_arg: "last" }),
  vdiff("show_all", "show", { action_arg: "all" }),
  vdiff("show_all_of_another", "show", { action_arg: "all", workflow: "absent" }),
  vdiff("show_last_of_another", "show", { action_arg: "last", workflow: "absent" }),
  vdiff("show_unknown", "show", { action_arg: unknownUuid }),
  vdiff("show_nonsense", "show", { action_arg: "nonsense" }),
  vdiff("create_again", "create", recordedVDiff),
  vdiff("stop_unknown", "stop", { vdiff_uuid: unknownUuid }),
  vdiff("resume_unknown", "resume", { vdiff_uuid: unknownUuid }),
  vdiff("delete_unknown", "delete", { action_arg: unknownUuid }),
  vdiff("nonsense", "nonsense"),
  manager("apply_schema_bad", "ApplySchema", { sql: "create table broken (", allow_replication: true }),
  manager("apply_schema_exists", "ApplySchema", {
    sql: "create table customer (id int primary key)",
    allow_replication: true,
  }),
  manager("wait_for_pos_past", "VReplicationWaitForPos", { id, position: "MariaDB/0-1-1" }),
  manager("wait_for_pos_unknown", "VReplicationWaitForPos", { id: 99, position: "MariaDB/0-1-1" }),
  manager("wait_for_pos_nonsense", "VReplicationWaitForPos", { id, position: "nonsense" }),
  stream("vstream_rows_notes", "VStreamRows", {
    effective_caller_id: { principal: "x" },
    query: "select * from notes",
  }),
  stream("vstream_rows_after_notes", "VStreamRows", {
    query: "select name, j from notes",
    lastpk: {
      fields: [{ name: "name", type: "VARCHAR", charset: 45, flags: 20483 }],
      rows: [{ lengths: [5], values: Buffer.from("apple") }],
    },
  }),
  stream("vstream_rows_source_absent", "VStreamRows", { query: "select * from nope" }),
  stream("vstream_rows_source_join", "VStreamRows", { query: "select * from notes as a, product as b" }),
  stream("vstream_rows_source_bad_sql", "VStreamRows", { query: "selekt 1" }),
  stream("vstream_results_notes", "VStreamResults", { query: "select name, body, ts, j from notes order by name" }),
  stream("vstream_results_product_target", "VStreamResults", {
    query: "select sku, description, price from product order by sku",
  }),
  stream("vstream_results_source_absent", "VStreamResults", { query: "select * from nope" }),
  stream("vstream_results_wrong_type", "VStreamResults", {
    target: { ...primary, tablet_type: "REPLICA" },
    query: "select * from product",
  }),
  stream("stream_execute", "StreamExecute", { query: { sql: "select sku, price from product order by sku" } }),
  stream("execute_source", "Execute", {
    query: { sql: "select customer_id, email from customer where customer_id < 3" },
  }),
  stream("execute_source_absent", "Execute", { query: { sql: "select * from nope" } }),
  stream("execute_source_wrong_shard", "Execute", {
    target: { ...primary, shard: "-80" },
    query: { sql: "select 1 from dual" },
  }),
  { name: "unknown_method", method: "/tabletmanagerservice.TabletManager/NoSuchMethod", request: {} },
  { name: "stream_health", method: "/queryservice.Query/StreamHealth", request: {} },
];
