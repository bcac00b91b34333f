/** The commands that only look: over recorded topologies of real clusters, and over the sandbox's tablets. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getSchema } from "../../src/commands/topology/get-schema.js";
import { goJson, protoIndented } from "../../src/io/json.js";
import { type EtcdServer, startEtcd } from "../../src/sandbox/etcd/server.js";
import { openTopo } from "../../src/topo/topo.js";
import { encode } from "../../src/wire/proto.js";
import { type CliResult, connection, runCli } from "../support/cli.js";
import { Lab, sql } from "../support/lab.js";
import { type LabContext, labContext } from "../support/lab-context.js";
import { loadTopology } from "../support/recorded-topology.js";
import { recorded } from "../support/recording.js";
import { run } from "../support/run-command.js";

const recording = "vtctlclient-v22.0.3.txt";
const root = "/vitess/global";

describe("a real cluster's topology", () => {
  let target: EtcdServer;
  let source: EtcdServer;

  beforeAll(async () => {
    [target, source] = await Promise.all([startEtcd(), startEtcd()]);
    await loadTopology(target.endpoint, "target", "v22.0.3");
    await loadTopology(source.endpoint, "source", "v11.0.4");
    const topo = await openTopo({ type: "etcd2", server: target.endpoint, root });
    await topo.deleteMount("ext1");
    await topo.createMount("ext1", { type: "etcd2", server: source.endpoint, root });
    await topo.createMount("empty", { type: "etcd2", server: source.endpoint, root: "/nothing" });
    topo.close();
  });

  afterAll(async () => {
    await Promise.all([target.close(), source.close()]);
  });

  const type = (line: string): Promise<CliResult> => runCli(line.split(" "), { env: connection(target.endpoint) });

  it.each(["GetKeyspaces", "FindAllShardsInKeyspace commerce", "ListAllTablets", "GetTablet zone1-0000000001"])(
    "%s prints what vtctlclient prints",
    async (line) => {
      expect(await type(line)).toEqual({ code: 0, signal: null, stdout: recorded(recording, line).stdout, stderr: "" });
    },
  );

  it("reads the mounted cluster, whatever its version", async () => {
    expect((await type("GetKeyspaces -mount ext1")).stdout).toBe("commerce\ncustomer\n");
    const shards = JSON.parse((await type("FindAllShardsInKeyspace ext1.customer")).stdout);
    expect(Object.keys(shards)).toEqual(["-80", "80-"]);
    expect(shards["80-"]).toMatchObject({
      primary_alias: { cell: "zx", uid: 4 },
      key_range: { start: "gA==" },
      is_primary_serving: true,
    });
    expect(Object.keys(shards["80-"].key_range)).toEqual(["start"]);
    const lines = (await type("ListAllTablets -mount ext1")).stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual([
      "zx-0000000001 commerce 0 primary",
      "zx-0000000003 customer -80 primary",
      "zx-0000000004 customer 80- primary",
    ]);
    const tablet = JSON.parse((await type("GetTablet -mount ext1 zx-3")).stdout);
    expect(tablet).toMatchObject({ key_range: { start: "", end: "gA==" }, type: 1, tags: {} });
    expect(tablet.primary_term_start_time.seconds).toMatch(/^\d{10}$/);
  });

  it("-json gives scripts what lines don't", async () => {
    expect(JSON.parse((await type("-json GetKeyspaces")).stdout)).toEqual({ keyspaces: ["commerce", "customer"] });
    const { tablets } = JSON.parse((await type("-json ListAllTablets")).stdout);
    expect(tablets[0]).toEqual(JSON.parse(recorded(recording, "GetTablet zone1-0000000001").stdout));
  });

  it("a cluster without keyspaces and tablets prints an empty line, and nothing", async () => {
    expect(await type("GetKeyspaces -mount empty")).toMatchObject({ code: 0, stdout: "\n" });
    expect(await type("ListAllTablets -mount empty")).toMatchObject({ code: 0, stdout: "" });
  });

  it.each([
    [
      "GetKeyspaces -mount nope",
      6,
      "GetKeyspaces Error: no vitess cluster found with name nope",
      "Mounted: empty, ext1.",
    ],
    [
      "FindAllShardsInKeyspace nope",
      6,
      "FindAllShardsInKeyspace Error: node doesn't exist: /vitess/global/keyspaces/nope/Keyspace",
      "commerce, customer",
    ],
    [
      "GetTablet zone1-7",
      6,
      "GetTablet Error: node doesn't exist: /vitess/zone1/tablets/zone1-0000000007/Tablet",
      "zone1-0000000001, zone1-0000000003",
    ],
    [
      "GetTablet zone1",
      2,
      "GetTablet Error: invalid tablet alias: 'zone1', expecting format: '^(?P<cell>[-_.a-zA-Z0-9]+)-(?P<uid>[0-9]+)$'",
      "zone1-100",
    ],
    ["GetTablet", 2, "GetTablet Error: the <tablet alias> argument is required for the GetTablet command", "Usage: "],
    [
      "ListAllTablets -tablet_type nope",
      2,
      "ListAllTablets Error: invalid tablet type nope: unknown TabletType nope",
      "primary, replica, rdonly, spare",
    ],
    ["ListAllTablets nope", 6, "ListAllTablets Error: node doesn't exist: /vitess/global/cells/nope/CellInfo", ""],
    [
      "GetSchema nope-1",
      6,
      "GetSchema Error: node doesn't exist: /vitess/global/cells/nope/CellInfo",
      "zone1-0000000001",
    ],
  ])("%s", async (line, code, sentence, hint) => {
    const result = await type(line);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(result.stderr.split("\n")[0]).toBe(sentence);
    expect(result.stderr).toContain(hint);
  });

  describe("of which a part is unusual", () => {
    beforeAll(async () => {
      const topo = await openTopo({ type: "etcd2", server: target.endpoint, root });
      const gone = { server_address: "127.0.0.1:1", root: "/vitess/zone9" };
      await topo.global.create("cells/zone9/CellInfo", encode("topodata.CellInfo", gone));
      const cell = await topo.cell("zone1");
      const tablet = (uid: number, more: object) =>
        cell.create(
          `tablets/zone1-${String(uid).padStart(10, "0")}/Tablet`,
          Buffer.concat([
            encode("topodata.Tablet", {
              alias: { cell: "zone1", uid },
              hostname: "::1",
              port_map: { vt: 15100 },
              keyspace: "commerce",
              shard: "0",
              mysql_hostname: "db.example",
              mysql_port: 3306,
              ...more,
            }),
            // A field that no version has: number 99, a string.
            Buffer.from([0x9a, 0x06, 0x01, 0x78]),
          ]),
        );
      // The primary before the recorded one; it has not noticed yet.
      await tablet(20, { type: "PRIMARY", primary_term_start_time: { seconds: 1700000000, nanoseconds: 5 } });
      await tablet(21, { type: "DRAINED", keyspace: "", shard: "", tags: { zone: 'a "b"', app: "x" } });
      topo.close();
    });

    const addresses = "[::1]:15100 db.example:3306";

    it("tells a primary whose term is over, and leaves out a cell that doesn't answer with a warning", async () => {
      const result = await type("ListAllTablets");
      expect(result.code).toBe(0);
      expect(result.stdout).toContain(`zone1-0000000020 commerce 0 unknown ${addresses} [] 2023-11-14T22:13:20Z\n`);
      expect(result.stdout).toContain(
        `zone1-0000000021 <null> <null> drained ${addresses} [app: "x" zone: "a \\"b\\""] <null>\n`,
      );
      expect(result.stderr).toMatch(/^Warning: the tablets of cell zone9 are left out: /);
      expect(await type("ListAllTablets zone9")).toMatchObject({ code: 5, stdout: "" });
    });

    it("filters by cell, keyspace and type", async () => {
      const primaries = await type("ListAllTablets -keyspace commerce --tablet-type=MASTER zone1");
      expect(primaries.stdout.match(/^\S+/gm)).toEqual(["zone1-0000000001", "zone1-0000000020"]);
      expect(primaries.stderr).toBe("");
      const drained = await type("ListAllTablets -tablet_type drained zone1");
      expect(drained.stdout.match(/^\S+/gm)).toEqual(["zone1-0000000021"]);
    });
  });
});

describe("GetSchema", () => {
  let lab: Lab;
  let context: LabContext;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, sourceProfile: "v11", targetProfile: "v22" });
    context = await labContext(lab);
    for (const side of ["source", "target"] as const) {
      sql(
        lab.primary(side),
        "create table shop (id bigint not null auto_increment, name varchar(20), primary key (id))",
        "insert into shop values (1, 'a'), (2, 'b')",
        "create view open_shop as select id from shop",
      );
    }
  }, 30_000);

  afterAll(async () => {
    context.close();
    await lab.close();
  });

  /** As the program prints it; typed in this process. */
  const schemaOf = async (words: string) =>
    JSON.parse(goJson(await run(getSchema, words.split(" "), context.ctx), protoIndented));

  it.each([
    ["v11", "-mount ext1 zx-1"],
    ["v22", "zone1-0000000100"],
  ])("describes a table of a %s tablet", async (_version, tablet) => {
    const schema = await schemaOf(`-tables shop ${tablet}`);
    expect(Object.keys(schema)).toEqual(["database_schema", "table_definitions"]);
    const [shop, ...others] = schema.table_definitions;
    expect(others).toEqual([]);
    expect(Object.keys(shop)).toEqual([
      ...["name", "schema", "columns", "primary_key_columns", "type", "data_length", "row_count", "fields"],
    ]);
    expect(shop).toMatchObject({
      name: "shop",
      schema: expect.stringMatching(/^CREATE TABLE `shop` \(\n/),
      columns: ["id", "name"],
      primary_key_columns: ["id"],
      type: "BASE TABLE",
      data_length: expect.stringMatching(/^\d+$/),
      row_count: "2",
    });
    expect(Object.keys(shop.fields[0])).toEqual([
      ...["name", "type", "table", "org_table", "database", "org_name", "column_length", "charset", "decimals"],
      ...["flags", "column_type"],
    ]);
    // query.Type: INT64 and VARCHAR.
    expect(shop.fields.map(({ name, type }: { name: string; type: number }) => [name, type])).toEqual([
      ["id", 265],
      ["name", 6165],
    ]);
  });

  it.each([
    ["v11", "-mount ext1 zx-1"],
    ["v22", "zone1-100"],
  ])("-table_schema_only and -table_sizes_only leave the same out on %s", async (_version, tablet) => {
    const empty = { columns: [], primary_key_columns: [], fields: [] };
    const [schema] = (await schemaOf(`-tables shop -table_schema_only ${tablet}`)).table_definitions;
    expect(schema).toMatchObject({ ...empty, schema: expect.stringContaining("CREATE TABLE"), row_count: "2" });
    const [sizes] = (await schemaOf(`-tables shop --table-sizes-only ${tablet}`)).table_definitions;
    expect(sizes).toMatchObject({ ...empty, schema: "", type: "BASE TABLE", row_count: "2" });
  });

  it("-table_names_only prints a name a line, of tables and views as they are asked for", async () => {
    const printed = await lab.type("GetSchema -table_names_only -include-views zone1-100");
    expect(printed).toEqual({ code: 0, signal: null, stdout: "open_shop\nshop\n", stderr: "" });
    expect(await schemaOf("-table_names_only zone1-100")).toEqual(["shop"]);
    expect(await schemaOf("-table_names_only -include-views -exclude_tables /^open/ zone1-100")).toEqual(["shop"]);
    expect(
      await schemaOf("-table_names_only -tables customer,/^c.*r$/ -exclude_tables corder -mount ext1 zx-1"),
    ).toEqual(["customer"]);
    const whole = await lab.type("GetSchema -tables shop zone1-100");
    expect(whole.stdout).toBe(
      `${goJson(await run(getSchema, ["-tables", "shop", "zone1-100"], context.ctx), protoIndented)}\n`,
    );
  });

  it("names the tablet that doesn't answer, and the pattern that is none", async () => {
    const broken = await lab.type("GetSchema -tables /(/ zone1-100");
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toContain("cannot compile regexp ( for table");
    await lab.tablet("target", "zone2-0000000200").kill();
    const down = await lab.type("GetSchema zone2-200");
    expect(down).toMatchObject({ code: 5, stdout: "" });
    expect(down.stderr).toContain("GetSchema Error: tablet zone2-0000000200 at 127.0.0.1:");
  });
});

describe("ValidateSchemaKeyspace", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, targetShards: ["-80", "80-"], rows: 1 });
    for (const primary of lab.primaries("target")) sql(primary, "create table customer (id int primary key)");
  }, 30_000);

  afterAll(() => lab.close());

  it("prints nothing while all tablets are alike", async () => {
    const alike = { code: 0, signal: null, stdout: "", stderr: "" };
    expect(await lab.type("ValidateSchemaKeyspace commerce")).toEqual(alike);
    expect(await lab.type("ValidateSchemaKeyspace -include-vschema ext1.commerce")).toEqual(alike);
  });

  it("prints each difference, and ends with 3", async () => {
    const [one, other] = lab.primaries("target");
    if (one === undefined || other === undefined) throw new Error("the target has two primaries");
    sql(one, "create table only_here (id int primary key)", "create table _hold_old (id int primary key)");
    sql(other, "alter table customer add column name varchar(10)", "create view seen as select 1 as one");
    const create = (tablet: typeof one) => tablet.mysql.table(tablet.dbName, "customer")?.createTable;
    const customer = `schemas differ on table customer:\n${one.alias}: ${create(one)}\n differs from:\n${other.alias}: ${create(other)}\n`;
    const extra = `${one.alias} has an extra table named only_here\n`;
    const found = await lab.type("ValidateSchemaKeyspace commerce");
    expect(found).toEqual({ code: 3, signal: null, stdout: customer + extra, stderr: "" });
    const more = await lab.type("ValidateSchemaKeyspace -exclude_tables customer -include-views commerce");
    expect(more).toMatchObject({ code: 3, stdout: `${extra}${other.alias} has an extra view named seen\n` });
    const missing = await lab.type("ValidateSchemaKeyspace -include-vschema commerce");
    expect(missing).toMatchObject({
      code: 3,
      stdout: "commerce/-80 has tables that are not in the vschema: [only_here]\n",
    });
    await other.kill();
    const down = await lab.type("ValidateSchemaKeyspace commerce");
    expect(down).toMatchObject({
      code: 5,
      stdout: expect.stringContaining(`GetSchema(${other.alias}) failed: tablet `),
    });
  });

  it("refuses a keyspace that isn't there", async () => {
    expect(await lab.type("ValidateSchemaKeyspace nope")).toMatchObject({ code: 6, stdout: "" });
  });
});
