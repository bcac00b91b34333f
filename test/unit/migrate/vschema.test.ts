import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FailedError, InterruptedError, PreflightError, type VtmigrateError } from "../../../src/errors.js";
import { inspectVSchema, readTargetVSchema, requireConsistentSharding } from "../../../src/migrate/vschema.js";
import { autoIncrementColumn, readAdvice } from "../../../src/migrate/vschema-advice.js";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import type { Topo } from "../../../src/topo/port.js";
import { readVSchema } from "../../../src/topo/read-vschema.js";
import { openTopo } from "../../../src/topo/topo.js";
import { parseTableSpec } from "../../../src/vschema/table-spec.js";
import type { Keyspace } from "../../../src/wire/generated/vschema/Keyspace.js";
import { encode } from "../../../src/wire/proto.js";
import { Place } from "../../contract/topo/place.js";

let server: EtcdServer;
let target: Place;
let source: Place;

beforeAll(async () => {
  server = await startEtcd();
});
afterAll(() => server.close());
beforeEach(() => {
  target = new Place(server.endpoint);
  source = new Place(server.endpoint);
});
afterEach(() => {
  target.close();
  source.close();
});

async function put(place: Place, keyspace: string, vschema?: Keyspace): Promise<void> {
  await place.put(`global/keyspaces/${keyspace}/Keyspace`, "");
  if (vschema === undefined) return;
  await place.put(`global/keyspaces/${keyspace}/VSchema`, encode("vschema.Keyspace", vschema));
}

const shards = (...names: string[]) => names.map((name) => ({ name, isPrimaryServing: true }));
const sharded: Keyspace = { sharded: true, vindexes: { hash: { type: "hash" } } };

async function refusal(act: () => unknown): Promise<VtmigrateError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof PreflightError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a keyspace's VSchema", () => {
  test("absent, empty and unreadable are told apart", async () => {
    const topo = await target.topo();
    expect(await readVSchema(topo, "commerce")).toBeUndefined();
    await put(target, "commerce", {});
    expect(await readVSchema(topo, "commerce")).toMatchObject({ sharded: false, tables: {} });
    await target.put("global/keyspaces/commerce/VSchema", Buffer.from([0x0a, 0xff]));
    await expect(readVSchema(topo, "commerce")).rejects.toThrow(FailedError);
    await expect(readVSchema(topo, "commerce")).rejects.toThrow("the VSchema of commerce in etcd2 ");
  });

  test("a table named like what every object has is missing like any other", async () => {
    const topo = await target.topo();
    await put(target, "commerce", { ...sharded, tables: { product: {} } });
    expect(await inspectVSchema(topo, "commerce", ["product", "constructor"])).toEqual({
      sharded: true,
      missing: ["constructor"],
    });
  });

  test("none counts as empty over one shard, with a note, and is refused over several", async () => {
    const topo = await target.topo();
    const { vschema, note } = await readTargetVSchema(topo, "commerce", shards("0"));
    expect(vschema).toMatchObject({ sharded: false, tables: {} });
    expect(note).toBe(
      "Keyspace commerce has no VSchema: it counts as empty and unsharded, as after vtmigrate ApplyVSchema -vschema '{}' commerce",
    );
    const error = await refusal(() => readTargetVSchema(topo, "commerce", shards("-80", "80-")));
    expect(error.message).toBe("keyspace commerce has shards -80, 80- and no VSchema");
    expect(error.hint).toContain("vtmigrate ApplyVSchema -vschema_file <file> commerce");
    await put(target, "commerce", sharded);
    expect(await readTargetVSchema(topo, "commerce", shards("-80", "80-"))).toMatchObject({
      vschema: { sharded: true },
      note: undefined,
    });
  });
});

describe("sharded by the VSchema and by the shards", () => {
  test.each([
    [false, ["0"]],
    [false, ["-"]],
    [true, ["0"]],
    [true, ["-"]],
    [true, ["-80", "80-"]],
  ])("sharded %s over %s is no contradiction", (isSharded, names) => {
    requireConsistentSharding("commerce", { sharded: isSharded }, shards(...names));
  });

  test.each([[["-80", "80-"]], [["-80"]], [["0", "1"]]])("unsharded over %s is one", async (names) => {
    const error = await refusal(() => requireConsistentSharding("commerce", { sharded: false }, shards(...names)));
    expect(error.message).toBe(
      `the VSchema of commerce says that it is unsharded, but it has shards ${names.join(", ")}`,
    );
    expect(error.hint).toContain('"sharded": true');
  });

  test("shards that don't serve are on their way in or out", async () => {
    const splitting = [
      ...shards("0"),
      { name: "-80", isPrimaryServing: false },
      { name: "80-", isPrimaryServing: false },
    ];
    requireConsistentSharding("commerce", { sharded: false }, splitting);
    const silent = splitting.slice(1);
    const error = await refusal(() => requireConsistentSharding("commerce", { sharded: false }, silent));
    expect(error.message).toContain("-80, 80-");
  });

  test("a shard's name that is no key range is said", async () => {
    const error = await refusal(() => requireConsistentSharding("commerce", { sharded: false }, shards("eu-west")));
    expect(error.message).toBe("shard commerce/eu-west is no key range, and no name for a whole keyspace");
  });
});

describe("advice from two topologies", () => {
  const numbered = (sequence: string) => ({
    column_vindexes: [{ column: "customer_id", name: "hash" }],
    auto_increment: { column: "customer_id", sequence },
  });
  const customer = { name: "customer", schema: "CREATE TABLE `customer` (\n  `customer_id` bigint NOT NULL\n)" };

  async function advice(more: Partial<Parameters<typeof readAdvice>[0]> = {}): Promise<string[]> {
    return readAdvice({
      topo: await target.topo(),
      keyspace: "shop",
      source: await source.topo(),
      sourceName: { mount: "ext1", keyspace: "commerce" },
      tables: ["customer"],
      ...more,
    });
  }

  test("keyspaces without VSchemas have nothing to say", async () => {
    await put(target, "shop");
    await put(source, "commerce");
    expect(await advice()).toEqual([]);
  });

  test("the source's sequence is named with the keyspace that has it", async () => {
    await put(target, "shop", { ...sharded, tables: { customer: { column_vindexes: numbered("").column_vindexes } } });
    await put(source, "commerce", { ...sharded, tables: { customer: numbered("customer_seq") } });
    await put(source, "lookup", { tables: { customer_seq: { type: "sequence" } } });
    const lines = await advice({ definitions: [customer] });
    expect(lines.slice(0, 3)).toEqual([
      "The VSchema of ext1.commerce has, and that of shop lacks:",
      "  auto_increment: customer.customer_id from lookup.customer_seq",
      "No sequence fills customer.customer_id in shop: inserts without a value fail.",
    ]);
    expect(lines[3]).toContain("create table customer_seq(");
    await put(target, "numbers", { tables: { customer_seq: { type: "sequence" } } });
    expect((await advice({ definitions: [customer] }))[3]).toBe(
      `Before the application writes to the target, name lookup.customer_seq in the tables' "autoIncrement", with next_id above the columns' largest values.`,
    );
  });

  test("what -tables gives is in the target already", async () => {
    await put(target, "shop", sharded);
    await put(source, "commerce", { ...sharded, tables: { customer: numbered("customer_seq") } });
    const spec = parseTableSpec(
      `{"customer": {"columnVindexes": [{"column": "customer_id", "name": "hash"}], "autoIncrement": {"column": "customer_id", "sequence": "numbers.customer_seq"}}}`,
    );
    await put(target, "numbers", {});
    expect(await advice({ spec })).toEqual([]);
  });

  test.each([
    ["customer_seq", { numbers: { tables: { customer_seq: {} } } }, true],
    ["customer_seq", { numbers: {} }, false],
    ["customer_seq", { a: { tables: { customer_seq: {} } }, b: { tables: { customer_seq: {} } } }, false],
    ["customer_seq", { a: { tables: { customer_seq: {} }, require_explicit_routing: true } }, false],
    ["numbers.customer_seq", { numbers: {} }, true],
    ["`numbers`.`customer_seq`", { numbers: {} }, true],
    ["numbers.customer_seq", { numbers: sharded }, false],
    ["elsewhere.customer_seq", { numbers: {} }, false],
  ] as [string, Record<string, Keyspace>, boolean][])(
    "sequence %s among %j is found: %s",
    async (name, others, found) => {
      await put(target, "shop", { ...sharded, tables: { customer: numbered(name) } });
      for (const [keyspace, vschema] of Object.entries(others)) await put(target, keyspace, vschema);
      const lines = await advice();
      if (found) expect(lines).toEqual([]);
      else
        expect(lines[0]).toContain(
          `takes customer.customer_id from ${name}, which no VSchema of the target cluster has`,
        );
    },
  );

  test("a sequence that is migrated too will be there, and one keyspace alone has any table", async () => {
    await put(target, "shop", { tables: { customer: numbered("customer_seq") } });
    expect(await advice()).toEqual([]);
    await put(target, "other", {});
    expect((await advice())[0]).toContain("which no VSchema of the target cluster has");
    expect(await advice({ tables: ["customer", "customer_seq"] })).toEqual([]);
    await put(target, "shop", { ...sharded, tables: { customer: numbered("customer_seq") } });
    expect((await advice({ tables: ["customer", "customer_seq"] }))[0]).toContain("which no VSchema");
  });

  test("a source that can't be asked is said, and what the target tells alone is told", async () => {
    await put(target, "shop", {
      ...sharded,
      tables: { customer: { column_vindexes: [{ column: "id", name: "hash" }] } },
    });
    const numberedByMySql = { name: "customer", schema: "CREATE TABLE `customer` (\n  `n` int AUTO_INCREMENT\n)" };
    const absent = await advice({ source: undefined, definitions: [numberedByMySql] });
    expect(absent[0]).toBe(
      "The VSchema of ext1.commerce could not be read, so nothing says what it has and that of shop lacks (vindexes, sequences, ...): the source cluster's topology is not at hand",
    );
    expect(absent[1]).toMatch(/^No sequence fills customer\.n in shop: each shard's MySQL counts for itself/);
    const gone = await startEtcd();
    const topo: Topo = await openTopo({ type: "etcd2", server: gone.endpoint, root: "/vitess/global" });
    await gone.close();
    const down = await advice({ source: topo });
    topo.close();
    expect(down).toHaveLength(1);
    expect(down[0]).toContain(gone.endpoint);
  });

  test("a fault of ours and an interruption are no answer of the source's", async () => {
    await put(target, "shop", {});
    for (const error of [new TypeError("ours"), new InterruptedError("interrupted")]) {
      const failing = Object.assign(Object.create(await source.topo()), { vschema: () => Promise.reject(error) });
      await expect(advice({ source: failing })).rejects.toBe(error);
    }
  });
});

test.each([
  [
    "CREATE TABLE `t` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=7",
    "id",
  ],
  ["CREATE TABLE `t` (\n  `a``b` int unsigned NOT NULL auto_increment COMMENT 'x'\n)", "a`b"],
  [
    "CREATE TABLE `t` (\n  `auto_increment` int DEFAULT '1' COMMENT 'AUTO_INCREMENT, says \\'who\\'',\n  KEY `auto_increment` (`auto_increment`)\n) AUTO_INCREMENT=3",
    undefined,
  ],
  ["CREATE TABLE t (\n  auto_increment int,\n  id int AUTO_INCREMENT\n)", "id"],
  ["CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1", undefined],
])("the AUTO_INCREMENT column of %j is %s", (sql, column) => {
  expect(autoIncrementColumn(sql)).toBe(column);
});
