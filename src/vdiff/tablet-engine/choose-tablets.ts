import type { Context } from "../../context.js";
import { NotFoundError, PreflightError } from "../../errors.js";
import { shardsWithoutTablet } from "../../tablet/known-tablets.js";
import { expandCells } from "../../tablet/picker.js";
import { parseTabletTypes, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import type { Target } from "../../workflow/targets.js";
import type { EngineOptions, TabletChoice } from "./options.js";

/** Where the tablets will look for tablets to read from. */
export interface ReadFrom {
  sourceTopo: Topo;
  sourceShards: ShardRecord[];
  topo: Topo;
  targets: readonly Target[];
}

/**
 * Which cells and tablet types the tablets are told. They look for tablets without end, with the streams stopped, when
 * there are none; so all of it is checked first, by the topologies.
 *
 * There is one list of types for both sides. On the target only the primary stands where the stream has stopped: a replica
 * is read without waiting for it, and what it has not applied yet is reported as a difference (v14 to v24, whatever the
 * help of -tablet_types says). So by default the list has the primary, and before it those types that the source has and
 * the target hasn't: these spare the source's primary, and nothing else on the target is read.
 *
 * NotFoundError for a cell that isn't there, PreflightError for a shard without such a tablet.
 */
export async function chooseTablets(ctx: Context, from: ReadFrom, options: EngineOptions): Promise<TabletChoice> {
  await requireCells(from.sourceTopo, "source", options.sourceCells);
  await requireCells(from.topo, "target", options.targetCells);
  const sourceCells = options.sourceCells.length > 0 ? options.sourceCells : await from.sourceTopo.cells();
  const targetCells = options.targetCells.length > 0 ? options.targetCells : await from.topo.cells();
  const cells = { sourceCells, targetCells };
  if (options.tabletTypes === undefined) {
    const tabletTypes = await truthfulTypes(from, cells);
    await requireTablets(from, cells, parseTabletTypes(tabletTypes));
    return { ...cells, tabletTypes };
  }
  const typed = parseTabletTypes(options.tabletTypes);
  await requireTablets(from, cells, typed);
  if (await readsReplicas(from, cells, typed)) {
    ctx.io.warn(
      `with -tablet_types ${options.tabletTypes} the target may be read from a replica, which isn't waited for: rows that it has not applied yet are reported as differences`,
    );
  }
  return { ...cells, tabletTypes: (typed.inOrder ? "in_order:" : "") + typed.types.join(",") };
}

type Cells = Pick<TabletChoice, "sourceCells" | "targetCells">;

async function requireCells(topo: Topo, side: "source" | "target", typed: string[]): Promise<void> {
  if (typed.length === 0) return;
  const known = [...(await topo.cells()), ...(await topo.cellAliases())];
  const unknown = typed.filter((cell) => !known.includes(cell));
  if (unknown.length === 0) return;
  throw new NotFoundError(`no cell ${unknown.join(", ")} in the ${side} cluster`, {
    hint: `-${side}_cell takes cells or aliases; ${topo.description} has ${known.join(", ")}.`,
  });
}

async function truthfulTypes(from: ReadFrom, cells: Cells): Promise<string> {
  const onlyOnSource: string[] = [];
  for (const type of ["RDONLY", "REPLICA"] as const) {
    const tabletTypes: TabletTypes = { inOrder: true, types: [type] };
    const lacking = await shardsWithoutTablet(from.sourceTopo, from.sourceShards, {
      cells: cells.sourceCells,
      tabletTypes,
    });
    if (lacking.length === 0 && !(await hasAny(from, tabletTypes))) onlyOnSource.push(type);
  }
  // In a list with others a primary is found in its cell only.
  const expanded = await expandCells(from.topo, cells.targetCells);
  const reachable = from.targets.every(({ primary }) => expanded.includes(primary.record.cell));
  if (onlyOnSource.length === 0 || !reachable) return "PRIMARY";
  return `in_order:${[...onlyOnSource, "PRIMARY"].join(",")}`;
}

/** Whether some shard of the target has such a tablet in any cell. */
async function hasAny({ topo, targets }: ReadFrom, tabletTypes: TabletTypes): Promise<boolean> {
  const without = await shardsWithoutTablet(topo, shardsOf(targets), { cells: await topo.cells(), tabletTypes });
  return without.length < targets.length;
}

async function readsReplicas(from: ReadFrom, cells: Cells, typed: TabletTypes): Promise<boolean> {
  const types = typed.types.filter((type) => type !== "PRIMARY");
  if (types.length === 0 || (typed.inOrder && typed.types[0] === "PRIMARY")) return false;
  const choice = { cells: cells.targetCells, tabletTypes: { ...typed, types } };
  return (await shardsWithoutTablet(from.topo, shardsOf(from.targets), choice)).length < from.targets.length;
}

async function requireTablets(from: ReadFrom, cells: Cells, tabletTypes: TabletTypes): Promise<void> {
  const { sourceTopo, sourceShards, topo, targets } = from;
  const missing = [
    ...(await shardsWithoutTablet(sourceTopo, sourceShards, { cells: cells.sourceCells, tabletTypes })),
    ...(await shardsWithoutTablet(topo, shardsOf(targets), { cells: cells.targetCells, tabletTypes })),
  ];
  if (missing.length === 0) return;
  throw new PreflightError(
    `no ${tabletTypes.types.join(",").toLowerCase()} tablet to read from: ${missing.join("; ")}`,
    { hint: "The tablets would look for one without end. Choose other -tablet_types, -source_cell or -target_cell." },
  );
}

function shardsOf(targets: readonly Target[]): ShardRecord[] {
  return targets.map(({ shard }) => shard);
}
