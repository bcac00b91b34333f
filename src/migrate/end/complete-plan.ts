import type { Plan, Step } from "../../plan.js";
import { resumeStreams, stopStreams } from "../../workflow/control.js";
import { deleteRecord, updateRecord, type WorkflowRecord, writeRecord } from "../../workflow/record.js";
import type { Stream } from "../../workflow/streams.js";
import { inspectVSchema } from "../vschema.js";
import { allowTablesStep, deleteRecordStep, deleteStreamsStep, type EndParts, rebuildStep } from "./workflow-end.js";

export interface CompleteParts extends EndParts {
  streams: Stream[];
  /** None for a workflow that vtctlclient made. */
  record: WorkflowRecord | undefined;
  /** The VSchema has the tables already: an earlier Complete was cut short behind that. */
  announced: boolean;
}

/** Complete as steps. Each can be repeated, so that a second run after a failure goes on. */
export function completePlan(parts: CompleteParts): Plan {
  const before = parts.announced ? [] : [intentStep(parts), stopStep(parts), announceStep(parts)];
  return [
    ...before,
    ...parts.targets.map((target) => allowTablesStep(parts, target)),
    rebuildStep(parts),
    ...parts.targets.map((target) => deleteStreamsStep(parts, target)),
    deleteRecordStep(parts),
  ];
}

function intentStep({ topo, name, record, tables, streams }: CompleteParts): Step {
  const [first] = streams;
  const source = { mount: first?.source.externalCluster ?? "", keyspace: first?.source.keyspace ?? "" };
  const fresh: WorkflowRecord = {
    format: 1,
    ...name,
    source,
    tables,
    createdTables: {},
    addedVSchemaTables: [],
    step: "completing",
  };
  return {
    describe: "Note in the workflow's record that it is being completed",
    apply: () => writeRecord(topo, { ...(record ?? fresh), tables, step: "completing" }),
    undo: {
      describe: "that note",
      run: () =>
        record === undefined
          ? deleteRecord(topo, name.keyspace, name.workflow)
          : writeRecord(topo, { ...record, step: "created" }),
    },
  };
}

function stopStep({ streams, options }: CompleteParts): Step {
  return {
    describe: "Stop the streams",
    apply: () => stopStreams(streams, options),
    undo: { describe: "the streams' stop", run: () => resumeStreams(streams) },
  };
}

/** The point of no return: from here on the application may find the tables. */
function announceStep({ topo, name, tables }: CompleteParts): Step {
  const { keyspace, workflow } = name;
  let missing: string[] = [];
  return {
    describe: `Add the tables to the VSchema of ${keyspace}: ${tables.join(", ")}`,
    pointOfNoReturn: true,
    apply: async () => {
      ({ missing } = await inspectVSchema(topo, keyspace, tables));
      await updateRecord(topo, keyspace, workflow, (record) => {
        record.step = "announcing";
        record.addedVSchemaTables = [...new Set([...record.addedVSchemaTables, ...missing])].sort();
      });
      await topo.addVSchemaTables(keyspace, tables);
      // Whatever becomes of the entries later, the application may be using the tables.
      await updateRecord(topo, keyspace, workflow, (record) => {
        record.step = "announced";
      });
    },
    undo: {
      describe: "the new entries in the VSchema",
      // A write whose answer was lost may have got there.
      run: async () => {
        if (missing.length > 0) await topo.removeVSchemaTables(keyspace, missing);
      },
    },
  };
}
