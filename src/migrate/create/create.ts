import type { Context } from "../../context.js";
import { ConflictError, PreflightError } from "../../errors.js";
import { describePlan, executePlan, type Plan } from "../../plan.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import type { OnDdl } from "../../wire/binlog-source.js";
import { sqlString } from "../../wire/sql.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readRecord, type WorkflowRecord } from "../../workflow/record.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { withLocks } from "../locks.js";
import { openSource, parseSource, readSourceShards, requireKeyspace, type SourceShard } from "../source.js";
import { inspectVSchema } from "../vschema.js";
import { chooseSourceCells, requireSourceTablets } from "./cells.js";
import { createPlan } from "./create-plan.js";
import { inspectTargetSchema } from "./schema.js";
import { insertStatement, planStreams } from "./streams.js";
import { chooseTables, requireTableChoice, type TableChoice } from "./tables.js";

export interface CreateRequest extends TableChoice {
  name: WorkflowName;
  /** "<mount>.<keyspace>" */
  source: string;
  /** Source cells or aliases; empty: all of them. */
  cells: string[];
  tabletTypes: string;
  onDdl: OnDdl;
  stopAfterCopy: boolean;
  /** Undefined: the default of the target's version. */
  deferSecondaryKeys: boolean | undefined;
  autoStart: boolean;
  /** Overrules the check that the source has tablets of the wanted types. */
  force: boolean;
  /** Only describes the steps. */
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

export interface CreateResult {
  /** The steps that were executed, or would be. */
  steps: string[];
  tables: string[];
  /** Vitess's own leftovers of schema changes, which `-all` leaves out. */
  skipped: string[];
  targets: Target[];
  sourceShards: SourceShard[];
}

/**
 * Creates the workflow, and starts it unless told otherwise. Whatever fails before the last step is undone.
 * What is wrong with the request itself is said before anything is opened; then the order of the checks is
 * vtctl's (go/vt/vtctl/vtctl.go, v22).
 */
export async function createMigrate(ctx: Context, request: CreateRequest): Promise<CreateResult> {
  const { name } = request;
  const sourceName = parseSource(request.source);
  requireTableChoice(request);
  parseTabletTypes(request.tabletTypes);
  const topo = await ctx.topo();
  await requireKeyspace(topo, name.keyspace);
  const source = await openSource(topo, sourceName);
  const prepared = await prepare(ctx, topo, source, request, ctx.signal);
  if (request.dryRun) return prepared.result;
  return withLocks(ctx, topo, name, { ...LOCKS, timeoutMs: request.lockTimeoutMs }, async ({ locks, signal }) => {
    // What was seen before the locks were held may have changed while we stood in the queue.
    const { plan, result } = await prepare(ctx, topo, source, request, signal);
    await executePlan(plan, { locks, signal, report: (line) => ctx.io.note(line) });
    return result;
  });
}

const LOCKS = { named: "MoveTablesCreate", keyspace: "MoveTablesCreate" };

/** Looks at both clusters and changes nothing. */
async function prepare(
  ctx: Context,
  topo: Topo,
  source: Topo,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<{ plan: Plan; result: CreateResult }> {
  const { name } = request;
  const options = { signal };
  const tablets = ctx.tablets();
  const sourceName = parseSource(request.source);
  const tabletTypes = parseTabletTypes(request.tabletTypes);

  const targets = await readTargets(topo, tablets, name.keyspace);
  const { streams: existing } = await readStreams(name.keyspace, name.workflow, targets, options);
  if (existing.length > 0) {
    throw new ConflictError("workflow already exists", {
      hint: `Choose another name than ${formatWorkflowName(name)}, or end that one with Migrate Complete or Cancel.`,
    });
  }
  for (const target of targets) await requireNoFrozen(target, options);
  await requireUnsharded(topo, name, targets);

  const shards = await readSourceShards(source, tablets, sourceName.keyspace);
  const cells = await chooseSourceCells(source, request.cells);
  if (!request.force) await requireSourceTablets(source, shards, cells, tabletTypes);
  const [firstShard] = shards;
  const sourceSchema = await firstShard?.primary.getSchema([], options);
  const sourceTables = sourceSchema?.table_definitions ?? [];
  const { tables, skipped } = chooseTables(request, {
    keyspace: sourceName.keyspace,
    tables: sourceTables.map((table) => table.name),
  });

  const schema = await inspectTargetSchema(
    targets,
    tables,
    { database_schema: "", table_definitions: sourceTables },
    options,
  );
  const previous = await readRecord(topo, name.keyspace, name.workflow);

  const streams = planStreams(targets, shards, {
    source: sourceName,
    tables,
    onDdl: request.onDdl,
    stopAfterCopy: request.stopAfterCopy,
  });
  const { deferSecondaryKeys } = request;
  const rows = { workflow: name.workflow, cells, tabletTypes, deferSecondaryKeys, now: ctx.clock.now() };
  // Only to have it complain now if a row can't be stored.
  for (const stream of streams) {
    insertStatement(stream, rows, await readCapabilities(stream.target.primary, options));
  }
  const record = newRecord(name, sourceName, tables, createdTables(schema, previous));
  const start = request.autoStart;
  const plan = createPlan({ topo, name, targets, schema, previous, record, streams, rows, start, options });
  return { plan, result: { steps: describePlan(plan), tables, skipped, targets, sourceShards: shards } };
}

function newRecord(
  name: WorkflowName,
  source: WorkflowRecord["source"],
  tables: string[],
  created: WorkflowRecord["createdTables"],
): WorkflowRecord {
  return { format: 1, ...name, source, tables, createdTables: created, addedVSchemaTables: [], step: "creating" };
}

/** Tables that this Create makes, and those that an earlier one made before it was cut short. */
function createdTables(
  schema: Awaited<ReturnType<typeof inspectTargetSchema>>,
  previous: WorkflowRecord | undefined,
): WorkflowRecord["createdTables"] {
  return Object.fromEntries(
    schema.map(({ target, missing, existing }) => {
      const unfinished = previous?.step === "creating" || previous?.step === "created";
      const before = (unfinished && previous.createdTables[target.shard.name]) || [];
      const ours = [...missing.map((table) => table.name), ...existing.filter((table) => before.includes(table))];
      return [target.shard.name, ours.sort()];
    }),
  );
}

async function requireUnsharded(topo: Topo, name: WorkflowName, targets: Target[]): Promise<void> {
  const { sharded } = await inspectVSchema(topo, name.keyspace, []);
  if (!sharded && targets.length === 1) return;
  throw new PreflightError(`target keyspace ${name.keyspace} is sharded: migrating into one is not supported yet`, {
    hint: "Migrate into an unsharded keyspace.",
  });
}

/** A MoveTables that switched its writes leaves such rows; vtctld refuses new workflows then, and so do we. */
async function requireNoFrozen({ primary }: Target, options: CallOptions): Promise<void> {
  const { columns } = await readCapabilities(primary, options);
  const partial = columns.has("workflow_sub_type") ? " and workflow_sub_type != 1" : "";
  const where = `db_name=${sqlString(primary.record.dbName)} and message='FROZEN'${partial}`;
  const { rows } = await primary.vreplicationExec(`select 1 from _vt.vreplication where ${where}`, options);
  if (rows.length === 0) return;
  throw new ConflictError(
    `found previous frozen workflow on tablet ${primary.record.alias}, please review and delete it first before creating a new workflow`,
  );
}
