/** Several workflows at once: beside each other, in each other's way, from several clusters, into several keyspaces. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterShape, sourceCluster } from "../../src/sandbox/cluster/shape.js";
import type { Cluster } from "../../src/sandbox/cluster/start-cluster.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { decode } from "../../src/wire/proto.js";
import type { CliResult } from "../support/cli.js";
import { afterStatement, Lab, rows, sql } from "../support/lab.js";
import { RawEtcd } from "../support/raw-etcd.js";
import { setShard } from "../support/shard-record.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const two = ["-80", "80-"];
let lab: Lab;
let stock: Cluster;

beforeAll(async () => {
  lab = await Lab.start({
    typesHere: true,
    rows: 40,
    sourceShards: two,
    target: clusterShape({
      cells: ["zone1"],
      firstUid: 100,
      keyspaces: [
        { name: "commerce", shards: two, vschema: shardedCommerce },
        { name: "shop", vschema: {} },
      ],
    }),
  });
  stock = await lab.addSource("ext2", {
    shape: sourceCluster({ cells: ["zy"], name: "stock", vschema: { tables: { inventory: {} } } }),
    statements: () => [
      "create table inventory(sku varbinary(128), n bigint, primary key(sku))",
      "insert into inventory values ('SKU-1001', 3), ('SKU-1002', 4)",
    ],
  });
}, 120_000);
afterAll(() => lab?.close());
afterEach(async () => {
  vi.restoreAllMocks();
  await lab.clear();
});

const ok = (result: CliResult) => expect(result.code, result.stdout + result.stderr).toBe(0);
const create = (tables: string, name: string, source = "ext1.commerce") =>
  lab.type(`Migrate -tables ${tables} -source ${source} -wait Create ${name}`);
const entries = async (keyspace: string) =>
  Object.keys(decode("vschema.Keyspace", (await lab.topo.vschema(keyspace)).contents).tables).sort();
const tables = (keyspace: string) =>
  lab.primaries("target", keyspace).map(({ mysql, dbName }) => mysql.tables(dbName).map(({ name }) => name));
const workflows = (keyspace: string) => [...new Set(lab.streams(keyspace).map(({ workflow }) => workflow))].sort();
const denied = async (keyspace: string, shard: string) =>
  (await lab.topo.shard(keyspace, shard)).tabletControls.flatMap(({ denied_tables: names }) => names);

describe("disjoint tables in one keyspace", () => {
  it("one is cancelled, one completed, and the third has noticed nothing", async () => {
    const spec = JSON.stringify({ customer: { columnVindexes: [{ column: "customer_id", name: "hash" }] } });
    const json = ["Migrate", "-tables", spec, "-source", "ext1.commerce", "-wait", "Create", "commerce.one"];
    ok(await lab.type(json));
    ok(await create("corder,product", "commerce.two"));
    ok(await create("kinds", "commerce.three"));
    // As vtctldclient's Create would deny them (v22).
    for (const shard of two) {
      const denied_tables = ["corder", "customer", "kinds", "product"];
      await setShard(lab.sandbox.target, `commerce/${shard}`, {
        tablet_controls: [{ tablet_type: "PRIMARY", denied_tables }],
      });
    }
    const before = lab.streams("commerce").filter(({ workflow }) => workflow === "three");
    const names = await entries("commerce");

    ok(await lab.type("Migrate Cancel commerce.one"));
    expect(tables("commerce")).toEqual([
      ["corder", "kinds", "product"],
      ["corder", "kinds", "product"],
    ]);
    expect(workflows("commerce")).toEqual(["three", "two"]);
    expect(await entries("commerce")).toEqual(names);
    for (const shard of two) expect(await denied("commerce", shard)).toEqual(["corder", "kinds", "product"]);

    ok(await lab.type("Migrate Complete commerce.two"));
    expect(workflows("commerce")).toEqual(["three"]);
    for (const shard of two) expect(await denied("commerce", shard)).toEqual(["kinds"]);
    const after = lab.streams("commerce");
    const fixed = (list: typeof after) =>
      list.map(({ id, source, state, message, workflow }) => ({ id, source, state, message, workflow }));
    expect(fixed(after)).toEqual(fixed(before));
    expect(await lab.record("three")).toMatchObject({ step: "created" });
    expect(lab.rowsOf("target", "corder")).toEqual(lab.rowsOf("source", "corder"));

    for (const primary of lab.primaries("source")) sql(primary, "update kinds set plain = 7");
    await expect.poll(() => lab.rowsOf("target", "kinds")).toEqual(lab.rowsOf("source", "kinds"));
    const diff = await lab.type("VDiff commerce.three");
    ok(diff);
    ok(await lab.type("Migrate Complete commerce.three"));
    for (const shard of two) expect(await denied("commerce", shard)).toEqual([]);
  });

  it("into an unsharded keyspace: only the completed one's tables are announced", async () => {
    ok(await create("customer", "shop.one"));
    ok(await create("corder", "shop.two"));
    ok(await lab.type("Migrate Complete shop.one"));
    expect(await entries("shop")).toEqual(["customer"]);
    ok(await lab.type("Migrate Cancel shop.two"));
    expect(await entries("shop")).toEqual(["customer"]);
    expect(tables("shop")).toEqual([["customer"]]);
    expect(lab.rowsOf("target", "customer", "shop")).toEqual(lab.rowsOf("source", "customer"));
  });
});

describe("the same table twice", () => {
  it("is refused while the first goes on", async () => {
    ok(await create("customer,product", "commerce.one"));
    const before = await lab.everything();
    const second = await create("customer", "commerce.two");
    expect(second).toMatchObject({ code: 7, stdout: "" });
    expect(second.stderr).toContain(
      "Migrate Error: workflow commerce.one fills customer on -80/zone1-0000000100, 80-/zone1-0000000101\n",
    );
    expect(await lab.everything()).toEqual(before);
  });

  it("is refused too while the first has yet to start", async () => {
    ok(await lab.type("Migrate -tables customer -auto_start=false -source ext1.commerce Create commerce.one"));
    const before = await lab.everything();
    const second = await create("customer", "commerce.two");
    expect(second).toMatchObject({ code: 7, stdout: "" });
    expect(second.stderr).toContain(
      "Migrate Error: workflow commerce.one fills customer on -80/zone1-0000000100, 80-/zone1-0000000101\nHint: End that workflow first",
    );
    expect(await lab.everything()).toEqual(before);
  });
});

describe("two mounts, two keyspaces", () => {
  it("one name in two keyspaces, two clusters into one keyspace: each is a workflow of its own", {
    timeout: 90_000,
  }, async () => {
    const started = await Promise.all([
      create("customer,corder", "commerce.wf"),
      create("product,customer", "shop.wf"),
      create("inventory", "shop.stock", "ext2.stock"),
    ]);
    for (const result of started) ok(result);
    expect(workflows("commerce")).toEqual(["wf"]);
    expect(workflows("shop")).toEqual(["stock", "wf"]);
    expect(lab.rowsOf("target", "customer", "shop")).toEqual(lab.rowsOf("source", "customer"));

    const all = await lab.type("Workflow shop listall");
    expect(all.stdout).toContain("stock, wf");
    ok(await lab.type("VDiff shop.stock"));
    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect(tables("commerce")).toEqual([[], []]);
    expect(workflows("shop")).toEqual(["stock", "wf"]);

    ok(await lab.type("Migrate Complete shop.stock"));
    expect(await entries("shop")).toEqual(["inventory"]);
    const [shop] = lab.primaries("target", "shop");
    expect(shop && rows(shop, "inventory")).toHaveLength(2);
    ok(await lab.type("VDiff shop.wf"));
    ok(await lab.type("Migrate Complete shop.wf"));
    expect(await entries("shop")).toEqual(["customer", "inventory", "product"]);
    expect(await lab.queryTarget({ keyspace: "shop", table: "customer" })).toHaveLength(40);
    expect(lab.streams()).toEqual([]);
    expect(await lab.topo.global.list("vtmigrate/")).toEqual([]);
  });

  it("a mount that is in use is kept, and goes with -force; the other one is free", async () => {
    ok(await create("inventory", "shop.stock", "ext2.stock"));
    const refused = await lab.type("Mount -unmount ext2");
    expect(refused).toMatchObject({ code: 7, stdout: "" });
    expect(refused.stderr).toContain("Mount Error: ext2 can't be unmounted: shop.stock reads from it\n");
    ok(await lab.type("Mount -unmount ext1"));
    await lab.mount("ext1", lab.sandbox.source);
    ok(await lab.type("Mount -unmount -force ext2"));
    ok(await lab.type("Migrate Cancel shop.stock"));
    await lab.mount("ext2", stock);
  });
});

describe("a Create that is killed", () => {
  const words = "Migrate -all -skip_checks probe_stream -source ext1.commerce -wait Create commerce.wf";

  /** As soon as a statement that matches has been executed on any of the shards. */
  async function killAfter(statement: RegExp): Promise<void> {
    let kill: (() => void) | undefined;
    const executed = afterStatement(lab.primary("target"), statement, () => kill?.());
    const { signal } = await lab.type(words, {
      onStart: (send) => {
        kill = () => send("SIGKILL");
      },
    });
    await executed;
    vi.restoreAllMocks();
    expect(signal).toBe("SIGKILL");
    const etcd = new RawEtcd(lab.sandbox.target.etcd);
    for (const lock of await lab.locks()) await etcd.call("Lease", "LeaseRevoke", { ID: lock.split("/").at(-1) });
    etcd.close();
    expect(await lab.record("wf")).toMatchObject({ step: "creating" });
  }

  async function expectDone(): Promise<void> {
    expect(lab.streamsByShard()).toMatchObject({ "-80": [{ state: "Running" }], "80-": [{ state: "Running" }] });
    expect(lab.rowsOf("target", "customer")).toEqual(lab.rowsOf("source", "customer"));
    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect(tables("commerce")).toEqual([[], []]);
  }

  it("with tables on one of two shards: a second one takes over", async () => {
    await killAfter(/^create table `?product/i);
    ok(await lab.type(words));
    await expectDone();
  });

  it("with a stream on one of two shards: Cancel takes it back, then Create works", async () => {
    await killAfter(/^insert into _vt\.vreplication\(/i);
    const again = await lab.type(words);
    expect(again).toMatchObject({ code: 7, stdout: "" });
    expect(again.stderr).toContain("Migrate Error: workflow already exists\nHint: ");
    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect(tables("commerce")).toEqual([[], []]);
    expect(lab.streams()).toEqual([]);
    ok(await lab.type(words));
    await expectDone();
  });
});
