/** The state in which real tablets are recorded, and in which the sandbox's are compared with them. */

import type { MessageInput } from "../../../src/wire/proto.js";
import { sqlString } from "../../../src/wire/sql.js";
import { defaultCoreOptions } from "../../support/vdiff-core-options.js";

/** `collation` is what orders notes' names: MariaDB doesn't know MySQL 8's. */
export const recordedSchema = (collation = "utf8mb4_0900_ai_ci") => `
create table corder (order_id bigint not null auto_increment, customer_id bigint, sku varbinary(128), price bigint, primary key (order_id));
create table customer (customer_id bigint not null auto_increment, email varbinary(128), primary key (customer_id));
create table notes (name varchar(64) character set utf8mb4 collate ${collation} not null, body text,
  ts timestamp null default current_timestamp, j json, primary key (name));
create table product (sku varbinary(128) not null, description varbinary(128), price bigint, primary key (sku));
`;

export const recordedData = `
insert into customer(email) values ('alice@domain.com'), ('bob@domain.com'), ('charlie@domain.com'), ('dan@domain.com'), ('eve@domain.com');
insert into product values ('SKU-1001', 'Monitor', 100), ('SKU-1002', 'Keyboard', 30);
insert into corder(customer_id, sku, price) values (1, 'SKU-1001', 100), (2, 'SKU-1002', 30), (3, 'SKU-1002', 30), (4, 'SKU-1002', 30), (5, 'SKU-1002', 30);
insert into notes values ('Zebra', 'w', '2026-11-22 15:58:57', '{}'), ('apple', 'y', '2026-11-22 15:58:57', null),
  ('Banana', 'z', '2026-11-22 15:58:57', '[1, 2]'), ('Ärger', 'x', '2026-11-22 15:58:57', '{"a": 1}');
`;

const rules = ["corder", "customer", "notes", "product"].map(
  (name) => `rules:{match:"${name}" filter:"select * from ${name}"}`,
);
const source = `keyspace:"commerce" shard:"0" filter:{${rules.join(" ")}} external_cluster:"ext1"`;

/** The INSERT of the recorded stream, stopped; `columns` and `values` are what the release has besides. */
export function recordedInsert({ types, columns = "", values = "" }: RecordedStream): string {
  return (
    "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, " +
    `time_updated, transaction_timestamp, state, db_name${columns}) values ('wf', ${sqlString(source)}, '', ` +
    `9223372036854775807, 9223372036854775807, 'zx', '${types}', 1795365027, 0, 'Stopped', 'vt_commerce'${values})`
  );
}

export interface RecordedStream {
  /** What the tablet called it: earlier ones were deleted. */
  id: number;
  types: string;
  columns?: string;
  values?: string;
  /** Numbers of the two primaries; 1 when absent. */
  uids?: { source: number; target: number };
  /** A table in whose copy it was stopped; absent: it follows. */
  copying?: string;
  /** VDiffs of it that had ended. */
  vdiffs: "recordedVDiff" | "as the recording shows them" | "none";
}

/** The id of the stream in the state in which tablets are recorded now. */
export const currentId = 1;

/** That stream; from v20 on it has `options`. */
export function currentStream({ options }: { options: boolean }): RecordedStream {
  return {
    id: currentId,
    types: "in_order:replica,primary",
    columns: `, workflow_type, workflow_sub_type, defer_secondary_keys${options ? ", options" : ""}`,
    values: `, 3, 0, false${options ? ", '{}'" : ""}`,
    uids: { source: 100, target: 200 },
    vdiffs: "recordedVDiff",
  };
}

/** The VDiff that was created and had ended before the answers were recorded. */
export const recordedVDiff: MessageInput<"tabletmanagerdata.VDiffRequest"> = {
  keyspace: "commerce",
  workflow: "wf",
  action: "create",
  vdiff_uuid: "3e1ce7ab-8c17-4c48-ae87-8f1d7fa1d8aa",
  options: {
    picker_options: { tablet_types: "in_order:RDONLY,REPLICA,PRIMARY", source_cell: "zx", target_cell: "zone1" },
    core_options: defaultCoreOptions,
    report_options: { format: "text" },
  },
};

/** Whether a record was made on the source's primary, by its name; else on the target's. */
export function isOfSource(name: string): boolean {
  return /source|_notes$|wrong_type|stream_execute|stream_health/.test(name) && name !== "get_schema_target_one";
}
