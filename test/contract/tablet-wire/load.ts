/** A source and a target tablet in the state in which the real ones were recorded. */
import { Client, credentials } from "@grpc/grpc-js";
import type { VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import { positionContains } from "../../../src/wire/position.js";
import { decode } from "../../../src/wire/proto.js";
import { decodeResult, records } from "../../../src/wire/result.js";
import { sqlString } from "../../../src/wire/sql.js";
import { Cluster, run, showStreams, startStreams, until } from "../../unit/sandbox-tablet/clusters.js";
import { readRecords, type WireRecord } from "./records.js";

export interface Loaded {
  /** A channel to the tablet that the record was made on. */
  client(record: WireRecord): Client;
  stop(): Promise<void>;
}

const schema = `
create table corder (order_id bigint not null auto_increment, customer_id bigint, sku varbinary(128), price bigint, primary key (order_id));
create table customer (customer_id bigint not null auto_increment, email varbinary(128), primary key (customer_id));
create table notes (name varchar(64) character set utf8mb4 collate utf8mb4_0900_ai_ci not null, body text,
  ts timestamp null default current_timestamp, j json, primary key (name));
create table product (sku varbinary(128) not null, description varbinary(128), price bigint, primary key (sku));
`;

const data = `
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

/** Of the source that v22 was recorded with. */
const sourceUuid = "0161eb37-e68d-11f1-a320-02fc00000001";
const recordedPosition = `MySQL56/${sourceUuid}:1-38`;

/** Which stream was recorded: its id and what else its INSERT said. */
const streams: Record<string, { id: number; types: string; columns: string; values: string }> = {
  v11: { id: 4, types: "master,replica,rdonly", columns: "", values: "" },
  v14: { id: 2, types: "in_order:REPLICA,PRIMARY", columns: "", values: "" },
  v22: {
    id: 3,
    types: "in_order:replica,primary",
    columns: ", workflow_type, workflow_sub_type, defer_secondary_keys, options",
    values: ", 1, 0, true, '{}'",
  },
};

export async function load(profile: VersionProfile): Promise<Loaded> {
  const [zx, zone1] = await Promise.all([Cluster.start("zx"), Cluster.start("zone1")]);
  const clients: Client[] = [];
  const stop = async () => {
    for (const client of clients) client.close();
    await Promise.all([zx.stop(), zone1.stop()]);
  };
  try {
    const timings = { rowsCopiedMs: 30_000 };
    const sourceTablet = await zx.tablet({ uid: 1, profile, timings }, sourceUuid);
    const targetTablet = await zone1.tablet({ uid: 1, profile, timings });
    await zone1.mount("ext1", zx);
    run(sourceTablet, schema + data);
    // As far as the real source was when its streams were asked to wait for an earlier position.
    while (!positionContains(`MySQL56/${sourceTablet.mysql.gtidExecuted()}`, recordedPosition)) {
      run(sourceTablet, "update customer set email = concat(email, ' ') where customer_id = 1");
    }
    run(sourceTablet, "update customer set email = trim(email) where customer_id = 1");
    run(targetTablet, schema);
    const manager = zone1.manager(targetTablet);
    const exec = async (query: string) => {
      const answer = await manager.VReplicationExec({ query });
      return records(decodeResult((answer as unknown as { result: Parameters<typeof decodeResult>[0] }).result));
    };
    await createStream(profile, exec);
    if (profile.name === "v14") {
      run(
        targetTablet,
        "update _vt.vreplication set state = 'Copying'; insert into _vt.copy_state(vrepl_id, table_name) values (2, 'product')",
      );
    }
    if (profile.name === "v22") loadVDiffs((sql) => run(targetTablet, sql));
    return {
      client(record) {
        const onSource =
          /source|_notes$|wrong_type|stream_execute|stream_health/.test(record.name) &&
          record.name !== "get_schema_target_one";
        const client = new Client(
          `127.0.0.1:${(onSource ? sourceTablet : targetTablet).port}`,
          credentials.createInsecure(),
        );
        clients.push(client);
        return client;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createStream(
  profile: VersionProfile,
  exec: (query: string) => Promise<Record<string, string | null>[]>,
) {
  const { id, types, columns, values } = streams[profile.name] ?? { id: 1, types: "replica", columns: "", values: "" };
  const insert =
    "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, " +
    `time_updated, transaction_timestamp, state, db_name${columns}) values ('wf', ${sqlString(source)}, '', ` +
    `9223372036854775807, 9223372036854775807, 'zx', '${types}', 1795365027, 0, 'Stopped', 'vt_commerce'${values})`;
  for (let earlier = 1; earlier < id; earlier++) {
    await exec(insert);
    await exec("delete from _vt.vreplication where workflow='wf'");
  }
  await exec(insert);
  await exec(startStreams);
  const show = async () => (await exec(showStreams))[0] ?? {};
  await until(show, ({ state, message }) => state === "Running" && message === "");
  // The recorded stream of v22 had been compared by a VDiff before; that of v14 was still copying.
  if (profile.name === "v22") {
    await exec("update _vt.vreplication set state='Running', message='', stop_pos='' where id=3");
    await until(show, ({ message }) => message === "");
  }
  if (profile.name === "v14") await exec("update _vt.vreplication set state='Stopped' where workflow='wf'");
}

/** The rows that the recorded answers show. */
function loadVDiffs(execute: (sql: string) => unknown): void {
  const recorded = (name: string) => {
    const record = readRecords("v22").find((candidate) => candidate.name === name);
    const { output } = decode("tabletmanagerdata.VDiffResponse", record?.responses[0] ?? Buffer.alloc(0));
    return records(decodeResult(output));
  };
  const literal = (value: string | null | undefined) =>
    value === null || value === undefined ? "null" : sqlString(value);
  let newest = "0";
  for (const row of recorded("vdiff_show_all")) {
    if (Number(row.id) > Number(newest)) newest = row.id ?? "0";
    execute(
      `insert into _vt.vdiff(${Object.keys(row).join(", ")}) values (${Object.values(row).map(literal).join(", ")})`,
    );
  }
  for (const row of recorded("vdiff_show_last")) {
    const values = [
      newest,
      row.table_name,
      row.table_state,
      row.table_rows,
      row.rows_compared,
      row.has_mismatch,
      row.report,
    ];
    execute(
      "insert into _vt.vdiff_table(vdiff_id, table_name, state, table_rows, rows_compared, mismatch, report) " +
        `values (${values.map(literal).join(", ")})`,
    );
  }
}
