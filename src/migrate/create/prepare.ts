import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import { describePlan, type Plan } from "../../plan.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readRecord, type WorkflowRecord } from "../../workflow/record.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { parseSource, readSourceShards } from "../source.js";
import { requireAtomicCopy } from "./atomic-copy.js";
import { chooseSourceCells, requireSourceTablets } from "./cells.js";
import type { CreateRequest, CreateResult } from "./create.js";
import { createPlan } from "./create-plan.js";
import { leftOutNotes, readLeftOut } from "./left-out.js";
import { requireNewWorkflow } from "./new-workflow.js";
import { inspectTargetSchema, type ShardSchema } from "./schema.js";
import { openSourceReader } from "./source-reader.js";
import { requireStorable } from "./stored-size.js";
import { planStreams, workflowSubType } from "./streams.js";
import { chooseTables } from "./tables.js";
import { requireTimeZone, TARGET_TIME_ZONE } from "./time-zone.js";
import { readingCells, readSourceVSchemas, readVSchema } from "./vschemas.js";

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

  const shards = await readSourceShards(source, sourceName.keyspace, request.shards);
  const cells = await chooseSourceCells(source, request.cells);
  if (!request.force) await requireSourceTablets(source, shards, { cells, tabletTypes });
  const [firstShard] = shards;
  if (firstShard === undefined) throw new NotFoundError(`${sourceName.keyspace} has no serving shards`);
  const choice = { source, cells, tabletTypes };
  const readable = request.force ? { source, cells: [], tabletTypes: ANY_TYPE } : choice;
  const { tablet: reader, uncertainty } = await openSourceReader(ctx, firstShard, readable, signal);
  const sourceSchema = await reader.getSchema([], options);
  const leftOut = await readLeftOut(reader, options);
  const { tables, skipped } = chooseTables(request, {
    keyspace: sourceName.keyspace,
    tables: sourceSchema.table_definitions.map((table) => table.name),
    leftOut,
  });

  if (request.sourceTimeZone !== "") await requireTimeZone(targets, request.sourceTimeZone, options);
  if (request.atomicCopy) await requireAtomicCopy([reader, ...targets.map(({ primary }) => primary)], options);
  const { shards: schema, notes: schemaNotes } = await inspectTargetSchema(
    targets,
    { tables, source: sourceSchema.table_definitions, dropForeignKeys: request.dropForeignKeys },
    options,
  );
  const previous = await readRecord(topo, name.keyspace, name.workflow);

  const targetCells = targets.map(({ primary }) => primary.record.cell);
  const reading = await readingCells(source, shards, { cells, tabletTypes, targetCells });
  const [target, ofSource] = await Promise.all([
    readVSchema(topo, name.keyspace),
    readSourceVSchemas(source, sourceName.keyspace, reading),
  ]);
  const partial = request.shards.length > 0;
  const streams = planStreams(targets, shards, {
    source: sourceName,
    targetKeyspace: name.keyspace,
    tables: sourceSchema.table_definitions
      .filter((table) => tables.includes(table.name))
      .map((table) => ({ name: table.name, columns: table.columns, primaryKey: table.primary_key_columns }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    vschemas: { target, ...ofSource },
    partial,
    onDdl: request.onDdl,
    stopAfterCopy: request.stopAfterCopy,
    sourceTimeZone: request.sourceTimeZone,
    targetTimeZone: request.sourceTimeZone === "" ? "" : TARGET_TIME_ZONE,
  });
  const subType = workflowSubType({ partial, atomicCopy: request.atomicCopy });
  const { deferSecondaryKeys } = request;
  const rows = { workflow: name.workflow, cells, tabletTypes, deferSecondaryKeys, subType, now: ctx.clock.now() };
  const capabilities = await forEachAtOnce(
    targets,
    async (each) => [each, await readCapabilities(each.primary, options)] as const,
  );
  requireStorable(streams, new Map(capabilities));
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
    ...(request.all ? leftOutNotes(leftOut) : []),
    ...schemaNotes,
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
