import type { Context } from "../../context.js";
import { NotFoundError, PreflightError } from "../../errors.js";
import { describePlan, type Plan } from "../../plan.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readRecord, type WorkflowRecord } from "../../workflow/record.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { parseSource, readSourceShards } from "../source.js";
import { inspectVSchema } from "../vschema.js";
import { requireAtomicCopy } from "./atomic-copy.js";
import { chooseSourceCells, requireSourceTablets } from "./cells.js";
import type { CreateRequest, CreateResult } from "./create.js";
import { createPlan } from "./create-plan.js";
import { requireNewWorkflow } from "./new-workflow.js";
import { inspectTargetSchema, type ShardSchema } from "./schema.js";
import { openSourceReader } from "./source-reader.js";
import { insertStatement, planStreams } from "./streams.js";
import { chooseTables } from "./tables.js";
import { requireTimeZone } from "./time-zone.js";

/** Both clusters' topologies, opened. */
export interface Clusters {
  topo: Topo;
  source: Topo;
}

const ANY_TYPE = parseTabletTypes("in_order:PRIMARY,REPLICA,RDONLY");

/** Looks at both clusters, decides everything, and changes nothing. */
export async function prepareCreate(
  ctx: Context,
  { topo, source }: Clusters,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<{ plan: Plan; result: CreateResult }> {
  const { name } = request;
  const options = { signal };
  const sourceName = parseSource(request.source);
  const tabletTypes = parseTabletTypes(request.tabletTypes);

  const all = await readTargets(topo, ctx.tablets(), name.keyspace);
  await requireNewWorkflow(name, all, options);
  const targets = chooseTargets(all, name, request.shards);
  await requireUnsharded(topo, name, targets);

  const shards = await readSourceShards(source, sourceName.keyspace, request.shards);
  const cells = await chooseSourceCells(source, request.cells);
  if (!request.force) await requireSourceTablets(source, shards, { cells, tabletTypes });
  const [firstShard] = shards;
  if (firstShard === undefined) throw new NotFoundError(`${sourceName.keyspace} has no serving shards`);
  const choice = { source, cells, tabletTypes };
  const readable = request.force ? { source, cells: [], tabletTypes: ANY_TYPE } : choice;
  const { tablet: reader, uncertainty } = await openSourceReader(ctx, firstShard, readable, signal);
  const sourceSchema = await reader.getSchema([], options);
  const { tables, skipped } = chooseTables(request, {
    keyspace: sourceName.keyspace,
    tables: sourceSchema.table_definitions.map((table) => table.name),
  });

  if (request.sourceTimeZone !== "") await requireTimeZone(targets, request.sourceTimeZone, options);
  if (request.atomicCopy) await requireAtomicCopy([reader, ...targets.map(({ primary }) => primary)], options);
  const schema = await inspectTargetSchema(targets, tables, sourceSchema, options);
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
  const record: WorkflowRecord = {
    format: 1,
    ...name,
    source: sourceName,
    tables,
    createdTables: createdTables(schema, previous),
    addedVSchemaTables: [],
    step: "creating",
  };
  const start = request.autoStart;
  const plan = createPlan({ topo, name, targets, schema, previous, record, streams, rows, start, options });
  const notes = [
    ...(uncertainty === undefined ? [] : [uncertainty]),
    ...(skipped.length > 0 ? [`Left out, tables of Vitess's own schema changes: ${skipped.join(", ")}`] : []),
  ];
  return { plan, result: { steps: describePlan(plan), tables, notes, targets, source: { ...choice, shards } } };
}

/** With -source_shards a stream goes between shards of the same name (go/vt/wrangler/materializer.go, v16). */
function chooseTargets(targets: Target[], name: WorkflowName, shards: string[]): Target[] {
  if (shards.length === 0) return targets;
  const unknown = shards.filter((shard) => !targets.some((target) => target.shard.name === shard));
  if (unknown.length > 0) {
    throw new NotFoundError(`no shard ${unknown.join(", ")} in target keyspace ${name.keyspace}`, {
      hint: `-source_shards names shards of both keyspaces; the target has ${targets.map(({ shard }) => shard.name).join(", ")}.`,
    });
  }
  return targets.filter((target) => shards.includes(target.shard.name));
}

/** Tables that this Create makes, and those that an earlier one made before it was cut short. */
function createdTables(schema: ShardSchema[], previous: WorkflowRecord | undefined): WorkflowRecord["createdTables"] {
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
