/** What Create and Complete say of the two VSchemas, and what -tables as JSON does to the target's. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { decode } from "../../src/wire/proto.js";
import { expectFailure } from "../support/failure.js";
import { Lab } from "../support/lab.js";

const sequences = {
  ...shardedCommerce,
  tables: {
    ...shardedCommerce.tables,
    corder: {
      column_vindexes: [{ column: "customer_id", name: "hash" }],
      auto_increment: { column: "order_id", sequence: "order_seq" },
    },
  },
};

const entries = async (lab: Lab) =>
  decode("vschema.Keyspace", (await lab.topo.vschema(lab.keyspace("target"))).contents).tables;

describe("into a sharded keyspace that knows two of the tables", () => {
  let lab: Lab;
  const { corder, customer } = shardedCommerce.tables ?? {};
  const known = { sharded: true, vindexes: shardedCommerce.vindexes ?? {}, tables: { corder, customer } };

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      rows: 20,
      source: sourceCluster({ shards: ["0"], vschema: { ...sequences, sharded: false } }),
      target: targetCluster({ shards: ["-80", "80-"], vschema: known as typeof sequences }),
    });
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(() => lab.clear());

  const create = (tables: string, ...more: string[]) =>
    lab.type(["Migrate", "-source", "ext1.commerce", "-tables", tables, ...more, "Create", "commerce.wf"]);

  it("Create says which columns nobody numbers, and Complete says it again", async () => {
    const created = await create("corder,customer");
    expect(created.code, created.stderr).toBe(0);
    const lack = [
      "The VSchema of ext1.commerce has, and that of commerce lacks:",
      "  auto_increment: corder.order_id from order_seq",
    ].join("\n");
    expect(created.stderr).toContain(lack);
    expect(created.stderr).toContain(
      "No sequence fills corder.order_id in commerce: each shard's MySQL counts for itself, so that the same value is given twice.",
    );
    expect(created.stderr).toContain(
      "No sequence fills customer.customer_id in commerce: inserts without a value fail.",
    );
    expect(created.stderr).toContain("create table order_seq(");
    expect(created.stderr).toContain("vtmigrate GetVSchema ext1.commerce");
    expect(created.stdout).not.toContain("sequence");

    const completed = await lab.type("Migrate Complete commerce.wf");
    expect(completed.code, completed.stderr).toBe(0);
    expect(completed.stderr).toContain(lack);
    expect(completed.stderr).toContain("vtmigrate ApplyVSchema -vschema_file <file> commerce");
  });

  it("-tables as JSON brings the entries of tables that the target doesn't know, at Complete", async () => {
    const spec = `{"notes": {"columnVindexes": [{"column": "author", "name": "binary_md5"}]}}`;
    const created = await create(spec);
    expect(created.code, created.stderr).toBe(0);
    const completed = await lab.type("Migrate Complete commerce.wf");
    expect(completed.code, completed.stderr).toBe(0);
    expect((await entries(lab)).notes?.column_vindexes).toEqual([
      { column: "author", name: "binary_md5", columns: [] },
    ]);
    const halves = lab.rowsByShard("target", "notes");
    expect(Object.values(halves).every((rows) => rows.length > 0)).toBe(true);
    expect(lab.rowsOf("target", "notes")).toEqual(lab.rowsOf("source", "notes"));
  });

  it.each([
    ["{notes}", 2, "Migrate Error: -tables: proto: syntax error (line 1:2): invalid value notes"],
    [`{"notes": {"colum": 1}}`, 2, `Migrate Error: -tables: proto: (line 1:12): unknown field "colum" at notes.colum`],
    [
      `{"notes": {}}`,
      9,
      "Migrate Error: -tables does not fit the VSchema of commerce: missing primary col vindex for table: notes",
    ],
    [
      `{"notes": {"columnVindexes": [{"column": "author", "name": "md5"}]}}`,
      9,
      "Migrate Error: -tables does not fit the VSchema of commerce: vindex md5 not found for table notes",
    ],
    [
      `{"corder": {"columnVindexes": [{"column": "order_id", "name": "hash"}]}}`,
      7,
      "Migrate Error: corder has another entry in the VSchema of commerce than -tables gives, and entries that are there are kept",
    ],
  ])("%s is refused, and nothing is changed", async (spec, code, message) => {
    const before = await entries(lab);
    expectFailure(await create(spec), code, message, /^Hint: /);
    expect(await entries(lab)).toEqual(before);
    expect(lab.streams()).toEqual([]);
    expect(await lab.topo.global.list("vtmigrate/")).toEqual([]);
    expect(lab.primaries("target").flatMap(({ mysql, dbName }) => mysql.tables(dbName))).toEqual([]);
  });
});

describe("into an unsharded keyspace", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      rows: 20,
      source: sourceCluster({ shards: ["-80", "80-"], vschema: sequences }),
      target: targetCluster(),
    });
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(() => lab.clear());

  it("what an unsharded keyspace has no use for is one line, and MySQL goes on numbering", async () => {
    const created = await lab.type("Migrate -all -source ext1.commerce Create commerce.wf");
    expect(created.code, created.stderr).toBe(0);
    expect(created.stderr).toContain(
      "The VSchema of ext1.commerce has column vindexes, type reference for corder, customer, kinds, notes, product: commerce is unsharded and does without.",
    );
    expect(created.stderr).toContain(
      "No sequence fills corder.order_id in commerce: MySQL's AUTO_INCREMENT does, above the largest value copied.",
    );
    expect(created.stderr).not.toContain("create table");
  });

  it("a VSchema that was never written counts as empty", async () => {
    await lab.topo.global.delete("keyspaces/commerce/VSchema");
    const created = await lab.type("Migrate -tables product -source ext1.commerce Create commerce.wf");
    expect(created.code, created.stderr).toBe(0);
    expect(created.stderr).toContain("Keyspace commerce has no VSchema: it counts as empty and unsharded");
    expect((await lab.type("Migrate Complete commerce.wf")).code).toBe(0);
    expect(Object.keys(await entries(lab))).toEqual(["product"]);
  });
});

describe("into shards that the VSchema doesn't know of", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 5, target: targetCluster({ shards: ["-80", "80-"], vschema: {} }) });
  }, 120_000);
  afterAll(() => lab?.close());

  it("Create refuses the contradiction, and a keyspace without VSchema, before anything is changed", async () => {
    const line = "Migrate -all -source ext1.commerce Create commerce.wf";
    expectFailure(
      await lab.type(line),
      9,
      "Migrate Error: the VSchema of commerce says that it is unsharded, but it has shards -80, 80-",
      /"sharded": true/,
    );
    await lab.topo.global.delete("keyspaces/commerce/VSchema");
    expectFailure(
      await lab.type(line),
      9,
      "Migrate Error: keyspace commerce has shards -80, 80- and no VSchema",
      /ApplyVSchema -vschema_file <file> commerce/,
    );
    expect(lab.streams()).toEqual([]);
  });
});
