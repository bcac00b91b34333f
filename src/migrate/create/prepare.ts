import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { describePlan, type Plan } from "../../plan.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { Topo } from "../../topo/port.js";
import { readRecord, type WorkflowRecord } from "../../workflow/record.js";
import type { Known } from "../preflight/facts.js";
import { parseSource } from "../source.js";
import { readAdvice } from "../vschema-advice.js";
import { requireAtomicCopy, requireWholeShard } from "./atomic-copy.js";
import type { PlannedCreate } from "./create.js";
import { createPlan } from "./create-plan.js";
import { decideStreams } from "./decide-streams.js";
import { decideDeferral } from "./deferred-keys.js";
import { lookAtSource } from "./look-at-source.js";
import { lookAtTarget, type TargetSide } from "./look-at-target.js";
import { requireUnfilled } from "./new-workflow.js";
import type { CreateRequest } from "./request.js";
import { inspectTargetSchema, type ShardSchema } from "./schema/schema.js";
import { requireStorable } from "./stored-size.js";
import { type RowSettings, workflowSubType } from "./streams.js";
import { checkConvertedColumns, requireTimeZone } from "./time-zone.js";

/** Both clusters' topologies, opened. */
export interface Clusters {
  topo: Topo;
  source: Topo;
}

/** Looks at both clusters, decides everything, and changes nothing. */
export async function prepareCreate(
  ctx: Context,
  { topo, source }: Clusters,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<{ plan: Plan; result: PlannedCreate; seen: Partial<Known> }> {
  const { name } = request;
  const options = { signal };
  const subType = workflowSubType({ partial: request.shards.length > 0, atomicCopy: request.atomicCopy });
  const target = await lookAtTarget(ctx, topo, request, signal);
  const from = await lookAtSource(ctx, source, request, signal);
  const { targets } = target;
  const { cells, tabletTypes, tables, definitions } = from;

  const streams = await decideStreams(request, target, from);
  const capabilities = await forEachAtOnce(
    targets,
    async (each) => [each, await readCapabilities(each.primary, options)] as const,
  );
  requireStorable(streams, new Map(capabilities));
  const versions = capabilities.map(([, version]) => version);
  const unconverted =
    request.sourceTimeZone === "" ? [] : checkConvertedColumns(definitions, versions, { force: request.force });
  if (request.sourceTimeZone !== "") await requireTimeZone(targets, request.sourceTimeZone, options);
  if (request.atomicCopy) requireWholeShard(streams);
  if (request.atomicCopy) await requireAtomicCopy([from.reader, ...targets.map(({ primary }) => primary)], options);
  await requireUnfilled(name, targets, tables, options);
  const { shards: schema, notes: schemaNotes } = await inspectTargetSchema(
    targets,
    { tables, source: definitions, dropForeignKeys: request.dropForeignKeys },
    options,
  );

  const { autoStart: start } = request;
  const { deferSecondaryKeys, notes: keyNotes } = decideDeferral({ ...request, tables: definitions }, versions);
  const now = ctx.clock.now();
  const rows: RowSettings = { workflow: name.workflow, cells, tabletTypes, deferSecondaryKeys, subType, now };
  const previous = await readRecord(topo, name.keyspace, name.workflow);
  const record = newRecord(request, target, tables, previous, createdTables(schema, previous));
  const { spec } = target;
  const entries = target.vschema.sharded ? target.newEntries.filter((table) => tables.includes(table)) : [];
  const parts = { topo, name, targets, schema, previous, record, streams, rows, start, options };
  const plan = createPlan({ ...parts, entries, definitions: spec?.definitions ?? new Map() });
  const sourceName = parseSource(request.source);
  const advice = await readAdvice({ topo, keyspace: name.keyspace, source, sourceName, tables, definitions, spec });
  const notes = [...target.notes, ...from.notes, ...unconverted, ...schemaNotes, ...keyNotes, ...advice];
  const result = { steps: describePlan(plan), tables, notes, targets, source: from };
  const { vschema } = target;
  const seen = { topo, source, targets, vschema, shards: from.shards, cells, tables: from, streams };
  return { plan, result, seen: { ...seen, capabilities: new Map(capabilities) } };
}

function newRecord(
  request: CreateRequest,
  { spec, targets }: TargetSide,
  tables: string[],
  previous: WorkflowRecord | undefined,
  created: WorkflowRecord["createdTables"],
): WorkflowRecord {
  return {
    format: 1,
    ...request.name,
    source: parseSource(request.source),
    tables,
    ...(spec === undefined ? {} : { tableSpec: spec.text }),
    ...(request.shards.length === 0 ? {} : { shards: targets.map(({ shard }) => shard.name) }),
    createdTables: created,
    // Of a Create that was cut short: its entries are there now, and nobody else's.
    addedVSchemaTables: isUnfinished(previous) ? previous.addedVSchemaTables : [],
    step: "creating",
  };
}

/** Tables that this Create makes, and those that an earlier one made before it was cut short. */
function createdTables(schema: ShardSchema[], previous: WorkflowRecord | undefined): WorkflowRecord["createdTables"] {
  return Object.fromEntries(
    schema.map(({ target, missing, existing }) => {
      const before = (isUnfinished(previous) && previous.createdTables[target.shard.name]) || [];
      const ours = [...missing.map((table) => table.name), ...existing.filter((table) => before.includes(table))];
      return [target.shard.name, ours.sort()];
    }),
  );
}

function isUnfinished(previous: WorkflowRecord | undefined): previous is WorkflowRecord {
  return previous?.step === "creating" || previous?.step === "created";
}
