import type { Context } from "../context.js";
import { FailedError } from "../errors.js";
import type { Tablet } from "../tablet/port.js";
import { canonicalType } from "../tablet/types.js";
import type { Topo } from "../topo/port.js";
import { isPartial } from "../workflow/partial.js";
import { readRecord } from "../workflow/record.js";
import { readStreams, type WorkflowStreams } from "../workflow/streams.js";
import { readTargets, type Target } from "../workflow/targets.js";
import { Placements } from "./placement/placements.js";
import { sidesInOtherCharset } from "./plan/connection-charset.js";
import { planTables, type TablePlan } from "./plan/plan.js";
import type { ReadingOptions } from "./plan/table-columns.js";
import { TimeZones } from "./plan/time-zones.js";
import { proofOf, type VdiffRequest } from "./request.js";
import type { VdiffRun } from "./run-context.js";
import { checkComparable, checkCoverage } from "./streams/checks.js";
import { checkNoLeftover } from "./streams/leftover.js";
import { waitForCopy } from "./streams/wait-for-copy.js";
import { checkNoTabletVdiff } from "./tablet-engine/at-work.js";
import { pickSourceTablets, pickTargetTablets } from "./tablets.js";

export interface Prepared {
  run: VdiffRun;
  /** Sorted by name. */
  plans: TablePlan[];
  /** The workflow's other tables, by name. */
  leftOut: string[];
}

/** Finds the streams and the tablets to read from, and decides what is compared with what. Changes nothing. */
export async function prepareVdiff(ctx: Context, request: VdiffRequest): Promise<Prepared> {
  const topo = await ctx.topo();
  const workflow = await readyWorkflow(ctx, topo, request);
  const sourceTopo = await openSourceTopo(topo, workflow);
  const shards = await sourceTopo.shards(workflow.streams[0]?.source.keyspace ?? "");
  const record = await readRecord(topo, workflow.keyspace, workflow.workflow);
  const source = checkCoverage(workflow, shards, { partial: isPartial(workflow.streams, record) });
  const run = await openRun(ctx, topo, sourceTopo, workflow, request);
  const timeZones = TimeZones.of(source);
  const textAsBytes = await sidesInOtherCharset(run);
  const { plans, leftOut, warnings } = await planWith(run, workflow, request.tables, { timeZones, textAsBytes });
  for (const warning of warnings) run.warn(warning);
  if (timeZones !== undefined && plans.some((plan) => plan.timeZones !== undefined)) {
    await timeZones.requireKnown(run.targetTablets.values(), { signal: run.signal, timeoutMs: run.waitMs });
    run.note(
      `datetime columns are compared as times of ${timeZones.source}; within the hours that its clocks skip or repeat, times can't be told apart`,
    );
  }
  noteWhatIsCompared(run, plans);
  return { run, plans, leftOut };
}

async function readyWorkflow(ctx: Context, topo: Topo, request: VdiffRequest): Promise<WorkflowStreams> {
  const { signal } = ctx;
  const targets = await readTargets(topo, ctx.tablets(), request.keyspace);
  let workflow = await readStreams(request.keyspace, request.workflow, targets, { signal });
  // First: the tablets tell which of their VDiffs holds the streams, and so how to end it.
  await checkNoTabletVdiff(ctx, request, shardsOf(workflow));
  await checkNoLeftover(topo, workflow);
  if (request.waitForCopyMs !== undefined) {
    const note = (line: string) => ctx.io.note(line);
    workflow = await waitForCopy(workflow, { timeoutMs: request.waitForCopyMs, clock: ctx.clock, signal, note });
  }
  checkComparable(workflow);
  return workflow;
}

/** Those that have streams. */
function shardsOf({ targets, streams }: Pick<WorkflowStreams, "targets" | "streams">): Target[] {
  return targets.filter((target) => streams.some((stream) => stream.target === target));
}

/** The mounted cluster's topology, or the target's own for a source in the same cluster. */
async function openSourceTopo(topo: Topo, workflow: WorkflowStreams): Promise<Topo> {
  const mount = workflow.streams[0]?.source.externalCluster ?? "";
  return mount === "" ? topo : topo.openMount(mount);
}

/** With tablets of the shards that have streams. */
async function openRun(
  ctx: Context,
  topo: Topo,
  sourceTopo: Topo,
  { streams, targets }: WorkflowStreams,
  request: VdiffRequest,
): Promise<VdiffRun> {
  const { keyspace, workflow, tabletTypes, waitMs, lockMs } = request;
  const { clock, signal, log } = ctx;
  const tablets = ctx.tablets();
  const note = (line: string) => ctx.io.note(line);
  const warned = new Set<string>();
  const warn = (line: string) => {
    if (!warned.has(line)) ctx.io.warn(line);
    warned.add(line);
  };
  const sourceTablets = await pickSourceTablets(
    sourceTopo,
    streams[0]?.source.keyspace ?? "",
    [...new Set(streams.map(({ source }) => source.shard))].sort(),
    { tablets, cells: request.sourceCells, tabletTypes, signal },
  );
  const filled = shardsOf({ targets, streams });
  const choice = { tablets, cells: request.targetCells, tabletTypes, signal };
  const targetTablets = await pickTargetTablets(topo, filled, choice, note);
  const placements = await Placements.read(
    topo,
    keyspace,
    targets.map(({ shard }) => shard.name),
    { areRowsRead: proofOf(request) === "rows" },
  );
  const found = { sourceTablets, targetTablets, placements };
  return { topo, tablets, keyspace, workflow, ...found, waitMs, lockMs, clock, signal, log, note, warn };
}

/** Reads the definitions of one shard of each side: all shards of a keyspace have the same. */
async function planWith(
  run: VdiffRun,
  { streams }: WorkflowStreams,
  tables: string[],
  reading: ReadingOptions,
): Promise<ReturnType<typeof planTables>> {
  const [sourceTablet] = run.sourceTablets.values();
  const targetTablet = streams[0]?.target.primary;
  if (sourceTablet === undefined || targetTablet === undefined) throw new FailedError("there is nothing to compare");
  const [ofSource, ofTarget] = await Promise.all(
    [sourceTablet, targetTablet].map((tablet) => tablet.getSchema([], { signal: run.signal })),
  );
  return planTables({
    streams: streams.map(({ source, target }) => ({
      source: source.shard,
      target: target.shard.name,
      rules: source.filter.rules,
    })),
    tables,
    source: ofSource?.table_definitions ?? [],
    target: ofTarget?.table_definitions ?? [],
    ...reading,
  });
}

function noteWhatIsCompared({ note, sourceTablets, targetTablets }: VdiffRun, plans: readonly TablePlan[]): void {
  note(
    `Comparing ${plans.length} ${plans.length === 1 ? "table" : "tables"}: ${tabletList("source", sourceTablets)}, ${tabletList("target", targetTablets)}.`,
  );
  const copied = plans.filter((plan) => plan.copied).map(({ table }) => table);
  if (copied.length === 0) return;
  note(`The target's shards have a copy each of ${copied.join(", ")}: every copy is compared, and its rows counted.`);
}

function tabletList(side: string, tablets: ReadonlyMap<string, Tablet>): string {
  const names = [...tablets.values()].map(
    ({ record }) => `${record.alias} (${canonicalType(record.type).toLowerCase()})`,
  );
  return `${side} ${names.join(" ")}`;
}
