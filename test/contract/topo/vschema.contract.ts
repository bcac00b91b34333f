import { expect, test } from "vitest";
import { ConflictError, FailedError, NotFoundError, UnreachableError } from "../../../src/errors.js";
import type { Conn, Topo } from "../../../src/topo/port.js";
import { srvVSchemaRecords } from "../../../src/topo/srv-vschema.js";
import { mapEntry } from "../../../src/wire/fields.js";
import { decode, encode } from "../../../src/wire/proto.js";
import type { Place } from "./place.js";

/** Field 99, of no version: bytes "new". */
const UNKNOWN = Buffer.from([0x9a, 0x06, 0x03, 0x6e, 0x65, 0x77]);
const VSCHEMA = "global/keyspaces/commerce/VSchema";

/** VSchema and SrvVSchema: edited in their bytes, and never lost to somebody who writes at the same time. */
export function vschemaContract(place: () => Place): void {
  const tablesOf = async () =>
    Object.keys(decode("vschema.Keyspace", (await place().read(VSCHEMA)) ?? Buffer.alloc(0)).tables).sort();

  test("a VSchema is read with its version and written by compare-and-swap", async () => {
    const topo = await place().topo();
    const missing = topo.vschema("commerce");
    await expect(missing).rejects.toThrow(NotFoundError);
    await expect(missing).rejects.toThrow(`node doesn't exist: ${place().globalRoot}/keyspaces/commerce/VSchema`);
    const contents = encode("vschema.Keyspace", { tables: { product: {} } });
    const version = await topo.saveVSchema("commerce", contents, undefined);
    expect(await topo.vschema("commerce")).toEqual({ contents, version });
    await topo.saveVSchema("commerce", Buffer.alloc(0), version);
    await expect(topo.saveVSchema("commerce", contents, version)).rejects.toThrow(ConflictError);
  });

  test("tables are added and removed around fields and tables that we don't know", async () => {
    const topo = await place().topo();
    const customer = Buffer.concat([Buffer.from([0x0a, 0x01, 0x78]), UNKNOWN]);
    const stored = Buffer.concat([UNKNOWN, mapEntry(3, "customer", customer), Buffer.from([0x08, 0x01]), UNKNOWN]);
    await place().put(VSCHEMA, stored);
    expect(await topo.addVSchemaTables("commerce", ["product", "customer", "product", "corder"])).toEqual([
      "product",
      "corder",
    ]);
    const added = [mapEntry(3, "product", Buffer.alloc(0)), mapEntry(3, "corder", Buffer.alloc(0))];
    expect(await place().read(VSCHEMA)).toEqual(Buffer.concat([stored, ...added]));
    expect(await topo.removeVSchemaTables("commerce", ["product", "none", "corder"])).toEqual(["product", "corder"]);
    expect(await place().read(VSCHEMA)).toEqual(stored);
  });

  test("tables are added with the definitions that are given, and keep those that they have", async () => {
    const topo = await place().topo();
    const stored = mapEntry(3, "customer", Buffer.concat([encode("vschema.Table", { pinned: "80" }), UNKNOWN]));
    await place().put(VSCHEMA, stored);
    const sequence = Buffer.concat([encode("vschema.Table", { type: "sequence" }), UNKNOWN]);
    const reference = encode("vschema.Table", { type: "reference", source: "main.region" });
    const definitions = new Map<string, Uint8Array>([
      ["customer_seq", sequence],
      ["customer", reference],
      ["region", new Uint8Array(reference)],
      ["not asked for", sequence],
    ]);
    const tables = ["customer", "customer_seq", "region", "product"];
    expect(await topo.addVSchemaTables("commerce", tables, definitions)).toEqual(["customer_seq", "region", "product"]);
    const expected = Buffer.concat([
      stored,
      mapEntry(3, "customer_seq", sequence),
      mapEntry(3, "region", reference),
      mapEntry(3, "product", Buffer.alloc(0)),
    ]);
    expect(await place().read(VSCHEMA)).toEqual(expected);
    expect(await topo.addVSchemaTables("commerce", tables, definitions)).toEqual([]);
    expect(await place().read(VSCHEMA)).toEqual(expected);
  });

  test("nothing to add or remove writes nothing", async () => {
    const topo = await place().topo();
    expect(await topo.removeVSchemaTables("commerce", ["a"])).toEqual([]);
    expect(await topo.addVSchemaTables("commerce", [])).toEqual([]);
    expect(await place().read(VSCHEMA)).toBeNull();
    expect(await topo.addVSchemaTables("commerce", ["a"])).toEqual(["a"]);
    const { version } = await topo.vschema("commerce");
    expect(await topo.addVSchemaTables("commerce", ["a"])).toEqual([]);
    expect((await topo.vschema("commerce")).version).toBe(version);
  });

  test("two clients that add tables at the same time lose none of them", async () => {
    const [one, two] = [await place().topo(), await place().topo()];
    const names = Array.from({ length: 12 }, (_, index) => `t${String(index).padStart(2, "0")}`);
    await Promise.all(
      names.map((name, index) => (index % 2 === 0 ? one : two).addVSchemaTables("commerce", [name, "shared"])),
    );
    expect(await tablesOf()).toEqual(["shared", ...names]);
    const definition = (pinned: string) => new Map([["owned", encode("vschema.Table", { pinned })]]);
    const added = await Promise.all([
      one.addVSchemaTables("commerce", ["owned"], definition("40")),
      two.addVSchemaTables("commerce", ["owned"], definition("80")),
    ]);
    expect(added.map((tables) => tables.length).sort()).toEqual([0, 1]);
    const { contents } = await one.vschema("commerce");
    expect(decode("vschema.Keyspace", contents).tables.owned?.pinned).toBe(added[0].length === 1 ? "40" : "80");
    await one.removeVSchemaTables("commerce", ["owned"]);
    await Promise.all([
      one.removeVSchemaTables("commerce", names.slice(0, 6)),
      two.addVSchemaTables("commerce", ["x"]),
    ]);
    expect(await tablesOf()).toEqual(["shared", ...names.slice(6), "x"]);
  });

  test("SrvVSchema is assembled from the stored bytes, a missing VSchema counting as empty", async () => {
    await place().addCell("zone1");
    await place().addCell("zone2");
    const commerce = Buffer.concat([encode("vschema.Keyspace", { tables: { product: {} } }), UNKNOWN]);
    await place().put("global/keyspaces/commerce/Keyspace", "");
    await place().put("global/keyspaces/empty/Keyspace", "");
    await place().put(VSCHEMA, commerce);
    const rules = encode("vschema.RoutingRules", { rules: [{ from_table: "a", to_tables: ["b"] }] });
    await place().put("global/RoutingRules", rules);
    await place().put("global/MirrorRules", "");
    await place().put("global/routing_rules/keyspace/Rules", UNKNOWN);
    const topo = await place().topo();
    await topo.rebuildSrvVSchema();
    const assembled = Buffer.concat([
      mapEntry(1, "commerce", commerce),
      mapEntry(1, "empty", Buffer.alloc(0)),
      Buffer.from([0x12, rules.length]),
      rules,
      Buffer.from([0x22, UNKNOWN.length]),
      UNKNOWN,
      Buffer.from([0x2a, 0]),
    ]);
    expect(await topo.srvVSchema("zone1")).toEqual(assembled);
    expect(await place().read("zone2/SrvVSchema")).toEqual(assembled);
  });

  test("a cell's SrvVSchema keeps the fields that a newer Vitess has put there", async () => {
    await place().addCell("zone1");
    await place().put("global/keyspaces/commerce/Keyspace", "");
    await place().put("zone1/SrvVSchema", Buffer.concat([UNKNOWN, mapEntry(1, "gone", Buffer.alloc(0))]));
    const topo = await place().topo();
    await topo.rebuildSrvVSchema();
    const expected = Buffer.concat([mapEntry(1, "commerce", Buffer.alloc(0)), Buffer.from([0x12, 0]), UNKNOWN]);
    expect(await topo.srvVSchema("zone1")).toEqual(expected);
  });

  test("empty rules of the kinds that the cluster's Vitess writes are written again", async () => {
    await place().addCell("zone1");
    await place().addCell("zone2");
    await place().put("zone1/SrvVSchema", Buffer.from([0x12, 0, 0x1a, 0, 0x2a, 0]));
    const topo = await place().topo();
    await topo.rebuildSrvVSchema();
    expect(await topo.srvVSchema("zone1")).toEqual(Buffer.from([0x12, 0, 0x1a, 0, 0x2a, 0]));
    expect(await topo.srvVSchema("zone2")).toEqual(Buffer.from([0x12, 0]));
  });

  test("only the cells that are named are rebuilt", async () => {
    await place().addCell("zone1");
    await place().addCell("down", "127.0.0.1:1");
    const topo = await place().topo();
    await topo.rebuildSrvVSchema(["zone1"]);
    expect(await topo.srvVSchema("zone1")).toEqual(Buffer.from([0x12, 0]));
    await expect(topo.rebuildSrvVSchema(["nowhere"])).rejects.toThrow("SrvVSchema could not be written in nowhere");
  });

  test("a failure says which cells have it and which not", async () => {
    await place().addCell("zone1");
    await place().addCell("down", "127.0.0.1:1");
    await place().put("global/keyspaces/commerce/Keyspace", "");
    const topo = await place().topo();
    const failure = topo.rebuildSrvVSchema();
    await expect(failure).rejects.toThrow(UnreachableError);
    await expect(failure).rejects.toThrow(
      /could not be written in down \(.*127\.0\.0\.1:1.*\); it was written in zone1$/,
    );
    expect(await place().read("zone1/SrvVSchema")).toEqual(
      Buffer.concat([mapEntry(1, "commerce", Buffer.alloc(0)), Buffer.from([0x12, 0])]),
    );
    await expect(topo.rebuildSrvVSchema(["down", "zone3"])).rejects.toThrow(FailedError);
    await expect(topo.rebuildSrvVSchema(["down", "zone3"])).rejects.toThrow("no cell has it");
  });

  test("a rebuild ends with what is in the VSchemas even while they change and others rebuild", async () => {
    await place().addCell("zone1");
    await place().put("global/keyspaces/commerce/Keyspace", "");
    const [one, two] = [await place().topo(), await place().topo()];
    const add = async (topo: typeof one, name: string) => {
      await topo.addVSchemaTables("commerce", [name]);
      await topo.rebuildSrvVSchema();
      // What a command promises when it returns: the cell knows its table.
      return (await servedTables(topo)).includes(name);
    };
    const done = await Promise.all(["a", "b", "c", "d"].map((name, index) => add(index % 2 ? one : two, name)));
    expect(done).toEqual([true, true, true, true]);
    expect(await servedTables(one)).toEqual(["a", "b", "c", "d"]);
  });

  test("a VSchema that changes between reading and writing is rebuilt again", async () => {
    await place().addCell("zone1");
    const topo = await place().topo();
    await topo.addVSchemaTables("commerce", ["a"]);
    await place().put("global/keyspaces/commerce/Keyspace", "");
    let changed = false;
    const get: Conn["get"] = async (path, ...rest) => {
      const file = await topo.global.get(path, ...rest);
      const change = !changed && path.endsWith("/VSchema");
      changed ||= change;
      if (change) await topo.addVSchemaTables("commerce", ["b"]);
      return file;
    };
    const global = Object.assign(Object.create(topo.global), { get });
    await srvVSchemaRecords(global, topo).rebuildSrvVSchema();
    expect(changed).toBe(true);
    expect(await servedTables(topo)).toEqual(["a", "b"]);
  });

  test("a rebuild that was overtaken never puts its older view back", async () => {
    await place().addCell("zone1");
    const topo = await place().topo();
    await topo.addVSchemaTables("commerce", ["a"]);
    await place().put("global/keyspaces/commerce/Keyspace", "");
    await topo.rebuildSrvVSchema();
    const zone1 = await topo.cell("zone1");
    const seen: string[][] = [];
    let overtaken = false;
    const overtake = async () => {
      if (overtaken) return;
      overtaken = true;
      await topo.addVSchemaTables("commerce", ["b"]);
      await topo.rebuildSrvVSchema();
    };
    const get: Conn["get"] = async (...args) => {
      await overtake();
      return zone1.get(...args);
    };
    const update: Conn["update"] = async (...args) => {
      const version = await zone1.update(...args);
      seen.push(await servedTables(topo));
      return version;
    };
    const cell = async () => Object.assign(Object.create(zone1), { get, update });
    await srvVSchemaRecords(topo.global, { ...topo, cell }).rebuildSrvVSchema();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual(seen.map(() => ["a", "b"]));
  });

  test("somebody else's older view, written over ours, is replaced", async () => {
    await place().addCell("zone1");
    const topo = await place().topo();
    await topo.addVSchemaTables("commerce", ["a"]);
    let overwritten = false;
    const zone1 = await topo.cell("zone1");
    const create: Conn["create"] = async (...args) => {
      const version = await zone1.create(...args);
      if (!overwritten) await place().put("zone1/SrvVSchema", mapEntry(1, "commerce", Buffer.alloc(0)));
      overwritten = true;
      return version;
    };
    const cell = async () => Object.assign(Object.create(zone1), { create });
    await srvVSchemaRecords(topo.global, { ...topo, cell }).rebuildSrvVSchema();
    expect(overwritten).toBe(true);
    expect(await servedTables(topo)).toEqual(["a"]);
  });

  async function servedTables(topo: Topo): Promise<string[]> {
    const { keyspaces } = decode("vschema.SrvVSchema", await topo.srvVSchema("zone1"));
    return Object.keys(keyspaces.commerce?.tables ?? {}).sort();
  }
}
