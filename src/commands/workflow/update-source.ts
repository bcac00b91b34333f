import type { Context } from "../../context.js";
import { NotFoundError, UnreachableError, UsageError } from "../../errors.js";
import { chooseSourceCells } from "../../migrate/create/cells.js";
import { shardsWithoutTablet } from "../../tablet/known-tablets.js";
import type { WorkflowUpdate } from "../../tablet/port.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import type { WorkflowStreams } from "../../workflow/streams.js";

/**
 * Whether the streams will find tablets to read from when they look with the new cells and types. NotFoundError for a cell
 * that the source cluster hasn't: a stream would look there without end and without a word. A type that no tablet has now
 * is a warning, and so is a source cluster that can't be looked into.
 */
export async function checkSource(ctx: Context, workflow: WorkflowStreams, update: WorkflowUpdate): Promise<void> {
  const [first] = workflow.streams;
  if (first === undefined || (update.cells === undefined && update.tabletTypes === undefined)) return;
  const source = await openSource(ctx, first.source.externalCluster);
  if (source === undefined) return;
  if (update.cells !== undefined) await chooseSourceCells(source, update.cells);
  const cells = update.cells ?? first.cell.split(",").filter((cell) => cell !== "");
  const types = update.tabletTypes ?? (first.tabletTypes === "" ? undefined : parseTabletTypes(first.tabletTypes));
  if (cells.length === 0) return noteOwnCell(ctx, workflow, source);
  if (types === undefined) return;
  const named = new Set(workflow.streams.map((stream) => stream.source.shard));
  const shards = (await source.shards(first.source.keyspace)).filter(({ name }) => named.has(name));
  const missing = await shardsWithoutTablet(source, shards, { cells, tabletTypes: types });
  if (missing.length === 0) return;
  const wanted = types.types.join(",").toLowerCase();
  ctx.io.warn(
    `no ${wanted} tablet in cells ${cells.join(",")}, and the streams will wait for one: ${missing.join("; ")}`,
  );
}

/** The mounted cluster, or the target's own for streams within it; undefined, with a warning, when it can't be opened. */
async function openSource(ctx: Context, mount: string): Promise<Topo | undefined> {
  const own = await ctx.topo();
  if (mount === "") return own;
  try {
    return await own.openMount(mount);
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof NotFoundError || error instanceof UsageError))
      throw error;
    ctx.io.warn(`the new values are not checked against the source cluster: ${error.message}`);
    return undefined;
  }
}

/** Without cells a tablet looks in its own, whose name the source cluster need not know. */
async function noteOwnCell(ctx: Context, { targets }: WorkflowStreams, source: Topo): Promise<void> {
  const known = await source.cells();
  const lacking = targets.map(({ primary }) => primary.record.cell).filter((cell) => !known.includes(cell));
  if (lacking.length === 0) return;
  ctx.io.warn(
    `without cells the tablets look in their own, and the source cluster has no cell ${[...new Set(lacking)].join(", ")}: the streams will wait`,
  );
}
