import { lengthDelimited, type WireField } from "../wire/fields.js";
import { editFile } from "./cas.js";
import { formatAlias, pathElement } from "./names.js";
import type { Conn, ShardRecord, Topo, TopoFile } from "./port.js";
import { decodeFile, fieldsOf } from "./stored.js";

export type KeyspaceRecords = Pick<Topo, "keyspaces" | "keyspace" | "shards" | "shard" | "removeDeniedTables">;

/** topodata.Shard.tablet_controls, and TabletControl's fields; PRIMARY's number in TabletType. */
const TABLET_CONTROLS = 6;
const TABLET_TYPE = 1;
const DENIED_TABLES = 4;
const PRIMARY = 1;

/** Keyspaces and shards in the global topology (go/vt/topo/keyspace.go, shard.go). */
export function keyspaceRecords(global: Conn): KeyspaceRecords {
  return {
    keyspaces: () => global.listDir("keyspaces"),

    async keyspace(name) {
      const record = decodeFile("topodata.Keyspace", await global.get(`${keyspacePath(name)}/Keyspace`));
      return { name, sidecarDbName: record.sidecar_db_name || "_vt" };
    },

    async shards(keyspace) {
      const files = await shardFiles(global, keyspace);
      return files.map(({ shard, file }) => shardRecord(keyspace, shard, file));
    },

    async shard(keyspace, shard) {
      return shardRecord(keyspace, shard, await global.get(shardPath(keyspace, shard)));
    },

    async removeDeniedTables(keyspace, shard, tables) {
      const path = shardPath(keyspace, shard);
      // A shard that doesn't exist is an error, not one that denies nothing.
      await global.get(path);
      return editFile(global, path, (contents = Buffer.alloc(0)) => {
        const edited = withoutDeniedTables(path, contents, new Set(tables));
        return edited.equals(contents) ? undefined : edited;
      });
    },
  };
}

export function keyspacePath(keyspace: string): string {
  return `keyspaces/${pathElement("keyspace", keyspace)}`;
}

/** The record of every shard of a keyspace, sorted by name; empty when there is none. */
export async function shardFiles(global: Conn, keyspace: string): Promise<{ shard: string; file: TopoFile }[]> {
  const directory = `${keyspacePath(keyspace)}/shards`;
  const files = await global.list(directory);
  return files.flatMap((file) => {
    const [shard, name, ...deeper] = file.path.slice(directory.length + 1).split("/");
    if (shard === undefined || name !== "Shard" || deeper.length > 0) return [];
    return file.path.startsWith(`${directory}/`) ? [{ shard, file }] : [];
  });
}

function shardPath(keyspace: string, shard: string): string {
  return `${keyspacePath(keyspace)}/shards/${pathElement("shard", shard)}/Shard`;
}

function shardRecord(keyspace: string, name: string, file: TopoFile): ShardRecord {
  const record = decodeFile("topodata.Shard", file);
  const alias = record.primary_alias;
  return {
    keyspace,
    name,
    primaryAlias: alias === null || (alias.cell === "" && alias.uid === 0) ? undefined : formatAlias(alias),
    isPrimaryServing: record.is_primary_serving,
    tabletControls: record.tablet_controls,
  };
}

/**
 * A shard's bytes without these tables on the list of its primaries. A control that then denies nothing is taken out
 * whole, as Vitess does (go/vt/topo/shard.go, updatePrimaryTabletControl), unless it says something else too.
 */
function withoutDeniedTables(path: string, shard: Buffer, tables: ReadonlySet<string>): Buffer {
  const kept = fieldsOf(path, shard).map((field) => {
    if (field.number !== TABLET_CONTROLS) return field.raw;
    const control = fieldsOf(path, field.payload);
    if (!isForPrimary(control)) return field.raw;
    const rest = control.filter((part) => part.number !== DENIED_TABLES || !tables.has(part.payload.toString("utf8")));
    if (rest.length === control.length) return field.raw;
    if (rest.every((part) => part.number === TABLET_TYPE)) return Buffer.alloc(0);
    return lengthDelimited(TABLET_CONTROLS, Buffer.concat(rest.map((part) => part.raw)));
  });
  return Buffer.concat(kept);
}

function isForPrimary(control: WireField[]): boolean {
  const type = control.findLast((part) => part.number === TABLET_TYPE);
  return type?.payload.length === 1 && type.payload[0] === PRIMARY;
}
