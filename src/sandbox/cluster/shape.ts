import type { MessageInput } from "../../wire/proto.js";

/** What a cluster is made of. Cells and keyspaces can be added freely; the first cell's etcd holds the global topology. */
export interface ClusterShape {
  cells: CellShape[];
  keyspaces: KeyspaceShape[];
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
}

/** Its cell is named unlike any of the target's, as two clusters' cells are in practice. */
export const sourceShape: ClusterShape = {
  cells: [{ name: "zx" }],
  keyspaces: [
    {
      name: "commerce",
      vschema: { tables: { product: {}, customer: {}, corder: {}, kinds: {}, notes: {} } },
      shards: [
        {
          name: "0",
          tablets: [
            { cell: "zx", uid: 1, type: "PRIMARY" },
            { cell: "zx", uid: 2, type: "REPLICA" },
          ],
        },
      ],
    },
  ],
};

export const targetShape: ClusterShape = {
  cells: [{ name: "zone1" }, { name: "zone2", ownEtcd: true }],
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
