/** -tables as JSON: whose entries the target's VSchema gets, when, and how they go again. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterShape } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { decode } from "../../src/wire/proto.js";
import type { CliResult } from "../support/cli.js";
import { Lab } from "../support/lab.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let lab: Lab;

beforeAll(async () => {
  const { customer } = shardedCommerce.tables ?? {};
  const vschema = {
    sharded: true,
    vindexes: shardedCommerce.vindexes ?? {},
    tables: { ...(customer && { customer }) },
  };
  lab = await Lab.start({
    rows: 30,
    target: clusterShape({
      cells: ["zone1"],
      firstUid: 100,
      keyspaces: [
        { name: "commerce", shards: ["-80", "80-"], vschema },
        { name: "flat", vschema: { tables: { product: { pinned: "00" } } } },
      ],
    }),
  });
}, 120_000);
afterAll(() => lab?.close());
afterEach(() => lab.clear());

const ok = (result: CliResult) => expect(result.code, result.stdout + result.stderr).toBe(0);
const hash = (column: string) => ({ columnVindexes: [{ column, name: "hash" }] });
const create = (keyspace: string, spec: object, ...more: string[]) => {
  const words = ["Migrate", "-tables", JSON.stringify(spec), "-source", "ext1.commerce", ...more];
  return lab.type([...words, "Create", `${keyspace}.wf`]);
};
const vschema = async (keyspace: string) =>
  decode("vschema.Keyspace", (await lab.topo.vschema(keyspace)).contents).tables;

describe("on a sharded target", () => {
  const spec = { customer: hash("customer_id"), corder: hash("customer_id"), product: { type: "reference" } };

  it("places the rows by its vindexes, and Cancel takes back the entries that it brought", async () => {
    const before = await lab.everything();
    const shown = await create("commerce", spec, "-dry_run");
    ok(shown);
    expect(shown.stdout).toContain("Add entries to the VSchema of commerce: corder, product\n");
    expect(await lab.everything()).toEqual(before);

    ok(await create("commerce", spec, "-wait"));
    expect(Object.keys(await vschema("commerce")).sort()).toEqual(["corder", "customer", "product"]);
    expect(await lab.record("wf")).toMatchObject({ addedVSchemaTables: ["corder", "product"] });
    const shards = lab.rowsByShard("target", "corder");
    expect(Object.values(shards).every((rows) => rows.length > 0)).toBe(true);
    expect(Object.values(shards).flat().sort()).toEqual(lab.rowsOf("source", "corder"));
    for (const rows of Object.values(lab.rowsByShard("target", "product"))) {
      expect(rows).toEqual(lab.rowsOf("source", "product"));
    }

    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect((await lab.everything()).tablets).toEqual(before.tablets);
    expect(Object.keys(await vschema("commerce"))).toEqual(["customer"]);
    for (const cell of await lab.topo.cells()) {
      const served = decode("vschema.SrvVSchema", await lab.topo.srvVSchema(cell)).keyspaces.commerce?.tables ?? {};
      expect(Object.keys(served)).toEqual(["customer"]);
    }
  });

  it("the entries stay after Complete, and vtgates route by them", async () => {
    ok(await create("commerce", spec, "-wait"));
    ok(await lab.type("Migrate Complete commerce.wf"));
    const { corder, product } = await vschema("commerce");
    expect(corder?.column_vindexes).toMatchObject([{ column: "customer_id", name: "hash" }]);
    expect(product?.type).toBe("reference");
    expect(await lab.queryTarget({ keyspace: "commerce", table: "corder" })).toHaveLength(30);
    expect(await lab.queryTarget({ keyspace: "commerce", table: "product" })).toHaveLength(30);
  });

  it("a Create that fails leaves no entries", async () => {
    const before = await lab.everything();
    const primary = lab.primaryOf("target", "80-");
    primary.pause();
    const failed = await create("commerce", spec, "-lock-timeout", "2s");
    primary.resume();
    expect(failed.code).not.toBe(0);
    expect(await vschema("commerce")).toHaveProperty("customer");
    expect((await lab.everything()).tablets).toEqual(before.tablets);
    expect(Object.keys(await vschema("commerce"))).toEqual(["customer"]);
  });

  it("a vindex that isn't declared, a column that isn't there, a table that the source hasn't", async () => {
    const before = await lab.everything();
    const refused = async (wrong: object, code: number, sentence: string, hint: string) => {
      const result = await create("commerce", wrong);
      expect({ code: result.code, stdout: result.stdout }, result.stderr).toEqual({ code, stdout: "" });
      expect(result.stderr).toContain(`Migrate Error: ${sentence}\nHint: `);
      expect(result.stderr).toContain(hint);
    };
    await refused(
      { notes: { columnVindexes: [{ column: "author", name: "unicode" }] } },
      9,
      "-tables does not fit the VSchema of commerce: vindex unicode not found for table notes",
      "declare it in the VSchema of commerce with vtmigrate ApplyVSchema",
    );
    await refused(
      { notes: hash("nobody") },
      9,
      "the source has no columns notes.nobody, by which the target is sharded",
      "notes has author, written, note",
    );
    await refused(
      { nothing: hash("id") },
      6,
      "table(s) not found in source keyspace commerce: nothing",
      "It has corder, customer, kinds, notes, product.",
    );
    expect(await lab.everything()).toEqual(before);
  });
});

describe("on an unsharded target", () => {
  it("names the tables; entries come with Complete, as the spec has them", async () => {
    const spec = {
      customer: { columnListAuthoritative: true, columns: [{ name: "customer_id" }, { name: "email" }] },
      corder: {},
    };
    ok(await create("flat", spec, "-wait"));
    expect(lab.rowsOf("target", "customer", "flat")).toEqual(lab.rowsOf("source", "customer"));
    expect(Object.keys(await vschema("flat"))).toEqual(["product"]);
    ok(await lab.type("Migrate Complete flat.wf"));
    const { corder, customer, product } = await vschema("flat");
    expect(customer).toMatchObject({
      column_list_authoritative: true,
      columns: [{ name: "customer_id" }, { name: "email" }],
    });
    expect(corder).toBeDefined();
    expect(product?.pinned).toBe("00");
  });

  it("and Cancel leaves the VSchema as it was", async () => {
    const before = (await lab.topo.vschema("flat")).contents;
    ok(await create("flat", { customer: {}, corder: {} }, "-wait"));
    ok(await lab.type("Migrate Cancel flat.wf"));
    expect((await lab.topo.vschema("flat")).contents).toEqual(before);
    expect(lab.streams("flat")).toEqual([]);
  });
});
