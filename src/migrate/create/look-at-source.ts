import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import { parseTabletTypes, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import { parseSource, readSourceShards } from "../source.js";
import { chooseSourceCells, requireSourceTablets } from "./cells.js";
import { leftOutNotes, readLeftOut } from "./left-out.js";
import type { CreateRequest } from "./request.js";
import type { TableDefinition } from "./schema/existing-tables.js";
import { openSourceReader } from "./source-reader.js";
import { chooseTables, isOperationTable } from "./tables.js";

export interface SourceSide {
  source: Topo;
  /** The shards that are read. */
  shards: ShardRecord[];
  /** Where streams look for tablets. */
  cells: string[];
  tabletTypes: TabletTypes;
  /** The tablet that told the schema. */
  reader: Tablet;
  /** Names of the tables to copy, sorted, and what GetSchema says of them. */
  tables: string[];
  definitions: TableDefinition[];
  notes: string[];
}

const ANY_TYPE = parseTabletTypes("in_order:PRIMARY,REPLICA,RDONLY");

/** The source keyspace: where it can be read from, and what of it is to be copied. */
export async function lookAtSource(
  ctx: Context,
  source: Topo,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<SourceSide> {
  const { keyspace } = parseSource(request.source);
  const tabletTypes = parseTabletTypes(request.tabletTypes);
  const shards = await readSourceShards(source, keyspace, request.shards);
  const cells = await chooseSourceCells(source, request.cells);
  if (!request.force && !request.skipChecks.has("cells")) {
    await requireSourceTablets(source, shards, { cells, tabletTypes });
  }
  return {
    source,
    shards,
    cells,
    tabletTypes,
    ...(await readSourceTables(ctx, source, request, shards, cells, signal)),
  };
}

export type SourceTables = Pick<SourceSide, "reader" | "tables" | "definitions" | "notes">;

/** The tables that are to be copied, as a tablet of the first shard tells them. */
export async function readSourceTables(
  ctx: Context,
  source: Topo,
  request: CreateRequest,
  shards: ShardRecord[],
  cells: string[],
  signal: AbortSignal,
): Promise<SourceTables> {
  const { keyspace } = parseSource(request.source);
  const tabletTypes = parseTabletTypes(request.tabletTypes);
  const [firstShard] = shards;
  if (firstShard === undefined) throw new NotFoundError(`${keyspace} has no serving shards`);
  const readable = request.force ? { source, cells: [], tabletTypes: ANY_TYPE } : { source, cells, tabletTypes };
  const { tablet: reader, uncertainty } = await openSourceReader(ctx, firstShard, readable, signal);
  const { table_definitions: all } = await reader.getSchema([], { signal });
  const leftOut = await readLeftOut(reader, { signal });
  const { tables, skipped } = chooseTables(request, { keyspace, tables: all.map((table) => table.name), leftOut });
  const definitions = all.filter((table) => tables.includes(table.name));
  const unfollowed = tables.filter(isOperationTable);
  const notes = [
    ...(uncertainty === undefined ? [] : [uncertainty]),
    ...(skipped.length > 0 ? [`Left out, tables of Vitess's own schema changes: ${skipped.join(", ")}`] : []),
    ...(unfollowed.length > 0
      ? [`Copied as they are, without later changes, as Vitess takes them for its own: ${unfollowed.join(", ")}`]
      : []),
    ...(request.all ? leftOutNotes(leftOut) : []),
  ];
  return { reader, tables, definitions, notes };
}
