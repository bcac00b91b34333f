import { forEachAtOnce } from "../../concurrency.js";
import { NotFoundError } from "../../errors.js";
import { expandCells } from "../../tablet/picker.js";
import type { TabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import type { KeyspaceVSchema } from "../../vschema/vindex-choice.js";
import { decode } from "../../wire/proto.js";
import { readVSchemaOrEmpty } from "../vschema.js";
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

/** The source cluster's part, as it is stored; what was never written is empty. */
export async function readSourceVSchemas(
  topo: Topo,
  keyspace: string,
  cells: string[],
): Promise<Pick<VSchemas, "source" | "sourceCells">> {
  const [source, sourceCells] = await Promise.all([
    readVSchemaOrEmpty(topo, keyspace),
    forEachAtOnce(cells, async (cell) => {
      const contents = await orEmpty(topo.srvVSchema(cell));
      return { cell, vschema: decode("vschema.SrvVSchema", contents) };
    }),
  ]);
  return { source, sourceCells };
}

async function orEmpty(contents: Promise<Buffer>): Promise<Buffer> {
  try {
    return await contents;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return Buffer.alloc(0);
  }
}
