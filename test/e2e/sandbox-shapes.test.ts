import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterShape } from "../../src/sandbox/cluster/shape.js";
import { commerceTables } from "../../src/sandbox/commerce.js";
import { Lab, sql } from "../support/lab.js";

describe("a sharded source", () => {
  let sharded: Lab;
  let single: Lab;

  beforeAll(async () => {
    sharded = await Lab.start({ sourceShards: ["-80", "80-"], sourceKeyspace: "shop", targetShards: ["-40", "40-"] });
    single = await Lab.start();
  }, 60_000);

  afterAll(async () => {
    await sharded?.close();
    await single?.close();
  });

  it("has every row once, where the primary vindex puts it", () => {
    for (const table of commerceTables) {
      expect(sharded.rowsOf("source", table), table).toEqual(single.rowsOf("source", table));
    }
    const customers = Object.values(sharded.rowsByShard("source", "customer"));
    expect(customers).toHaveLength(2);
    for (const found of customers) expect(found.length).toBeGreaterThan(20);
    // Vitess's examples have customers 1, 2, 3 and 5 in -80 and 4 in 80- (examples/local/README, hash vindex).
    const ids = (shard: string) =>
      sql(sharded.primaryOf("source", shard), "select customer_id from customer where customer_id <= 5").map(
        ({ customer_id }) => customer_id,
      );
    expect(ids("-80")).toEqual(["1", "2", "3", "5"]);
    expect(ids("80-")).toEqual(["4"]);
  });

  it("has every row of a reference table in every shard", () => {
    const products = Object.values(sharded.rowsByShard("source", "product"));
    expect(products).toEqual([single.rowsOf("source", "product"), single.rowsOf("source", "product")]);
  });

  it("keeps a customer's orders beside the customer", () => {
    for (const shard of ["-80", "80-"]) {
      const strays =
        "select order_id from corder left join customer using (customer_id) where customer.customer_id is null";
      expect(sql(sharded.primaryOf("source", shard), strays)).toEqual([]);
    }
  });

  it("has records of its shards, primaries first", async () => {
    expect(sharded.sandbox.source.tablets.map(({ alias, shard, type }) => [alias, shard, type])).toEqual([
      ["zx-0000000001", "-80", "PRIMARY"],
      ["zx-0000000002", "-80", "REPLICA"],
      ["zx-0000000003", "80-", "PRIMARY"],
      ["zx-0000000004", "80-", "REPLICA"],
    ]);
    const source = await sharded.topo.openMount("ext1");
    expect(await source.shards("shop")).toMatchObject([
      { name: "-80", primaryAlias: "zx-0000000001" },
      { name: "80-", primaryAlias: "zx-0000000003" },
    ]);
    expect((await sharded.topo.shards("commerce")).map(({ name }) => name)).toEqual(["-40", "40-"]);
  });
});

describe("a source whose primaries can't be reached", () => {
  it("answers through its replicas, which follow on", { timeout: 60_000 }, async () => {
    const lab = await Lab.start({ unreachableSourcePrimaries: true, rows: 5 });
    try {
      const [primary, replica] = lab.sandbox.source.tablets;
      if (primary === undefined || replica === undefined) throw new Error("the source has a primary and a replica");
      sql(primary, "insert into customer values (1000, 'late')");
      await expect.poll(() => sql(replica, "select email from customer where customer_id = 1000")).toHaveLength(1);
      const source = await lab.topo.openMount("ext1");
      expect(await source.tablet(primary.alias)).toMatchObject({ type: "PRIMARY" });
      await expect(fetch(`http://127.0.0.1:${primary.port}`)).rejects.toMatchObject({
        cause: { code: "ECONNREFUSED" },
      });
    } finally {
      await lab.close();
    }
  });
});

describe("a lab", () => {
  it("takes several keyspaces, several mounts, and puts everything back", { timeout: 60_000 }, async () => {
    const target = clusterShape({
      cells: ["a", { name: "b", ownEtcd: true }],
      keyspaces: [
        { name: "one", replicas: 2 },
        { name: "two", shards: ["-20", "20-c0", "c0-"] },
      ],
    });
    const lab = await Lab.start({ target, rows: 3, mounts: ["ext1", "again"] });
    try {
      const other = await lab.addSource("ext2", { rows: 1 });
      expect(await lab.topo.mounts()).toEqual(["again", "ext1", "ext2"]);
      expect(other.tablets).toHaveLength(2);
      expect(lab.primaries("target").map(({ keyspace, shard }) => `${keyspace}/${shard}`)).toEqual([
        "one/0",
        "two/-20",
        "two/20-c0",
        "two/c0-",
      ]);
      const before = (await lab.topo.vschema("two")).contents;
      await lab.topo.removeVSchemaTables("two", ["kinds"]);
      sql(lab.primaryOf("target", "c0-", "two"), "create table leftover(id int primary key)");
      await lab.clear();
      expect((await lab.topo.vschema("two")).contents).toEqual(before);
      expect(lab.rowsByShard("target", "leftover", "two")).toEqual({});
      const { tablets } = await lab.everything();
      expect(Object.keys(tablets)).toContain("ext2 zx-0000000001");
    } finally {
      await lab.close();
    }
  });
});
