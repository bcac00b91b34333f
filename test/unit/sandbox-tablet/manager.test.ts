import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { profiles, type VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import type { MessageInput, MessageOutput } from "../../../src/wire/proto.js";
import { decodeResult, records } from "../../../src/wire/result.js";
import { Cluster, commerce, rows, run } from "./clusters.js";

let cluster: Cluster;
let tablet: SandboxTablet;

async function start(profile: VersionProfile = profiles.v22): Promise<void> {
  cluster = await Cluster.start("zx");
  tablet = await cluster.tablet({ uid: 1, profile });
}
afterEach(() => cluster?.stop());

const error = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (reason) => ({ code: reason.code, details: reason.details }),
  );

async function getSchema(request: MessageInput<"tabletmanagerdata.GetSchemaRequest">) {
  const answer = (await cluster
    .manager(tablet)
    .GetSchema(request)) as unknown as MessageOutput<"tabletmanagerdata.GetSchemaResponse">;
  return answer.schema_definition?.table_definitions ?? [];
}

describe("GetSchema", () => {
  it("describes tables by name, by regexp, without some, or briefly", async () => {
    await start();
    run(tablet, `${commerce}; insert into customer(email) values ('a'), ('b')`);
    const names = async (request: MessageInput<"tabletmanagerdata.GetSchemaRequest">) =>
      (await getSchema(request)).map(({ name }) => name);
    expect(await names({})).toEqual(["customer", "notes", "product"]);
    expect(await names({ tables: ["/^(cust|prod)/"] })).toEqual(["customer", "product"]);
    expect(await names({ tables: ["NOTES", "product"] })).toEqual(["notes", "product"]);
    expect(await names({ tables: ["/.*/"], exclude_tables: ["/o/"] })).toEqual([]);
    expect(await names({ exclude_tables: ["notes"] })).toEqual(["customer", "product"]);
    const [customer] = await getSchema({ tables: ["customer"] });
    expect(customer).toMatchObject({
      columns: ["customer_id", "email"],
      primary_key_columns: ["customer_id"],
      type: "BASE TABLE",
      row_count: "2",
    });
    expect(customer?.schema).toContain("`customer_id` bigint NOT NULL AUTO_INCREMENT,");
    expect(customer?.schema).not.toMatch(/AUTO_INCREMENT=/);
    expect((await getSchema({ tables: ["customer"], table_schema_only: true }))[0]).toMatchObject({
      columns: [],
      fields: [],
      primary_key_columns: [],
    });
    expect(await error(getSchema({ tables: ["/(/"] }))).toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringContaining("TabletManager.GetSchema on zx-0000000001: cannot compile regexp ( for table:"),
    });
  });
});

describe("ApplySchema", () => {
  it("runs a script, and keeps what came before a failure", async () => {
    await start();
    const apply = (sql: string) =>
      cluster.manager(tablet).ApplySchema({
        sql,
        allow_replication: true,
        sql_mode: "NO_AUTO_VALUE_ON_ZERO",
        disable_foreign_key_checks: true,
      }) as unknown as Promise<MessageOutput<"tabletmanagerdata.ApplySchemaResponse">>;
    const answer = await apply("create table a (id int primary key);\ncreate table b (id int primary key)");
    expect(answer.before_schema?.table_definitions).toEqual([]);
    expect(answer.after_schema?.table_definitions.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(
      await error(apply("create table c (id int primary key); create table a (id int); create table d (id int)")),
    ).toMatchObject({
      code: status.UNKNOWN,
      details: "TabletManager.ApplySchema on zx-0000000001: Table 'a' already exists (errno 1050) (sqlstate 42S01)",
    });
    expect((await getSchema({})).map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("until v16 speaks as the mysql client does", async () => {
    await start(profiles.v14);
    run(tablet, "create table a (id int primary key)");
    const sql = "create table b (id int primary key);\ncreate table a (id int)";
    const failure = await error(cluster.manager(tablet).ApplySchema({ sql, allow_replication: true }));
    const text =
      "/usr/bin/mysql: exit status 1, output: --------------\ncreate table a (id int)\n--------------\n\n" +
      "ERROR 1050 (42S01) at line 3: Table 'a' already exists\n";
    expect(failure?.details).toBe(`TabletManager.ApplySchema on zx-0000000001 error: ${text}: ${text}`);
  });

  it.each([
    [profiles.v14, ["tÃ¤", "tö"]],
    [profiles.v18, ["tä", "tö"]],
  ] as const)(
    "%#: takes a script for latin1 only where the mysql client runs it, until it names UTF-8",
    async (profile, names) => {
      await start(profile);
      const sql = "create table `tä` (id int primary key); SET NAMES utf8mb4; create table `tö` (id int primary key)";
      await cluster.manager(tablet).ApplySchema({ sql, allow_replication: true });
      expect((await getSchema({})).map(({ name }) => name).sort()).toEqual(names);
    },
  );
});

describe("ExecuteFetch", () => {
  it("has a database, or none, and a limit of rows", async () => {
    await start();
    run(tablet, `${commerce}; insert into customer(email) values ('a'), ('b')`);
    const manager = cluster.manager(tablet);
    const query = Buffer.from("select count(*) as n from customer");
    const dba = (await manager.ExecuteFetchAsDba({
      query,
      db_name: "vt_commerce",
      max_rows: 1,
    })) as unknown as MessageOutput<"tabletmanagerdata.ExecuteFetchAsDbaResponse">;
    expect(records(decodeResult(dba.result))).toEqual([{ n: "2" }]);
    await manager.ExecuteFetchAsAllPrivs({ query, db_name: "vt_commerce", max_rows: 1 });
    expect((await error(manager.ExecuteFetchAsApp({ query, max_rows: 1 })))?.details).toContain(
      "No database selected (errno 1046)",
    );
    await manager.ExecuteFetchAsApp({ query: Buffer.from("select count(*) from vt_commerce.customer"), max_rows: 1 });
    const many = { query: Buffer.from("select * from customer"), db_name: "vt_commerce", max_rows: 1 };
    expect((await error(manager.ExecuteFetchAsDba(many)))?.details).toContain("Row count exceeded 1");
    const drops = { query: Buffer.from("drop table customer; drop table notes"), db_name: "vt_commerce" };
    expect((await error(manager.ExecuteFetchAsDba(drops)))?.details).toContain(
      "multi statement queries are not supported",
    );
    await manager.ExecuteFetchAsDba({ query: Buffer.from("drop table customer"), db_name: "vt_commerce" });
    expect((await getSchema({})).map(({ name }) => name)).toEqual(["notes", "product"]);
  });
});

describe("positions", () => {
  it("are asked for as the version spells it, and waited for", async () => {
    await start(profiles.v11);
    const manager = cluster.manager(tablet);
    expect(await error(manager.PrimaryPosition({}))).toEqual({
      code: status.UNIMPLEMENTED,
      details: "unknown method PrimaryPosition for service tabletmanagerservice.TabletManager",
    });
    const position = `MySQL56/${tablet.mysql.gtidExecuted()}`;
    expect(await manager.MasterPosition({})).toEqual({ position });
    await manager.WaitForPosition({ position });
    const future = `MySQL56/${tablet.mysql.serverUuid}:1-999999`;
    const waiting = error(manager.WaitForPosition({ position: future }));
    await cluster.tablets[0]?.stop();
    expect((await waiting)?.code).toBe(status.UNAVAILABLE);
  });
});

describe("the topology", () => {
  it("gets the records of a real tablet", async () => {
    await start();
    const { topo } = cluster;
    const replica = await cluster.tablet({ uid: 2, profile: profiles.v22, type: "REPLICA", replicaOf: tablet });
    const cell = await topo.cell("zx");
    expect(await topo.get("topodata.Shard", "keyspaces/commerce/shards/0/Shard")).toMatchObject({
      primary_alias: { cell: "zx", uid: 1 },
      is_primary_serving: true,
      primary_term_start_time: { seconds: expect.stringMatching(/^\d{10}$/) },
      key_range: null,
    });
    expect(await cell.get("topodata.Tablet", "tablets/zx-0000000002/Tablet")).toMatchObject({
      hostname: "127.0.0.1",
      port_map: { grpc: replica.port },
      keyspace: "commerce",
      shard: "0",
      type: "REPLICA",
    });
    expect(await cell.get("topodata.ShardReplication", "keyspaces/commerce/shards/0/ShardReplication")).toEqual({
      nodes: [{ tablet_alias: { cell: "zx", uid: 1 } }, { tablet_alias: { cell: "zx", uid: 2 } }],
    });
    await replica.setType("PRIMARY");
    expect((await topo.get("topodata.Shard", "keyspaces/commerce/shards/0/Shard")).primary_alias?.uid).toBe(2);
    run(replica, "create table new_primary (id int primary key)");
    expect(rows(replica, "show tables")).toEqual([["new_primary"]]);
  });
});

describe("UpdateVReplicationWorkflow", () => {
  const source = 'keyspace:"commerce" shard:"0" filter:{rules:{match:"/.*"}} on_ddl:EXEC';
  // -1, as the wire has it.
  const same = -1 as 0;

  async function startWithStream(profile: VersionProfile): Promise<void> {
    await start(profile);
    const options = profile.sidecar.options ? ["options", "'{}'"] : ["tags", "''"];
    await exec(
      "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, " +
        `time_updated, transaction_timestamp, state, db_name, message, ${options[0]}) values ('wf', '${source}', '', ` +
        `0, 0, 'zx', 'in_order:replica', 0, 0, 'Stopped', 'vt_commerce', 'FROZEN', ${options[1]})`,
    );
  }
  async function exec(query: string) {
    const answer = (await cluster.manager(tablet).VReplicationExec({
      query,
    })) as unknown as MessageOutput<"tabletmanagerdata.VReplicationExecResponse">;
    return records(decodeResult(answer.result));
  }
  const row = async () => (await exec("select * from _vt.vreplication"))[0];
  const update = async (request: MessageInput<"tabletmanagerdata.UpdateVReplicationWorkflowRequest">) =>
    (await cluster
      .manager(tablet)
      .UpdateVReplicationWorkflow(
        request,
      )) as unknown as MessageOutput<"tabletmanagerdata.UpdateVReplicationWorkflowResponse">;

  it.each([profiles.v18, profiles.v22])("$name: what stays is called NULL and -1", async (profile) => {
    await startWithStream(profile);
    const before = await row();
    const nothing = { workflow: "wf", cells: ["NULL"], tablet_types: [same], on_ddl: same, state: same };
    await update({ ...nothing, tablet_selection_preference: "UNKNOWN" });
    expect(await row()).toEqual(before);
    await update({ ...nothing, cells: ["a", "b"], tablet_types: ["PRIMARY"], tablet_selection_preference: "ANY" });
    expect(await row()).toMatchObject({ cell: "a,b", tablet_types: "primary", source, state: "Stopped" });
    expect((await update({ ...nothing, workflow: "nope" })).result).toBeNull();
    expect(await error(update({ ...nothing, state: "Running" }))).toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringContaining("cannot start a workflow when it is frozen"),
    });
  });

  it("v18 takes an on_ddl that is left out for IGNORE, v22 leaves it alone", async () => {
    await startWithStream(profiles.v18);
    await update({ workflow: "wf", cells: ["zx"], tablet_types: [same], state: same });
    expect((await row())?.source).toBe(source.replace(" on_ddl:EXEC", ""));
    await cluster.stop();
    await startWithStream(profiles.v22);
    await update({ workflow: "wf", cells: ["zx"], tablet_types: [same] });
    expect(await row()).toMatchObject({ source, state: "Stopped", tablet_types: "replica" });
  });
});
