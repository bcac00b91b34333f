import { announcedCommerce, shardedCommerce } from "../../../src/sandbox/commerce-vschema.js";

/** The two clusters that the suites run on. Cells have other names on either side, as in most real migrations. */

export interface TabletShape {
  uid: number;
  keyspace: string;
  shard: string;
  /** What it is once the cluster is up. */
  type: "PRIMARY" | "REPLICA";
}

export interface ClusterShape {
  name: "source" | "target";
  cell: string;
  tablets: TabletShape[];
  /** VSchemas as JSON; a keyspace without one has none. */
  vschemas: Record<string, unknown>;
}

export const sourceShape: ClusterShape = {
  name: "source",
  cell: "zx",
  tablets: [
    { uid: 100, keyspace: "commerce", shard: "0", type: "PRIMARY" },
    { uid: 101, keyspace: "commerce", shard: "0", type: "REPLICA" },
    { uid: 110, keyspace: "orders", shard: "-40", type: "PRIMARY" },
    { uid: 120, keyspace: "orders", shard: "40-", type: "PRIMARY" },
  ],
  vschemas: { commerce: announcedCommerce, orders: shardedCommerce },
};

export const targetShape: ClusterShape = {
  name: "target",
  cell: "zone1",
  tablets: [
    { uid: 200, keyspace: "commerce", shard: "0", type: "PRIMARY" },
    { uid: 210, keyspace: "shop", shard: "-80", type: "PRIMARY" },
    { uid: 220, keyspace: "shop", shard: "80-", type: "PRIMARY" },
  ],
  vschemas: { commerce: {}, shop: shardedCommerce },
};

/** "zone1-0000000200" */
export function tabletAlias(cell: string, uid: number): string {
  return `${cell}-${String(uid).padStart(10, "0")}`;
}

/** Keyspaces in the order of their tablets, each once. */
export function keyspacesOf(shape: ClusterShape): string[] {
  return [...new Set(shape.tablets.map(({ keyspace }) => keyspace))];
}
