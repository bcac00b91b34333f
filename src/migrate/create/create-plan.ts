import type { Plan, Step } from "../../plan.js";
import type { CallOptions } from "../../tablet/port.js";
import { formatTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import { entryLine } from "../../vschema/entry-line.js";
import { controlQuery } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { deleteRecord, recordPath, updateRecord, type WorkflowRecord, writeRecord } from "../../workflow/record.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { checkInserted, deleteOwn, insertStream, type OwnStreams } from "./insert.js";
import { dropOwn } from "./schema/drop-own.js";
import { createScript, requireCreated, type ShardSchema } from "./schema/schema.js";
import type { PlannedStream, RowSettings } from "./streams.js";

export interface CreateParts {
  topo: Topo;
  name: WorkflowName;
  targets: Target[];
  /** As it will be written first; tables to create are named in it before they are created. */
  record: WorkflowRecord;
  /** What a Create that was cut short left behind. */
  previous: WorkflowRecord | undefined;
  schema: ShardSchema[];
  /** Tables that get an entry in the target's VSchema now, and all definitions of entries (vschema.Table). */
  entries: string[];
  definitions: ReadonlyMap<string, Uint8Array>;
  streams: PlannedStream[];
  rows: RowSettings;
  start: boolean;
  options: CallOptions;
}

/** Of each call that takes something back: a tablet that hangs must not keep an interrupted process. */
const UNDO: CallOptions = { timeoutMs: 30_000 };

/** Create as steps: record, VSchema entries, tables, streams, start. All can be taken back. */
export function createPlan(parts: CreateParts): Plan {
  const own: OwnStreams = new Map();
  const steps: Plan = [recordStep(parts)];
  if (parts.entries.length > 0) steps.push(entriesStep(parts));
  for (const shard of parts.schema) if (shard.missing.length > 0) steps.push(tablesStep(shard, parts.options));
  for (const stream of parts.streams) steps.push(insertStep(parts, stream, own));
  steps.push(checkStep(parts, own));
  if (parts.start) steps.push(...parts.targets.map((target) => startStep(parts, target)));
  return steps;
}

function recordStep({ topo, name, record, previous }: CreateParts): Step {
  const path = recordPath(name);
  return {
    describe: `Write the workflow's record ${path}`,
    apply: () => writeRecord(topo, record),
    undo: {
      describe: `the workflow's record ${path}`,
      onlyAfterAll: true,
      run: () =>
        previous === undefined ? deleteRecord(topo, name.keyspace, name.workflow) : writeRecord(topo, previous),
    },
  };
}

/** The vtgates hear of them when SrvVSchema is rebuilt, which Complete does. */
function entriesStep({ topo, name, entries, definitions }: CreateParts): Step {
  const { keyspace, workflow } = name;
  return {
    describe: `Add entries to the VSchema of ${keyspace}: ${entries.join(", ")}`,
    details: [`keyspaces/${keyspace}/VSchema`, ...entries.map((table) => entryLine(table, definitions.get(table)))],
    apply: async () => {
      await updateRecord(topo, keyspace, workflow, (record) => {
        record.addedVSchemaTables = [...new Set([...record.addedVSchemaTables, ...entries])].sort();
      });
      await topo.addVSchemaTables(keyspace, entries, definitions);
    },
    undo: {
      describe: `the new entries in the VSchema of ${keyspace}`,
      // They were not there before; a write whose answer was lost may have got there.
      run: async () => {
        await topo.removeVSchemaTables(keyspace, entries);
      },
    },
  };
}

function tablesStep({ target, missing }: ShardSchema, options: CallOptions): Step {
  const names = missing.map((table) => table.name);
  const place = targetName(target);
  const { primary } = target;
  let made = false;
  return {
    describe: `Create tables on ${place}: ${names.join(", ")}`,
    details: missing.map(({ schema }) => schema),
    apply: async () => {
      await primary.applySchema(createScript(missing), options);
      made = true;
      await requireCreated(target, names, options);
    },
    undo: {
      describe: `tables created on ${place}: ${names.join(", ")}`,
      run: () => dropOwn(target, names, { made, ...UNDO }),
    },
  };
}

function insertStep({ name, rows, options }: CreateParts, stream: PlannedStream, own: OwnStreams): Step {
  const { target, sourceShard, source } = stream;
  const pair = `${source.externalCluster}.${source.keyspace}/${sourceShard} to ${targetName(target)}`;
  return {
    describe: `Insert a stopped stream from ${pair}`,
    details: [
      `cells ${rows.cells.join(",")}, tablet types ${formatTabletTypes(rows.tabletTypes, { beforeV12: false })}`,
      ...source.filter.rules.map(({ match, filter }) => `${match}: ${filter}`),
    ],
    apply: () => insertStream(stream, rows, own, options),
    undo: { describe: `the stream from ${pair}`, run: () => deleteOwn(name, target, own, UNDO) },
  };
}

function checkStep({ topo, name, targets, streams, options }: CreateParts, own: OwnStreams): Step {
  return {
    describe: `Read the streams back and count them: ${streams.length}`,
    apply: async () => {
      await checkInserted(name, targets, streams, own, options);
      await updateRecord(topo, name.keyspace, name.workflow, (record) => {
        record.step = "created";
      });
    },
  };
}

function startStep({ name, options }: CreateParts, target: Target): Step {
  const { primary } = target;
  const { dbName } = primary.record;
  const place = targetName(target);
  const query = controlQuery("start", dbName, name.workflow);
  return {
    describe: `Start the streams on ${place}`,
    details: [query],
    apply: async () => {
      await primary.vreplicationExec(query, options);
    },
    undo: {
      describe: `the start of the streams on ${place}`,
      run: async () => {
        await primary.vreplicationExec(controlQuery("stop", dbName, name.workflow), UNDO);
      },
    },
  };
}
