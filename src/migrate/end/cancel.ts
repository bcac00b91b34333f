import type { Context } from "../../context.js";
import { ConflictError, NotFoundError } from "../../errors.js";
import { describePlan, executePlan, type Plan, type Step } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { stopStreams } from "../../workflow/control.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readRecord, updateRecord, type WorkflowRecord } from "../../workflow/record.js";
import { copyIsDone, workflowTables } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { readTargets, type Target, targetName } from "../../workflow/targets.js";
import { whichWorkflows } from "../../workflow/unknown.js";
import { dropScript } from "../create/schema.js";
import { withLocks } from "../locks.js";
import { requireKeyspace } from "../source.js";
import { type OwnTables, ownTables } from "./own-tables.js";
import {
  allowTablesStep,
  deleteRecordStep,
  deleteStreamsStep,
  type EndParts,
  endedElsewhere,
  hadStreams,
  isAnnounced,
  rebuildStep,
  requireMigrate,
} from "./workflow-end.js";

export interface CancelRequest {
  name: WorkflowName;
  keepData: boolean;
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

interface Found {
  targets: Target[];
  streams: Stream[];
  record: WorkflowRecord | undefined;
  tables: string[];
  drops: OwnTables[];
}

const LOCKS = { named: "WorkflowDelete", keyspace: "completeMigrateWorkflow" };

/**
 * Takes the migration back: of the target's tables and VSchema entries only those go that the workflow's
 * record names as ours. Needs nothing of the source cluster, not even its mount. Each step can be repeated:
 * a second Cancel goes on where the first was cut short.
 *
 * NotFoundError "workflow <ks>.<wf> does not exist", also when another tool has ended it;
 * ConflictError once Complete has announced the tables.
 */
export async function cancelMigrate(ctx: Context, request: CancelRequest): Promise<string[]> {
  const { name } = request;
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const found = await find(ctx, topo, request, ctx.signal);
  if (request.dryRun) return describePlan(cancelPlan(ctx, topo, request, found, ctx.signal));
  return withLocks(ctx, topo, name, { ...LOCKS, timeoutMs: request.lockTimeoutMs }, async ({ locks, signal }) => {
    const current = await find(ctx, topo, request, signal);
    warn(ctx, request, current);
    const plan = cancelPlan(ctx, topo, request, current, signal);
    await executePlan(plan, { locks, signal, report: (line) => ctx.io.note(line) });
    return describePlan(plan);
  });
}

async function find(ctx: Context, topo: Topo, request: CancelRequest, signal: AbortSignal): Promise<Found> {
  const { name, keepData } = request;
  const targets = await readTargets(topo, ctx.tablets(), name.keyspace);
  const { streams } = await readStreams(name.keyspace, name.workflow, targets, { signal });
  const record = await readRecord(topo, name.keyspace, name.workflow);
  if (streams.length === 0 && record === undefined) {
    const hint = await whichWorkflows(name.keyspace, targets, { signal });
    throw new NotFoundError(`workflow ${formatWorkflowName(name)} does not exist`, { hint });
  }
  requireMigrate(name, streams);
  if (record !== undefined && (await isAnnounced(topo, record))) {
    throw new ConflictError(`workflow ${formatWorkflowName(name)} is being completed: its tables are announced`, {
      hint: "The application may be using them. Run Migrate Complete again to finish.",
    });
  }
  if (streams.length === 0 && !keepData && record !== undefined && hadStreams(record)) throw endedElsewhere(name);
  const drops = keepData ? [] : await ownTables(name, { targets, streams, record }, { signal });
  return { targets, streams, record, tables: record?.tables ?? workflowTables(streams), drops };
}

function warn(ctx: Context, request: CancelRequest, { record, streams, tables, drops }: Found): void {
  if (record === undefined && !request.keepData) {
    ctx.io.warn(
      `no record says which tables were created for ${formatWorkflowName(request.name)}, so none is dropped. ` +
        `Its tables: ${tables.join(", ")}.`,
    );
  }
  const kept = drops.flatMap((own) => own.kept);
  if (kept.length > 0) ctx.io.warn(`tables that Create made and that stay: ${kept.join(", ")}.`);
  const unfinished = streams.some((stream) => !copyIsDone(stream) && stream.deferSecondaryKeys);
  if (request.keepData && unfinished) {
    ctx.io.warn("the copy is not done: tables that are kept lack rows, and may lack secondary keys.");
  }
}

function cancelPlan(ctx: Context, topo: Topo, request: CancelRequest, found: Found, signal: AbortSignal): Plan {
  const { name, keepData } = request;
  const { targets, streams, record, tables } = found;
  const options = { signal };
  const parts: EndParts = { topo, tablets: ctx.tablets(), name, targets, tables, options };
  const drops = found.drops.filter((own) => own.tables.length > 0).map((own) => dropStep(own, options));
  const entries = keepData ? [] : (record?.addedVSchemaTables ?? []);
  return [
    ...(record === undefined ? [] : [intentStep(parts)]),
    stopStep(streams, options),
    ...drops,
    ...(entries.length > 0 ? [entriesStep(parts, entries), rebuildStep(parts)] : []),
    ...targets.map((target) => allowTablesStep(parts, target)),
    ...targets.map((target) => deleteStreamsStep(parts, target)),
    ...(record === undefined ? [] : [deleteRecordStep(parts)]),
  ];
}

function intentStep({ topo, name }: EndParts): Step {
  return {
    describe: "Note in the workflow's record that it is being cancelled",
    apply: async () => {
      await updateRecord(topo, name.keyspace, name.workflow, (record) => {
        record.step = "cancelling";
      });
    },
  };
}

/** Nothing is put back after this: streams must not run into tables that are dropped. */
function stopStep(streams: Stream[], options: EndParts["options"]): Step {
  return { describe: "Stop the streams", pointOfNoReturn: true, apply: () => stopStreams(streams, options) };
}

function dropStep({ target, tables }: OwnTables, options: EndParts["options"]): Step {
  return {
    describe: `Drop tables on ${targetName(target)}: ${tables.join(", ")}`,
    apply: () => target.primary.applySchema(dropScript(target.primary.record.dbName, tables), options),
  };
}

function entriesStep({ topo, name }: EndParts, tables: string[]): Step {
  return {
    describe: `Remove the tables from the VSchema of ${name.keyspace}: ${tables.join(", ")}`,
    apply: async () => {
      await topo.removeVSchemaTables(name.keyspace, tables);
    },
  };
}
