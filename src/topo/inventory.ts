/** Whole records of a topology as they are stored, for those who show them: shards, and the tablets of its cells. */
import { forEachAtOnce } from "../concurrency.js";
import { AuthError, NotFoundError, UnreachableError, type VtmigrateError } from "../errors.js";
import type { MessageOutput } from "../wire/proto.js";
import { shardFiles } from "./keyspaces.js";
import { formatAlias, parseAlias } from "./names.js";
import type { Conn, Topo } from "./port.js";
import { decodeFile } from "./stored.js";

export type StoredShard = MessageOutput<"topodata.Shard">;
export type StoredTablet = MessageOutput<"topodata.Tablet">;

/** Every shard's record by its name; empty when the keyspace has none. */
export async function storedShards(topo: Topo, keyspace: string): Promise<Map<string, StoredShard>> {
  const files = await shardFiles(topo.global, keyspace);
  return new Map(files.map(({ shard, file }) => [shard, decodeFile("topodata.Shard", file)]));
}

/** NotFoundError "node doesn't exist: <root>/tablets/<alias>/Tablet"; UsageError for what is no alias. */
export async function storedTablet(topo: Topo, alias: string): Promise<StoredTablet> {
  const parsed = parseAlias(alias);
  const conn = await topo.cell(parsed.cell);
  return decodeFile("topodata.Tablet", await conn.get(`tablets/${formatAlias(parsed)}/Tablet`));
}

export interface StoredTablets {
  tablets: StoredTablet[];
  /** Cells that could not be read: their topology doesn't answer, or there is no such cell. */
  failed: { cell: string; error: VtmigrateError }[];
}

/** The tablets of some cells. One cell that is down doesn't hide the others'; when all of them fail, the first error is thrown. */
export async function storedTablets(topo: Topo, cells: readonly string[]): Promise<StoredTablets> {
  const found = await forEachAtOnce(cells, async (cell) => {
    try {
      return { tablets: await tabletsOfCell(await topo.cell(cell)) };
    } catch (error) {
      if (!(error instanceof UnreachableError || error instanceof AuthError || error instanceof NotFoundError))
        throw error;
      return { failure: { cell, error } };
    }
  });
  const failed = found.flatMap(({ failure }) => failure ?? []);
  const [first] = failed;
  if (first !== undefined && failed.length === cells.length) throw first.error;
  return { tablets: found.flatMap(({ tablets }) => tablets ?? []), failed };
}

async function tabletsOfCell(conn: Conn): Promise<StoredTablet[]> {
  const files = await conn.list("tablets/");
  return files
    .filter(({ path }) => /^tablets\/[^/]+\/Tablet$/.test(path))
    .map((file) => decodeFile("topodata.Tablet", file));
}
