import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { ConflictError, NotFoundError, PreflightError } from "../../errors.js";
import { describePlan, type Plan, type PlannedStep, runPlan } from "../../plan.js";
import type { CallOptions } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { hadStreams, isAnnounced } from "../../workflow/announced.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets, targetName } from "../../workflow/targets.js";
import { whichWorkflows } from "../../workflow/unknown.js";
import { describeLocks, withLocks } from "../locks.js";
import { requireKeyspace } from "../source.js";
import { confirmDrops, requireSameDrops } from "./cancel-confirm.js";
import { cancelPlan, countDeadline, type DroppedTable, type ShardDrop } from "./cancel-plan.js";
import { noteDropped, noteKeptState, warnOfDrops } from "./cancel-report.js";
import { inspectKeptTables, isUnfinished, type KeptState } from "./kept-tables.js";
import { type CancelSubject, type KeptTable, type OwnTables, ownTables } from "./own-tables.js";
import { countRows } from "./row-counts.js";
import { requireNoSource } from "./spare-sources.js";
import { endedElsewhere, requireMigrate } from "./workflow-end.js";

export interface CancelRequest {
  name: WorkflowName;
  keepData: boolean;
  /** Nobody is asked before tables are dropped. */
  yes: boolean;
  /** Without a record: drops what the streams fill. */
  force: boolean;
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

export interface CancelResult {
  steps: PlannedStep[];
  /** Empty for a dry run. */
  dropped: DroppedTable[];
  /** Tables of the workflow that are not ours to drop; empty with -keep_data. */
  kept: KeptTable[];
  /** With -keep_data while the copy is not done. */
  keptState?: KeptState;
}

interface Found extends CancelSubject {
  tables: string[];
  drops: ShardDrop[];
  /** Entries of the VSchema that Cancel takes out. */
  entries: string[];
}

const LOCKS = { named: "WorkflowDelete", keyspace: "completeMigrateWorkflow" };

/**
 * Takes the migration back: of the target's tables and VSchema entries only those go that the workflow's
 * record names as ours. Needs nothing of the source cluster, not even its mount. Each step can be repeated:
 * a second Cancel goes on where the first was cut short.
 *
 * NotFoundError "workflow <ks>.<wf> does not exist", also when another tool has ended it;
 * ConflictError once Complete has announced the tables; PreflightError without a record, unless
 * -keep_data or -force says what becomes of the tables; FailedError when a person at a terminal doesn't confirm the drops.
 */
export async function cancelMigrate(ctx: Context, request: CancelRequest): Promise<CancelResult> {
  const { name } = request;
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const found = await find(ctx, topo, request, ctx.signal);
  await requireNoSource(topo, found, found.drops, (line) => ctx.io.note(line));
  if (request.dryRun) return rehearse(ctx, topo, request, found);
  warnOfDrops(ctx.io, found.drops);
  if (!request.yes) await confirmDrops(ctx, found.drops);
  return withLocks(ctx, topo, name, { ...LOCKS, timeoutMs: request.lockTimeoutMs }, async ({ locks, signal }) => {
    const current = await find(ctx, topo, request, signal);
    requireSameDrops(found.drops, current.drops);
    const { plan, result } = planFor(ctx, topo, request, current, signal);
    const progress = { begun: false };
    try {
      await runPlan(ctx, noting(plan, progress), { locks, signal });
    } catch (error) {
      if (progress.begun) ctx.io.note(`Run Migrate Cancel ${formatWorkflowName(name)} again: it goes on from here.`);
      throw error;
    }
    return result;
  });
}

/** The same steps; tells that one was begun, which may have changed something even if it failed. */
function noting(plan: Plan, progress: { begun: boolean }): Plan {
  return plan.map((step) => ({
    ...step,
    apply: () => {
      progress.begun = true;
      return step.apply();
    },
  }));
}

/** The same plan, with what the steps would report. */
async function rehearse(ctx: Context, topo: Topo, request: CancelRequest, found: Found): Promise<CancelResult> {
  const { signal } = ctx;
  const deadline = countDeadline();
  const drops = await forEachAtOnce(found.drops, async (drop) => ({
    ...drop,
    counts: await countRows(drop.target.primary, drop.tables, drop.there, { signal, deadline: deadline() }),
  }));
  warnOfDrops(ctx.io, drops);
  const { result, inspectKept } = planFor(ctx, topo, request, { ...found, drops }, signal);
  await inspectKept?.();
  return result;
}

async function find(ctx: Context, topo: Topo, request: CancelRequest, signal: AbortSignal): Promise<Found> {
  const { name, keepData } = request;
  const options = { signal };
  const targets = await readTargets(topo, ctx.tablets(), name.keyspace);
  const { streams } = await readStreams(name.keyspace, name.workflow, targets, options);
  const record = await readRecord(topo, name.keyspace, name.workflow);
  if (streams.length === 0 && record === undefined) {
    const hint = await whichWorkflows(name.keyspace, targets, options);
    throw new NotFoundError(`workflow ${formatWorkflowName(name)} does not exist`, { hint });
  }
  requireMigrate(name, streams);
  if (record !== undefined && (await isAnnounced(topo, record))) {
    throw new ConflictError(`workflow ${formatWorkflowName(name)} is being completed: its tables are announced`, {
      hint: "The application may be using them. Run Migrate Complete again to finish.",
    });
  }
  if (streams.length === 0 && !keepData && record !== undefined && hadStreams(record)) throw endedElsewhere(name);
  const subject = { name, targets, streams, record };
  const tables = record?.tables ?? workflowTables(streams);
  if (keepData) return { ...subject, tables, drops: [], entries: [] };
  const own = await ownTables(subject, options);
  requireLeave(request, subject, own.shards);
  const drops = await forEachAtOnce(own.shards, (shard) => withSchema(shard, options));
  const kept = new Set(own.shards.flatMap((shard) => shard.kept.map(({ table }) => table)));
  const added = record?.addedVSchemaTables ?? [];
  return { ...subject, tables, drops, entries: added.filter((table) => !kept.has(table) && !own.isShared(table)) };
}

async function withSchema(shard: OwnTables, options: CallOptions): Promise<ShardDrop> {
  const nothing = { database_schema: "", table_definitions: [] };
  const there = shard.tables.length > 0 ? await shard.target.primary.getSchema([], options) : nothing;
  return { ...shard, there };
}

/** vtctlclient's workflows have no record: whether their tables were there before, with rows of others, nobody knows. */
function requireLeave(request: CancelRequest, { name, record }: CancelSubject, shards: OwnTables[]): void {
  const dropping = shards.filter((drop) => drop.tables.length > 0);
  if (record !== undefined || request.force || dropping.length === 0) return;
  const places = dropping.map((drop) => `${drop.tables.join(", ")} on ${targetName(drop.target)}`);
  throw new PreflightError(
    `no record tells which tables were created for ${formatWorkflowName(name)}, and which were there before`,
    {
      hint: `-keep_data leaves all tables; -force drops ${places.join("; ")}. With -dry_run -force you see their rows first.`,
    },
  );
}

function planFor(ctx: Context, topo: Topo, request: CancelRequest, found: Found, signal: AbortSignal) {
  const { streams, drops } = found;
  const options = { signal };
  const kept = drops.flatMap((drop) => drop.kept);
  const result: CancelResult = { steps: [], dropped: [], kept };
  const inspectKept = async () => {
    result.keptState = await inspectKeptTables(ctx, topo, streams, options);
    noteKeptState(ctx.io, result.keptState);
  };
  const inspection = request.keepData && streams.some(isUnfinished) ? inspectKept : undefined;
  const plan: Plan = cancelPlan({
    topo,
    tablets: ctx.tablets(),
    ...found,
    options,
    dropped: (table) => {
      result.dropped.push(table);
      noteDropped(ctx.io, table);
    },
    inspectKept: inspection,
  });
  result.steps = [describeLocks(request.name, LOCKS), ...describePlan(plan)];
  return { plan, result, inspectKept: inspection };
}
