import { forEachAtOnce } from "../../../concurrency.js";
import { NotFoundError, PreflightError } from "../../../errors.js";
import { expandCells } from "../../../tablet/picker.js";
import type { TabletTypes } from "../../../tablet/types.js";
import type { ShardRecord, Topo } from "../../../topo/port.js";
import { readVSchema } from "../../../topo/read-vschema.js";
import type { KeyspaceVSchema } from "../../../vschema/vindex-choice.js";
import { decode } from "../../../wire/proto.js";
import { isShardedByShards } from "../../vschema.js";
import type { CellVSchema } from "./vindex-reference.js";

/** What decides which rows go where. */
export interface VSchemas {
  target: KeyspaceVSchema;
  source: KeyspaceVSchema;
  sourceCells: CellVSchema[];
}

export interface Readers {
  /** Cells or aliases of the source cluster. */
  cells: string[];
  tabletTypes: TabletTypes;
  /** Of the target's primaries: from v18 on, tablets look into a cell of their own cell's name too. */
  targetCells: string[];
}

/**
 * The cells, of the source cluster, whose tablets streams may read from (go/vt/discovery/tablet_picker.go, v11 to v22).
 * For primaries alone tablets look at the shard's record and no cell.
 */
export async function readingCells(topo: Topo, shards: ShardRecord[], readers: Readers): Promise<string[]> {
  const { cells, tabletTypes, targetCells } = readers;
  if (tabletTypes.types.every((type) => type === "PRIMARY")) {
    const aliases = shards.flatMap(({ primaryAlias }) => primaryAlias ?? []);
    return [...new Set(aliases.map((alias) => alias.replace(/-\d+$/, "")))];
  }
  const [chosen, known] = await Promise.all([expandCells(topo, cells), topo.cells()]);
  return [...new Set([...chosen, ...targetCells.filter((cell) => known.includes(cell))])];
}

/**
 * The source cluster's part, as it is stored; what was never written is empty. PreflightError for a keyspace of several
 * shards whose VSchema doesn't say that it is sharded: nobody knows then which tables each of them has whole.
 */
export async function readSourceVSchemas(
  topo: Topo,
  keyspace: string,
  shards: ShardRecord[],
  cells: string[],
): Promise<Pick<VSchemas, "source" | "sourceCells">> {
  const [stored, sourceCells] = await Promise.all([
    readVSchema(topo, keyspace),
    forEachAtOnce(cells, async (cell) => {
      const contents = await orEmpty(topo.srvVSchema(cell));
      return { cell, vschema: decode("vschema.SrvVSchema", contents) };
    }),
  ]);
  if (stored?.sharded !== true && isShardedByShards(keyspace, shards)) throw refuseUnsharded(keyspace, shards, stored);
  return { source: stored ?? decode("vschema.Keyspace", Buffer.alloc(0)), sourceCells };
}

function refuseUnsharded(keyspace: string, shards: ShardRecord[], stored: KeyspaceVSchema | undefined): PreflightError {
  const has = `shards ${shards.map(({ name }) => name).join(", ")}`;
  const message =
    stored === undefined
      ? `source keyspace ${keyspace} has ${has} and no VSchema`
      : `the VSchema of source keyspace ${keyspace} says that it is unsharded, but it has ${has}`;
  return new PreflightError(message, {
    hint: `It must tell which tables each shard has whole: write one with "sharded": true, vindexes and the tables, by vtmigrate ApplyVSchema -vschema_file <file> ${keyspace} in the source cluster.`,
  });
}

async function orEmpty(contents: Promise<Buffer>): Promise<Buffer> {
  try {
    return await contents;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return Buffer.alloc(0);
  }
}
