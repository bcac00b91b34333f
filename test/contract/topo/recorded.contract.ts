import { expect, test } from "vitest";
import type { Topo } from "../../../src/topo/port.js";
import { decode, encode } from "../../../src/wire/proto.js";
import { recordedKeys } from "../../support/recorded-topology.js";
import type { Place } from "./place.js";

interface RecordedClusters {
  version: string;
  source: {
    /** Number of commerce's primary; further ones are replicas. */
    primary: number;
    replicas: number;
    sharded: { keyspace: string; shards: [shard: string, primary: string][] };
  };
  target: {
    /** The address that the mount was recorded with. */
    server: string;
    sharded: string;
  };
}

const customer = {
  keyspace: "customer",
  shards: [
    ["-80", "zx-0000000003"],
    ["80-", "zx-0000000004"],
  ] satisfies [string, string][],
};

const CLUSTERS: RecordedClusters[] = [
  {
    version: "v11.0.4",
    source: { primary: 1, replicas: 0, sharded: customer },
    target: { server: "localhost:22379", sharded: "customer" },
  },
  {
    version: "v14.0.5",
    source: { primary: 1, replicas: 0, sharded: customer },
    target: { server: "localhost:52379", sharded: "customer" },
  },
  {
    version: "v18.0.8",
    source: {
      primary: 100,
      replicas: 1,
      sharded: {
        keyspace: "orders",
        shards: [
          ["-40", "zx-0000000110"],
          ["40-", "zx-0000000120"],
        ],
      },
    },
    target: { server: "127.0.0.1:31060", sharded: "shop" },
  },
  {
    version: "v22.0.3",
    source: { primary: 1, replicas: 1, sharded: customer },
    target: { server: "localhost:12379", sharded: "customer" },
  },
];

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

  test.each(CLUSTERS)("the source cluster of $version", async ({ version, source }) => {
    const topo = await load("source", version);
    const { keyspace, shards } = source.sharded;
    expect(await topo.cells()).toEqual(["zx"]);
    expect(await topo.keyspaces()).toEqual(["commerce", keyspace]);
    expect(await topo.keyspace("commerce")).toEqual({ name: "commerce", sidecarDbName: "_vt" });
    const alias = `zx-${String(source.primary).padStart(10, "0")}`;
    const [commerce] = await topo.shards("commerce");
    expect(commerce).toMatchObject({ name: "0", primaryAlias: alias, isPrimaryServing: true });
    expect((await topo.shards(keyspace)).map((shard) => [shard.name, shard.primaryAlias])).toEqual(shards);
    const primary = await topo.tablet(alias);
    expect(primary).toMatchObject({
      cell: "zx",
      uid: source.primary,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      dbName: "vt_commerce",
    });
    expect(primary.grpcAddress).toMatch(/^127\.0\.0\.1:\d{5}$/);
    const tablets = await topo.tabletsOfShard("commerce", "0");
    expect(tablets.map((tablet) => tablet.type)).toEqual(["PRIMARY", ...Array(source.replicas).fill("REPLICA")]);
    expect(await topo.mounts()).toEqual([]);
  });

  test.each(CLUSTERS)("the target cluster of $version", async ({ version, target }) => {
    const topo = await load("target", version);
    expect(await topo.cells()).toEqual(["zone1"]);
    expect(await topo.mounts()).toEqual(["ext1"]);
    expect(await topo.mount("ext1")).toEqual({ type: "etcd2", server: target.server, root: "/vitess/global" });
    const names = (bytes: Buffer) => Object.keys(decode("vschema.Keyspace", bytes).tables).sort();
    expect(names((await topo.vschema("commerce")).contents)).toEqual(["corder", "customer", "notes", "product"]);
    expect((await topo.shard("commerce", "0")).tabletControls).toEqual([]);
  });

  test.each(CLUSTERS)("a rebuild of $version's SrvVSchema says what Vitess's own says", async ({ version, target }) => {
    const topo = await load("target", version);
    const { commerce, [target.sharded]: sharded } = await recordedKeyspaces(topo);
    await topo.rebuildSrvVSchema();
    const rebuilt = decode("vschema.SrvVSchema", await topo.srvVSchema("zone1"));
    expect(commerce).toBeDefined();
    expect(rebuilt.keyspaces.commerce).toEqual(commerce);
    // The recorded cells of v11 and v14 were written before customer's VSchema changed for the last time.
    if (!/^v1[14]\./.test(version)) expect(rebuilt.keyspaces[target.sharded]).toEqual(sharded);
    expect(rebuilt.routing_rules).toEqual({ rules: [] });
  });

  async function recordedKeyspaces(topo: Topo) {
    return decode("vschema.SrvVSchema", await topo.srvVSchema("zone1")).keyspaces;
  }
}
