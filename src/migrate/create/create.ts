import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { type PlannedStep, runPlan } from "../../plan.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { describeLocks, withLocks } from "../locks.js";
import { requireOtherCluster } from "../other-cluster.js";
import type { CheckReport } from "../preflight/check.js";
import { checkBeforeCreate } from "../preflight/preflight.js";
import { openSource, parseSource, requireKeyspace } from "../source.js";
import type { SourceSide } from "./look-at-source.js";
import { prepareCreate } from "./prepare.js";
import { type CreateRequest, requireGoodRequest } from "./request.js";

/** What Create decides before it changes anything. */
export interface PlannedCreate {
  /** The steps that were executed, or would be. */
  steps: PlannedStep[];
  tables: string[];
  /** What the operator should know about what is copied and what isn't, as sentences. */
  notes: string[];
  targets: Target[];
  source: SourceSide;
}

export interface CreateResult extends PlannedCreate {
  checks: CheckReport[];
}

/**
 * Creates the workflow, and starts it unless told otherwise. Whatever fails before the last step is undone.
 * What is wrong with the request itself is said before anything is opened; then the order of the checks is
 * vtctl's (go/vt/vtctl/vtctl.go, v22).
 */
export async function createMigrate(ctx: Context, request: CreateRequest): Promise<CreateResult> {
  const { name } = request;
  const sourceName = parseSource(request.source);
  requireGoodRequest(request);
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const source = await openSource(topo, sourceName);
  if (!request.skipChecks.has("other_cluster")) {
    await requireOtherCluster(topo, source, sourceName.mount, ctx.signal);
  }
  const prepared = await prepareCreate(ctx, { topo, source }, request, ctx.signal);
  const checks = await checkBeforeCreate(ctx, request, prepared.seen);
  tellChecks(checks, prepared.result.notes, ctx.io);
  if (request.dryRun && !request.skipChecks.has("probe_stream")) {
    ctx.io.note("A real run first asks these targets by a probe stream, which is deleted again (docs/preflight.md).");
  }
  if (request.dryRun) return { ...withLockStep(name, prepared.result), checks };
  return withLocks(ctx, topo, name, { ...LOCKS, timeoutMs: request.lockTimeoutMs }, async ({ locks, signal }) => {
    // What was seen before the locks were held may have changed while we stood in the queue.
    const { plan, result } = await prepareCreate(ctx, { topo, source }, request, signal);
    await runPlan(ctx, plan, { locks, signal, remedy: remedyFor(name) });
    return { ...withLockStep(name, result), checks };
  });
}

/** Only what is not in order, and isn't among the notes. */
function tellChecks(checks: CheckReport[], notes: string[], io: Io): void {
  for (const { result, message } of checks) {
    if (result === "warning" && !notes.includes(message)) io.warn(message);
  }
  const size = checks.find(({ name, result }) => name === "copy_size" && result === "ok");
  if (size !== undefined) io.note(`To copy: ${size.message}`);
}

function remedyFor(name: WorkflowName): string {
  const typed = formatWorkflowName(name);
  return `Take back what is left with "vtmigrate Migrate Cancel ${typed}"; "vtmigrate Workflow ${typed} Doctor" shows it.`;
}

function withLockStep(name: WorkflowName, result: PlannedCreate): PlannedCreate {
  return { ...result, steps: [describeLocks(name, LOCKS), ...result.steps] };
}

/** As vtctld names what it does meanwhile. */
const LOCKS = { named: "MoveTablesCreate", keyspace: "MoveTablesCreate" };
