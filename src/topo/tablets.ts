import { AuthError, UnreachableError, type VtmigrateError } from "../errors.js";
import type { TabletRecord } from "../tablet/port.js";
import type { MessageOutput } from "../wire/proto.js";
import { unlessNotFound } from "./cas.js";
import type { Cells } from "./cells.js";
import { keyspacePath } from "./keyspaces.js";
import { formatAlias, joinHostPort, parseAlias, pathElement } from "./names.js";
import type { Conn, Topo } from "./port.js";
import { decodeFile } from "./stored.js";

export type TabletRecords = Pick<Topo, "tablet" | "tabletsOfShard">;

/** Told of a cell that had to be left out because its topology did not answer. */
export type UnreachableCell = (cell: string, error: VtmigrateError) => void;

/** Tablets, which are kept in their cells' topologies (go/vt/topo/tablet.go, replication.go). */
export function tabletRecords(
  cells: Cells,
  mount: string,
  onUnreachableCell: UnreachableCell = () => undefined,
): TabletRecords {
  return {
    async tablet(text) {
      const alias = parseAlias(text);
      return readTablet(await cells.cell(alias.cell), mount, formatAlias(alias));
    },

    async tabletsOfShard(keyspace, shard, wanted) {
      const directory = `${keyspacePath(keyspace)}/shards/${pathElement("shard", shard)}`;
      const names = wanted ?? (await cells.cells());
      const found = await Promise.all(
        names.map(async (cell) => {
          try {
            return await tabletsOfCell(await cells.cell(cell), mount, directory);
          } catch (error) {
            // One remote cell that is down, or lets us not in, must not hide the others' tablets.
            if (!(error instanceof UnreachableError || error instanceof AuthError)) throw error;
            return { cell, error };
          }
        }),
      );
      const unreachable = found.filter((outcome) => "error" in outcome);
      const [first] = unreachable;
      if (first !== undefined && unreachable.length === found.length) throw first.error;
      for (const { cell, error } of unreachable) onUnreachableCell(cell, error);
      return found.flatMap((outcome) => ("error" in outcome ? [] : outcome));
    },
  };
}

/** ShardReplication may name tablets that are gone; Vitess skips them too. */
async function tabletsOfCell(conn: Conn, mount: string, directory: string): Promise<TabletRecord[]> {
  const replication = await unlessNotFound(conn.get(`${directory}/ShardReplication`));
  if (replication === undefined) return [];
  const { nodes } = decodeFile("topodata.ShardReplication", replication);
  const aliases = nodes.flatMap((node) => (node.tablet_alias === null ? [] : [formatAlias(node.tablet_alias)]));
  const tablets = await Promise.all(aliases.map((alias) => unlessNotFound(readTablet(conn, mount, alias))));
  return tablets.filter((tablet) => tablet !== undefined);
}

async function readTablet(conn: Conn, mount: string, alias: string): Promise<TabletRecord> {
  return tabletRecord(mount, alias, decodeFile("topodata.Tablet", await conn.get(`tablets/${alias}/Tablet`)));
}

/**
 * The part of topodata.Tablet that callers need. The database's name: go/vt/topo/topoproto/tablet.go, TabletDbName.
 * A tablet without a gRPC port gets port 0, as in Vitess.
 */
function tabletRecord(mount: string, alias: string, tablet: MessageOutput<"topodata.Tablet">): TabletRecord {
  const { cell, uid } = parseAlias(alias);
  return {
    mount,
    alias,
    cell,
    uid,
    keyspace: tablet.keyspace,
    shard: tablet.shard,
    type: tablet.type,
    hostname: tablet.hostname,
    grpcAddress: joinHostPort(tablet.hostname, tablet.port_map.grpc ?? 0),
    dbName: tablet.db_name_override || `vt_${tablet.keyspace}`,
  };
}
