import type { Context } from "../../context.js";
import { NotFoundError, PreflightError } from "../../errors.js";
import { describePlan, executePlan, type Plan } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { resumeStreams } from "../../workflow/control.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readRecord, type WorkflowRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { whichWorkflows } from "../../workflow/unknown.js";
import { withLocks } from "../locks.js";
import { requireKeyspace } from "../source.js";
import { inspectVSchema } from "../vschema.js";
import { completePlan } from "./complete-plan.js";
import { awaitCaughtUp, checkStreams } from "./verify.js";
import { endedElsewhere, hadStreams, isAnnounced, requireMigrate } from "./workflow-end.js";

export interface CompleteRequest {
  name: WorkflowName;
  /** How long the streams may take to catch up with the source. */
  timeoutMs: number;
  /** Completes although the streams are not ready or the source can't be asked. */
  force: boolean;
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

export interface CompleteResult {
  steps: string[];
  /** Where streams were found, for the dry run's lines. */
  targets: { shard: string; dbName: string; uid: number }[];
}

/** What is known about the workflow when Complete looks at it. */
interface Found {
  targets: Target[];
  streams: Stream[];
  record: WorkflowRecord | undefined;
  tables: string[];
  /** An earlier Complete got past its checks: only forward from here. */
  announced: boolean;
}

const LOCKS = { named: "MoveTablesComplete", keyspace: "completeMigrateWorkflow" };

/**
 * Ends the migration: the streams are checked, stopped, their tables announced in the target's VSchema, and
 * the streams deleted last. Before the VSchema is written a failure restarts the streams; after it a second
 * run goes on from there. NotFoundError "workflow <ks>.<wf> does not exist" (also the second time).
 */
export async function completeMigrate(ctx: Context, request: CompleteRequest): Promise<CompleteResult> {
  const { name } = request;
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const found = await find(ctx, topo, name, ctx.signal);
  await requireVSchemaEntries(topo, name, found.tables);
  if (request.dryRun) {
    if (!request.force && !found.announced) checkStreams(name, found.targets, found.streams, wasStopped(found));
    return result(found, planFor(ctx, topo, name, found, ctx.signal));
  }
  return withLocks(ctx, topo, name, { ...LOCKS, timeoutMs: request.lockTimeoutMs }, async ({ locks, signal }) => {
    const current = await find(ctx, topo, name, signal);
    if (!current.announced) await verify(ctx, topo, request, current, signal);
    const ready = current.announced ? current : await find(ctx, topo, name, signal);
    const plan = planFor(ctx, topo, name, ready, signal);
    await executePlan(plan, { locks, signal, report: (line) => ctx.io.note(line) });
    return result(ready, plan);
  });
}

async function find(ctx: Context, topo: Topo, name: WorkflowName, signal: AbortSignal): Promise<Found> {
  const targets = await readTargets(topo, ctx.tablets(), name.keyspace);
  const { streams } = await readStreams(name.keyspace, name.workflow, targets, { signal });
  const record = await readRecord(topo, name.keyspace, name.workflow);
  const announced = record !== undefined && (await isAnnounced(topo, record));
  if (streams.length === 0 && !announced) {
    if (record !== undefined && hadStreams(record)) throw endedElsewhere(name);
    const hint =
      record === undefined
        ? await whichWorkflows(name.keyspace, targets, { signal })
        : "An unfinished Create left a record: Migrate Cancel clears it up.";
    throw new NotFoundError(`workflow ${formatWorkflowName(name)} does not exist`, { hint });
  }
  requireMigrate(name, streams);
  const tables = streams.length > 0 ? workflowTables(streams) : (record?.tables ?? []);
  return { targets, streams, record, tables, announced };
}

/** Only an unsharded keyspace can route a table by a bare entry. */
async function requireVSchemaEntries(topo: Topo, name: WorkflowName, tables: string[]): Promise<void> {
  const { sharded, missing } = await inspectVSchema(topo, name.keyspace, tables);
  if (!sharded || missing.length === 0) return;
  throw new PreflightError(`the VSchema of sharded keyspace ${name.keyspace} has no entry for ${missing.join(", ")}`, {
    hint: "Add them with ApplyVSchema, with their vindexes, and complete then.",
  });
}

function wasStopped({ record }: Found): boolean {
  return record?.step === "completing" || record?.step === "announcing";
}

async function verify(
  ctx: Context,
  topo: Topo,
  request: CompleteRequest,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  const { name, force, timeoutMs } = request;
  if (force) {
    ctx.io.warn("-force: whether the copy is done and the streams have caught up is not checked.");
    return;
  }
  checkStreams(name, found.targets, found.streams, wasStopped(found));
  // An earlier Complete stopped them and was cut short; meanwhile the source may have gone on.
  if (wasStopped(found)) await restart(found.streams, signal);
  await awaitCaughtUp(ctx, topo, found.streams, { timeoutMs, signal });
}

async function restart(streams: Stream[], signal: AbortSignal): Promise<void> {
  const stopped = streams.filter((stream) => stream.state === "Stopped" && stream.message === "");
  await resumeStreams(
    stopped.map((stream) => ({ ...stream, state: "Running" })),
    { signal },
  );
}

function planFor(ctx: Context, topo: Topo, name: WorkflowName, found: Found, signal: AbortSignal): Plan {
  const { targets, streams, record, tables, announced } = found;
  const tablets = ctx.tablets();
  return completePlan({ topo, tablets, name, targets, tables, streams, record, announced, options: { signal } });
}

function result(found: Found, plan: Plan): CompleteResult {
  const { targets, streams } = found;
  return {
    steps: describePlan(plan),
    targets: targets
      .filter((target) => streams.some((stream) => stream.target === target))
      .map(({ shard, primary: { record } }) => ({ shard: shard.name, dbName: record.dbName, uid: record.uid })),
  };
}
