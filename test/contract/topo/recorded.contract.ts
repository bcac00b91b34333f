import { expect, test } from "vitest";
import type { Topo } from "../../../src/topo/port.js";
import { decode, encode } from "../../../src/wire/proto.js";
import { recordedKeys } from "../../support/recorded-topology.js";
import type { Place } from "./place.js";

/** With the address that each one's mount was recorded with. */
const TARGETS = [
  { version: "v11.0.4", server: "localhost:22379" },
  { version: "v14.0.5", server: "localhost:52379" },
  { version: "v22.0.3", server: "localhost:12379" },
];
const VERSIONS = TARGETS.map((target) => target.version);

/** Both clusters' etcd as real Vitess versions filled them, read through Topo. */
export function recordedContract(place: () => Place): void {
  /** Loads a recording below this place's root; CellInfo is rewritten, as it says where the cells are. */
  async function load(side: "source" | "target", version: string): Promise<Topo> {
    for (const { key, value_base64 } of recordedKeys(side, version)) {
      const path = key.replace(/^\/vitess\//, "");
      const bytes = Buffer.from(value_base64, "base64");
      await place().put(path, path.endsWith("/CellInfo") ? rewritten(bytes) : bytes);
    }
    return place().topo();
  }

  function rewritten(cellInfo: Buffer): Buffer {
    const { root } = decode("topodata.CellInfo", cellInfo);
    const here = root.replace(/^\/vitess/, place().root);
    return encode("topodata.CellInfo", { server_address: place().server, root: here });
  }

  test.each(VERSIONS)("the source cluster of %s", async (version) => {
    const topo = await load("source", version);
    expect(await topo.cells()).toEqual(["zx"]);
    expect(await topo.keyspaces()).toEqual(["commerce", "customer"]);
    expect(await topo.keyspace("commerce")).toEqual({ name: "commerce", sidecarDbName: "_vt" });
    const [commerce] = await topo.shards("commerce");
    expect(commerce).toMatchObject({ name: "0", primaryAlias: "zx-0000000001", isPrimaryServing: true });
    expect((await topo.shards("customer")).map((shard) => [shard.name, shard.primaryAlias])).toEqual([
      ["-80", "zx-0000000003"],
      ["80-", "zx-0000000004"],
    ]);
    const primary = await topo.tablet("zx-0000000001");
    expect(primary).toMatchObject({
      cell: "zx",
      uid: 1,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      dbName: "vt_commerce",
    });
    expect(primary.grpcAddress).toMatch(/^127\.0\.0\.1:\d{5}$/);
    const tablets = await topo.tabletsOfShard("commerce", "0");
    const replicas = version === "v22.0.3" ? ["REPLICA"] : [];
    expect(tablets.map((tablet) => tablet.type)).toEqual(["PRIMARY", ...replicas]);
    expect(await topo.mounts()).toEqual([]);
  });

  test.each(TARGETS)("the target cluster of $version", async ({ version, server }) => {
    const topo = await load("target", version);
    expect(await topo.cells()).toEqual(["zone1"]);
    expect(await topo.mounts()).toEqual(["ext1"]);
    expect(await topo.mount("ext1")).toEqual({ type: "etcd2", server, root: "/vitess/global" });
    const names = (bytes: Buffer) => Object.keys(decode("vschema.Keyspace", bytes).tables).sort();
    expect(names((await topo.vschema("commerce")).contents)).toEqual(["corder", "customer", "notes", "product"]);
    expect((await topo.shard("commerce", "0")).tabletControls).toEqual([]);
  });

  test.each(VERSIONS)("a rebuild of %s's SrvVSchema says what Vitess's own says", async (version) => {
    const topo = await load("target", version);
    const { customer, commerce } = await recordedKeyspaces(topo);
    await topo.rebuildSrvVSchema();
    const rebuilt = decode("vschema.SrvVSchema", await topo.srvVSchema("zone1"));
    expect(rebuilt.keyspaces.commerce).toEqual(commerce);
    // The recorded cells of v11 and v14 were written before customer's VSchema changed for the last time.
    if (version === "v22.0.3") expect(rebuilt.keyspaces.customer).toEqual(customer);
    expect(rebuilt.routing_rules).toEqual({ rules: [] });
  });

  async function recordedKeyspaces(topo: Topo) {
    return decode("vschema.SrvVSchema", await topo.srvVSchema("zone1")).keyspaces;
  }
}
