import type { Plan, Step } from "../../plan.js";
import type { SchemaDefinition } from "../../tablet/port.js";
import { stopStatements, stopStreams } from "../../workflow/control.js";
import { recordPath, updateRecord, type WorkflowRecord } from "../../workflow/record.js";
import type { Stream } from "../../workflow/streams.js";
import { targetName } from "../../workflow/targets.js";
import { dropScript } from "../create/schema/schema.js";
import type { OwnTables } from "./own-tables.js";
import { countRows, type RowCount, rowsText } from "./row-counts.js";
import { allowTablesStep, deleteRecordStep, deleteStreamsStep, type EndParts, rebuildStep } from "./workflow-end.js";

export interface CancelParts extends EndParts {
  streams: Stream[];
  record: WorkflowRecord | undefined;
  drops: ShardDrop[];
  /** Entries of the VSchema that the workflow added. */
  entries: string[];
  /** Told of each table as it is dropped. */
  dropped(table: DroppedTable): void;
  /** Looks at what the kept tables lack, once the streams stand still; absent when they lack nothing. */
  inspectKept?: (() => Promise<void>) | undefined;
}

export interface ShardDrop extends OwnTables {
  /** The target's schema. */
  there: SchemaDefinition;
  /** For a dry run: of the tables that exist. */
  counts?: Map<string, RowCount>;
}

export interface DroppedTable {
  shard: string;
  tablet: string;
  table: string;
  rows: number;
  /** False: `rows` is an estimate. */
  exact: boolean;
}

/** For counting the rows of everything that is dropped: a number to read is not worth a longer wait. */
const COUNT_MS = 15_000;

/** When counting must be over, in milliseconds since 1970; the time begins with the first question. */
export function countDeadline(): () => number {
  let until: number | undefined;
  return () => {
    until ??= Date.now() + COUNT_MS;
    return until;
  };
}

/**
 * Cancel as steps. Each can be repeated, and what a second run needs to know (record, streams) goes last, so that
 * it goes on wherever the first was cut short.
 */
export function cancelPlan(parts: CancelParts): Plan {
  const { record, targets, streams, inspectKept } = parts;
  const drops = parts.drops.filter((drop) => drop.tables.length > 0);
  const deadline = countDeadline();
  return [
    ...(record === undefined ? [] : [intentStep(parts)]),
    ...(streams.length > 0 ? [stopStep(parts)] : []),
    ...(inspectKept === undefined ? [] : [{ describe: "Look for keys that the kept tables lack", apply: inspectKept }]),
    ...drops.map((drop) => dropStep(parts, drop, deadline)),
    ...(parts.entries.length > 0 ? [entriesStep(parts), rebuildStep(parts)] : []),
    allowTablesStep(parts, ...targets),
    deleteStreamsStep(parts, ...targets),
    ...(record === undefined ? [] : [deleteRecordStep(parts)]),
  ];
}

function intentStep({ topo, name }: EndParts): Step {
  return {
    describe: "Note in the workflow's record that it is being cancelled",
    details: [recordPath(name)],
    apply: async () => {
      await updateRecord(topo, name.keyspace, name.workflow, (record) => {
        record.step = "cancelling";
      });
    },
  };
}

/** Nothing is put back after this: streams must not run into tables that are dropped. */
function stopStep({ streams, options }: CancelParts): Step {
  return {
    describe: "Stop the streams",
    details: stopStatements(streams),
    pointOfNoReturn: true,
    apply: () => stopStreams(streams, options),
  };
}

function dropStep({ options, dropped }: CancelParts, drop: ShardDrop, deadline: () => number): Step {
  const { target, tables, there, counts } = drop;
  const { primary, shard } = target;
  const named = tables.map((table) => (counts === undefined ? table : `${table} (${counted(counts.get(table))})`));
  return {
    describe: `Drop tables on ${targetName(target)}: ${named.join(", ")}`,
    details: [dropScript(primary.record.dbName, tables)],
    apply: async () => {
      const before = await countRows(primary, tables, there, { ...options, deadline: deadline() });
      await primary.applySchema(dropScript(primary.record.dbName, tables), options);
      for (const [table, count] of before) {
        dropped({ shard: shard.name, tablet: primary.record.alias, table, ...count });
      }
    },
  };
}

function counted(count: RowCount | undefined): string {
  return count === undefined ? "not there" : rowsText(count);
}

function entriesStep({ topo, name, entries }: CancelParts): Step {
  return {
    describe: `Remove the tables from the VSchema of ${name.keyspace}: ${entries.join(", ")}`,
    details: [`keyspaces/${name.keyspace}/VSchema`],
    apply: async () => {
      await topo.removeVSchemaTables(name.keyspace, entries);
    },
  };
}
