import type { MessageInput } from "../../wire/proto.js";
import { announcedCommerce, shardedCommerce } from "../commerce-vschema.js";

/** What a cluster is made of. Cells and keyspaces can be added freely; the first cell's etcd holds the global topology. */
export interface ClusterShape {
  cells: CellShape[];
  keyspaces: KeyspaceShape[];
  /** Do its MySQLs know time zones by their names? Default true. */
  timeZoneTables?: boolean;
}

interface CellShape {
  name: string;
  /** A cell with an etcd of its own; else it lives in the global topology's. */
  ownEtcd?: boolean;
}

export interface KeyspaceShape {
  name: string;
  vschema: MessageInput<"vschema.Keyspace">;
  shards: ShardShape[];
}

export interface ShardShape {
  name: string;
  tablets: TabletShape[];
}

export interface TabletShape {
  cell: string;
  uid: number;
  type: "PRIMARY" | "REPLICA";
  /** The topology names the tablet, its MySQL runs and replicates, and nothing listens on its port. */
  unreachable?: boolean;
}

export interface KeyspaceWish {
  /** Default "commerce". */
  name?: string;
  /** Names of shards, "0" by default; any other choice than "0" or "-" makes a sharded keyspace. */
  shards?: readonly string[];
  /** Default: of a sharded keyspace the sharded commerce tables, else nothing. */
  vschema?: MessageInput<"vschema.Keyspace">;
  /** Beside each shard's primary. Default 0. */
  replicas?: number;
  /** Only the replicas can be connected to. */
  unreachablePrimaries?: boolean;
}

export interface ClusterWish {
  /** Primaries are in the first cell, replicas in the others by turns (in the first when it is the only one). */
  cells: readonly (string | CellShape)[];
  keyspaces: readonly KeyspaceWish[];
  /** The tablets' uids count up from here. Default 100. */
  firstUid?: number;
  /** Of the MySQLs. Default true. */
  timeZoneTables?: boolean;
}

/** The shape of a cluster, from what matters of it. */
export function clusterShape({ cells, keyspaces, firstUid = 100, timeZoneTables = true }: ClusterWish): ClusterShape {
  const cellShapes = cells.map((cell) => (typeof cell === "string" ? { name: cell } : cell));
  const [home = "", ...others] = cellShapes.map(({ name }) => name);
  const away = others.length > 0 ? others : [home];
  let uid = firstUid;
  const shard = (name: string, wish: KeyspaceWish): ShardShape => {
    const primary: TabletShape = { cell: home, uid: uid++, type: "PRIMARY" };
    if (wish.unreachablePrimaries === true) primary.unreachable = true;
    const replicas = Array.from(
      { length: wish.replicas ?? 0 },
      (_, i): TabletShape => ({ cell: away[i % away.length] ?? home, uid: uid++, type: "REPLICA" }),
    );
    return { name, tablets: [primary, ...replicas] };
  };
  return {
    cells: cellShapes,
    timeZoneTables,
    keyspaces: keyspaces.map((wish) => {
      const shards = wish.shards ?? ["0"];
      const vschema = wish.vschema ?? (isSharded(shards) ? shardedCommerce : {});
      return { name: wish.name ?? "commerce", vschema, shards: shards.map((name) => shard(name, wish)) };
    }),
  };
}

/** One shard named "0" or "-" covers everything and needs no vindexes. */
export function isSharded(shards: readonly string[]): boolean {
  return shards.length !== 1 || (shards[0] !== "0" && shards[0] !== "-");
}

export type SideWish = KeyspaceWish & Partial<Pick<ClusterWish, "cells" | "firstUid" | "timeZoneTables">>;

/**
 * A source cluster with one keyspace: cell zx, a replica beside each primary, and the commerce tables in its
 * VSchema. Its cell is named unlike any of the target's, as two clusters' cells are in practice.
 */
export function sourceCluster(side: SideWish = {}): ClusterShape {
  const { cells = ["zx"], firstUid = 1, timeZoneTables = true, ...wish } = side;
  const vschema = isSharded(wish.shards ?? ["0"]) ? shardedCommerce : announcedCommerce;
  return clusterShape({ cells, keyspaces: [{ vschema, replicas: 1, ...wish }], firstUid, timeZoneTables });
}

/** A target cluster with one keyspace: cells zone1 and zone2, no replicas; a sharded one knows the commerce tables. */
export function targetCluster(side: SideWish = {}): ClusterShape {
  const { cells = targetCells, firstUid = 100, timeZoneTables = true, ...wish } = side;
  return clusterShape({ cells, keyspaces: [wish], firstUid, timeZoneTables });
}

const targetCells = [{ name: "zone1" }, { name: "zone2", ownEtcd: true }];

export const sourceShape: ClusterShape = sourceCluster();

export const targetShape: ClusterShape = {
  cells: targetCells,
  keyspaces: [
    {
      name: "commerce",
      vschema: {},
      shards: [
        {
          name: "0",
          tablets: [
            { cell: "zone1", uid: 100, type: "PRIMARY" },
            { cell: "zone2", uid: 200, type: "REPLICA" },
          ],
        },
      ],
    },
  ],
};
