import type { Context } from "../../context.js";
import { ConflictError, NotFoundError } from "../../errors.js";
import { describePlan, type Plan, type PlannedStep, runPlan } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { hadStreams, isAnnounced } from "../../workflow/announced.js";
import { findLeftovers, type Leftover } from "../../workflow/denied-tables.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { type CutPosition, readRecord, type WorkflowRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { readTargets } from "../../workflow/targets.js";
import { whichWorkflows } from "../../workflow/unknown.js";
import { describeLocks, withLocks } from "../locks.js";
import { requireKeyspace } from "../source.js";
import { adviseOn } from "./advise.js";
import { missingEntries } from "./announce.js";
import { completePlan } from "./complete-plan.js";
import { cutLine, findMoved, type MovedSource, movedLines } from "./cut.js";
import { leftoverHint, leftoversPlan } from "./leftovers.js";
import { prepare, requireReadyNow, type Subject } from "./prepare.js";
import { streamName } from "./readiness.js";
import { readSourcePositions } from "./source-position.js";
import { endedElsewhere, requireMigrate } from "./workflow-end.js";

export interface CompleteRequest {
  name: WorkflowName;
  /** How long the streams may take to catch up with the source. */
  timeoutMs: number;
  /** Completes although the streams are not ready or the source can't be asked. */
  force: boolean;
  /** With `force`, for a workflow that doesn't exist: tables that another tool has left on the denied lists. */
  deniedTables: string[];
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

export interface CompleteResult {
  steps: PlannedStep[];
  /** Where streams were found, for the dry run's lines. */
  targets: { shard: string; dbName: string; uid: number }[];
  /** Where the streams have ended. */
  cut: CutPosition[];
  /** Sources that have executed more than that. */
  moved: MovedSource[];
  /** What the source's VSchema has and the target's lacks, as lines for people. */
  advice: string[];
  /** Of a workflow that doesn't exist: what was taken off the denied lists. */
  allowed: { shard: string; tables: string[] }[];
}

/** What is known about the workflow when Complete looks at it. */
interface Found extends Subject {
  tables: string[];
  /** Those without an entry in the target's VSchema. */
  missing: string[];
  /** An earlier Complete got past its checks: only forward from here. */
  announced: boolean;
  /** Of a workflow that doesn't exist: what is to be taken off the denied lists. */
  leftovers: Leftover[];
}

/** What a run learns on its way. */
interface Progress {
  announced: boolean;
  cut: CutPosition[];
  moved: MovedSource[];
}

const LOCKS = { named: "MoveTablesComplete", keyspace: "completeMigrateWorkflow" };

/**
 * Ends the migration: the streams are checked, stopped, their tables announced in the target's VSchema and allowed
 * there, all of that verified, and the streams deleted last. Before the VSchema is written a failure restarts the
 * streams; after it a second run goes on from there. With `force` what isn't as it should be is warned of.
 *
 * NotFoundError "workflow <ks>.<wf> does not exist" (also the second time), or for a mount that is gone;
 * PreflightError for streams that aren't ready and for entries that a sharded keyspace's VSchema lacks;
 * StillRunningError for streams that lag; the source's errors when it can't be asked.
 */
export async function completeMigrate(ctx: Context, request: CompleteRequest): Promise<CompleteResult> {
  const { name, force, dryRun } = request;
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const found = await find(ctx, topo, request, ctx.signal);
  if (dryRun) {
    if (isFresh(found) && !force) await requireReadyNow(topo, found, ctx.signal);
    return result(found, planFor(ctx, topo, found, { signal: ctx.signal }));
  }
  const needs = { ...LOCKS, timeoutMs: request.lockTimeoutMs };
  return withLocks(ctx, topo, name, needs, async ({ locks, signal }) => {
    let current = await find(ctx, topo, request, signal);
    let sourceAnswers = true;
    if (isFresh(current)) {
      ({ sourceAnswers } = await prepare(ctx, topo, current, request, signal));
      current = await find(ctx, topo, request, signal);
      if (!force) await requireReadyNow(topo, current, signal);
    }
    const progress: Progress = { announced: current.announced, cut: [], moved: [] };
    const plan = planFor(ctx, topo, current, { signal, progress, sourceAnswers });
    try {
      const remedy = `Run "vtmigrate Migrate Complete ${formatWorkflowName(name)}" again: it goes on from here.`;
      await runPlan(ctx, plan, { locks, signal, remedy });
    } catch (error) {
      if (progress.announced) {
        ctx.io.note(`The tables are announced: run Migrate Complete ${formatWorkflowName(name)} again to finish.`);
      }
      throw error;
    }
    const advice = await adviseOn(ctx, topo, current, sourceAnswers);
    return { ...result(current, plan), cut: progress.cut, moved: progress.moved, advice };
  });
}

/**
 * ConflictError when somebody made streams under the name of a workflow that is completed but for its record: what was
 * checked then says nothing about them.
 */
function requireOwnStreams(name: WorkflowName, streams: Stream[], { cut }: WorkflowRecord): void {
  if (cut === undefined) return;
  const isOurs = ({ id, target }: Stream) => cut.some((end) => end.id === id && end.shard === target.shard.name);
  const others = streams.filter((stream) => !isOurs(stream)).map(streamName);
  if (others.length === 0) return;
  throw new ConflictError(
    `workflow ${formatWorkflowName(name)} was completed, and another tool has made streams of that name since: ${others.join(", ")}`,
    { hint: "End these with the tool that made them. Migrate Complete then clears up what is left of the first." },
  );
}

/** Nothing has been done about it yet. */
function isFresh({ announced, leftovers }: Found): boolean {
  return !announced && leftovers.length === 0;
}

async function find(ctx: Context, topo: Topo, request: CompleteRequest, signal: AbortSignal): Promise<Found> {
  const { name } = request;
  const targets = await readTargets(topo, ctx.tablets(), name.keyspace);
  const { streams } = await readStreams(name.keyspace, name.workflow, targets, { signal });
  const record = await readRecord(topo, name.keyspace, name.workflow);
  const announced = record !== undefined && (await isAnnounced(topo, record));
  if (streams.length > 0 || announced) {
    requireMigrate(name, streams);
    if (announced) requireOwnStreams(name, streams, record);
    const tables = streams.length > 0 ? workflowTables(streams) : (record?.tables ?? []);
    const found = { name, targets, streams, record, tables, announced, leftovers: [] };
    return { ...found, missing: announced ? [] : await missingEntries({ topo, ...found }) };
  }
  if (record !== undefined) {
    if (hadStreams(record)) throw endedElsewhere(name);
    throw notFound(name, "An unfinished Create left a record: Migrate Cancel clears it up.");
  }
  const leftovers = await findLeftovers(topo, name.keyspace, targets, { signal });
  const wanted = request.force ? request.deniedTables : [];
  const chosen = leftovers
    .map(({ target, tables }) => ({ target, tables: tables.filter((table) => wanted.includes(table)) }))
    .filter(({ tables }) => tables.length > 0);
  if (chosen.length === 0) {
    const others = await whichWorkflows(name.keyspace, targets, { signal });
    throw notFound(name, leftovers.length === 0 ? others : `${others} ${leftoverHint(name, leftovers)}`);
  }
  return { name, targets, streams, record, tables: [], missing: [], announced, leftovers: chosen };
}

function notFound(name: WorkflowName, hint: string): NotFoundError {
  return new NotFoundError(`workflow ${formatWorkflowName(name)} does not exist`, { hint });
}

interface PlanSettings {
  signal: AbortSignal;
  /** Absent for a dry run. */
  progress?: Progress;
  /** False: it was asked already, and can't be compared with. */
  sourceAnswers?: boolean;
}

function planFor(ctx: Context, topo: Topo, found: Found, settings: PlanSettings): Plan {
  const { signal, progress, sourceAnswers = true } = settings;
  const parts = { ...found, topo, tablets: ctx.tablets(), options: { signal } };
  if (found.leftovers.length > 0) return leftoversPlan(parts, found.leftovers);
  return completePlan({
    ...parts,
    warn: (line) => ctx.io.warn(line),
    onCut: (cut) => {
      if (progress !== undefined) progress.cut = cut;
      ctx.io.note("The streams have stopped at:");
      for (const stopped of cut) ctx.io.note(`  ${cutLine(stopped)}`);
    },
    onAnnounced: () => {
      if (progress !== undefined) progress.announced = true;
    },
    compare: sourceAnswers
      ? async (cut) => {
          const moved = await compareWithSource(ctx, topo, found, cut, signal);
          if (progress !== undefined) progress.moved = moved;
        }
      : undefined,
  });
}

/** A warning at most: the way back is closed by now. */
async function compareWithSource(
  ctx: Context,
  topo: Topo,
  { streams }: Found,
  cut: CutPosition[],
  signal: AbortSignal,
): Promise<MovedSource[]> {
  const positions = await readSourcePositions(ctx, topo, streams, signal);
  for (const [name, outcome] of positions) {
    if ("error" in outcome) ctx.io.note(`Whether ${name} has gone on since can't be told: ${outcome.error.message}`);
  }
  const moved = findMoved(cut, positions);
  if (moved.length > 0) {
    const [first = "", ...more] = movedLines(moved);
    ctx.io.warn(first);
    for (const line of more) ctx.io.note(line);
  }
  return moved;
}

function result(found: Found, plan: Plan): CompleteResult {
  const { targets, streams } = found;
  return {
    steps: [describeLocks(found.name, LOCKS), ...describePlan(plan)],
    targets: targets
      .filter((target) => streams.some((stream) => stream.target === target))
      .map(({ shard, primary: { record } }) => ({ shard: shard.name, dbName: record.dbName, uid: record.uid })),
    cut: [],
    moved: [],
    advice: [],
    allowed: found.leftovers.map(({ target, tables }) => ({ shard: target.shard.name, tables })),
  };
}
