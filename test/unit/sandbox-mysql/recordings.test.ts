/** Tables and results of a real v22.0.3 cluster (MySQL 9.7), made again here: same texts, same fields. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { records } from "../../../src/wire/result.js";
import { start } from "./helpers.js";

interface Recorded {
  name: string;
  request: { query?: unknown };
  responses: { [key: string]: unknown }[];
}

const file = new URL("../../fixtures/recordings/wire-v22.0.3.jsonl", import.meta.url);
const recordings = new Map(
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded)
    .map((record) => [record.name, record]),
);

interface RecordedField {
  name: string;
  [key: string]: unknown;
}

interface TableDefinition {
  name: string;
  schema: string;
  columns: string[];
  primary_key_columns: string[];
  fields: RecordedField[];
}

function definitions(): TableDefinition[] {
  const [response] = recordings.get("get_schema_source_all")?.responses ?? [];
  const schema = response?.schema_definition as { table_definitions: TableDefinition[] } | undefined;
  return schema?.table_definitions ?? [];
}

function recordedFields(name: string): RecordedField[] {
  const [response] = recordings.get(name)?.responses ?? [];
  const result = (response?.result ?? response) as { fields: RecordedField[] } | undefined;
  return result?.fields ?? [];
}

/** Absent means zero or empty on the wire. */
function full(field: RecordedField): unknown {
  return { table: "", org_table: "", database: "", org_name: "", decimals: 0, column_type: "", ...field };
}

test("the recorded tables have the same text and the same fields", async () => {
  const { server, run } = await start();
  run("create database vt_commerce");
  const session = server.session({ database: "vt_commerce" });
  for (const table of definitions()) {
    session.execute(table.schema);
    const made = server.table("vt_commerce", table.name);
    expect(made?.createTable).toBe(table.schema);
    expect(made?.primaryKey).toEqual(table.primary_key_columns);
    expect(made?.columns.map((column) => column.name)).toEqual(table.columns);
    const result = session.execute(`select * from \`${table.name}\` where 1 != 1`);
    expect(result.fields).toEqual(table.fields.map(full));
  }
  expect(definitions()).toHaveLength(4);
});

test("_vt.vreplication's fields are those of the sidecar schema", async () => {
  const { run } = await start();
  run("create database _vt");
  run(`create table _vt.vreplication (
    id int NOT NULL AUTO_INCREMENT, workflow varbinary(1000) DEFAULT NULL, source mediumblob NOT NULL,
    pos varbinary(10000) NOT NULL, stop_pos varbinary(10000) DEFAULT NULL, max_tps bigint NOT NULL,
    max_replication_lag bigint NOT NULL, cell varbinary(1000) DEFAULT NULL, tablet_types varbinary(100) DEFAULT NULL,
    time_updated bigint NOT NULL, transaction_timestamp bigint NOT NULL, state varbinary(100) NOT NULL,
    message varbinary(1000) DEFAULT NULL, db_name varbinary(255) NOT NULL, rows_copied bigint NOT NULL DEFAULT '0',
    tags varbinary(1024) NOT NULL DEFAULT '', time_heartbeat bigint NOT NULL DEFAULT '0', workflow_type int NOT NULL DEFAULT '0',
    time_throttled bigint NOT NULL DEFAULT '0', component_throttled varchar(255) NOT NULL DEFAULT '',
    reason_throttled varchar(1000) NOT NULL DEFAULT '', workflow_sub_type int NOT NULL DEFAULT '0',
    defer_secondary_keys tinyint(1) NOT NULL DEFAULT '0', options json NOT NULL,
    PRIMARY KEY (id), KEY workflow_idx (workflow(64)))`);
  const result = run("select * from _vt.vreplication where id = 0");
  expect(result.fields).toEqual(recordedFields("vrexec_columns").map(full));
});

test("expressions are named by their text and typed as MySQL types them", async () => {
  const { run } = await start();
  const query = Buffer.from(String(recordings.get("exec_fetch_as_app")?.request.query), "base64").toString();
  const result = run(query);
  expect(result.fields).toEqual(recordedFields("exec_fetch_as_app").map(full));
  expect(result.rows[0]?.[0]?.toString()).toBe("2006-01-02 23:04:05");
  expect(run("select 1").fields).toEqual(recordedFields("vrexec_exists_none").map(full));
});

test("a workflow's rows live through the statements that vtctlclient sent", async () => {
  const { run } = await start();
  run("create database _vt");
  run(`create table _vt.vreplication (id int not null auto_increment primary key, workflow varbinary(1000), source mediumblob not null,
    pos varbinary(10000) not null, stop_pos varbinary(10000), max_tps bigint not null, max_replication_lag bigint not null, cell varbinary(1000),
    tablet_types varbinary(100), time_updated bigint not null, transaction_timestamp bigint not null, state varbinary(100) not null,
    message varbinary(1000), db_name varbinary(255) not null, rows_copied bigint not null default 0, workflow_type int not null default 0,
    workflow_sub_type int not null default 0, defer_secondary_keys tinyint(1) not null default 0, options json not null)`);
  const source =
    'keyspace:"commerce" shard:"0" filter:{rules:{match:"we\\"ird" filter:"select * from `we\\"ird`"}} external_cluster:"ext1"';
  const literal = source.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const inserted = run(
    "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated, transaction_timestamp, " +
      "state, db_name, workflow_type, workflow_sub_type, defer_secondary_keys, options) values ('wf', '" +
      `${literal}', '', 9223372036854775807, 9223372036854775807, 'zx', 'in_order:replica,primary', 1795367974, 0, 'Stopped', 'vt_commerce', 1, 0, true, '{}')`,
  );
  expect(inserted).toMatchObject({ rowsAffected: 1, insertId: 1n });
  const update = "update _vt.vreplication set state='Running' where db_name='vt_commerce' and workflow='wf'";
  expect(run(update).rowsAffected).toBe(1);
  expect(run(update).rowsAffected).toBe(0);
  const [row] = records(
    run(
      "select id, source, max_tps, state, defer_secondary_keys, options from _vt.vreplication where workflow='wf' and db_name='vt_commerce'",
    ),
  );
  expect(row).toEqual({
    id: "1",
    source,
    max_tps: "9223372036854775807",
    state: "Running",
    defer_secondary_keys: "1",
    options: "{}",
  });
  expect(run("delete from _vt.vreplication where workflow='absent' and db_name='vt_commerce'").rowsAffected).toBe(0);
});
