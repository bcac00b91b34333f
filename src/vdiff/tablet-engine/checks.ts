import type { Context } from "../../context.js";
import { ConflictError, NotFoundError } from "../../errors.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import { isPartial } from "../../workflow/partial.js";
import { readRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import { readStreams } from "../../workflow/streams.js";
import { checkComparable, checkCoverage } from "../streams/checks.js";
import { checkNoLeftover } from "../streams/leftover.js";
import { checkNoTabletVdiff } from "./at-work.js";
import { requireSupport } from "./support.js";
import type { EngineWorkflow } from "./workflow.js";

export interface Source {
  topo: Topo;
  keyspace: string;
  /** Those that streams read. */
  shards: ShardRecord[];
}

/**
 * What must be true before the tablets begin, or go on: they look at nothing of it themselves, and vtctld looked at FROZEN
 * (v15) and, from v22 on, at the streams' states. Returns the source that the streams read.
 *
 * Nothing is locked: from v22 on the tablets take the workflow's named lock for each table, and would fail with it taken.
 */
export async function checkBeforeStart(
  ctx: Context,
  workflow: EngineWorkflow,
  { uuid, force }: { uuid: string; force: boolean },
): Promise<Source> {
  const { topo, workflowStreams } = workflow;
  // First: the tablets tell which of their VDiffs holds the streams, and so how to end it.
  if (!force) await checkNoTabletVdiff(ctx, workflow, workflow.targets, uuid);
  await checkNoLeftover(topo, workflowStreams);
  checkComparable(workflowStreams, { canWait: false });
  checkFollowing(workflow);
  const source = await readSource(workflow);
  await requireSupport(ctx, workflow, force);
  return source;
}

/** Afterwards the tablets set every stream running, without a stop position: whatever it was before. */
function checkFollowing({ keyspace, workflow, workflowStreams }: EngineWorkflow): void {
  const stopped = workflowStreams.streams.find(({ state, stopPos }) => state !== "Running" || (stopPos ?? "") !== "");
  if (stopped === undefined) return;
  const { id, state, stopPos, target } = stopped;
  const how = state === "Running" ? `is to stop at ${stopPos}` : `is ${state}`;
  throw new ConflictError(
    `not all streams are running in workflow ${keyspace}.${workflow}: ${id} on ${target.primary.record.alias} ${how}`,
    {
      hint: `The tablets' VDiff would set it running. "VDiff ${keyspace}.${workflow}", without an action, compares it as it stands.`,
    },
  );
}

async function readSource({ keyspace, workflow, topo, workflowStreams }: EngineWorkflow): Promise<Source> {
  const { streams } = workflowStreams;
  const [first] = streams;
  const mount = first?.source.externalCluster ?? "";
  const sourceTopo = mount === "" ? topo : await topo.openMount(mount);
  const all = await sourceTopo.shards(first?.source.keyspace ?? "");
  const record = await readRecord(topo, keyspace, workflow);
  const { keyspace: sourceKeyspace } = checkCoverage(workflowStreams, all, { partial: isPartial(streams, record) });
  const shards = all.filter(({ name }) => streams.some(({ source }) => source.shard === name));
  return { topo: sourceTopo, keyspace: sourceKeyspace, shards };
}

/**
 * To be asked directly before the tablets: a VDiff that finds no streams ends its tablet, time and again (measured on
 * v18.0.8), and somebody may have deleted them. ConflictError then.
 */
export async function checkStreamsStill(ctx: Context, { keyspace, workflow, targets }: EngineWorkflow): Promise<void> {
  const { streams } = await readStreams(keyspace, workflow, targets, { signal: ctx.signal });
  const empty = targets.filter((target) => !streams.some((stream) => stream.target === target));
  if (empty.length === 0) return;
  const shards = empty.map(({ shard }) => shard.name).join(", ");
  throw new ConflictError(`the streams of ${keyspace}.${workflow} on target shard ${shards} were deleted meanwhile`);
}

/** NotFoundError for a table that the workflow doesn't have: the tablets pass over it without a word. */
export function checkTables({ workflowStreams }: EngineWorkflow, tables: readonly string[]): void {
  const known = workflowTables(workflowStreams.streams);
  const unknown = tables.filter((table) => !known.includes(table));
  if (unknown.length === 0) return;
  throw new NotFoundError(`one or more tables provided are not present in the workflow: ${unknown.join(", ")}`, {
    hint: `Its tables: ${known.join(", ")}.`,
  });
}
