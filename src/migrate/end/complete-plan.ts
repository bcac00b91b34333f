import type { Plan, Step } from "../../plan.js";
import { resumeStreams, stopStatements, stopStreams } from "../../workflow/control.js";
import { type CutPosition, deleteRecord, recordPath, type WorkflowRecord, writeRecord } from "../../workflow/record.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { announceStep } from "./announce.js";
import { cutOf, mergeCuts } from "./cut.js";
import { verifyStep } from "./verify.js";
import { allowTablesStep, deleteRecordStep, deleteStreamsStep, type EndParts, rebuildStep } from "./workflow-end.js";

export interface CompleteParts extends EndParts {
  streams: Stream[];
  /** None for a workflow that vtctlclient made. */
  record: WorkflowRecord | undefined;
  /** The VSchema has the tables already: an earlier Complete was cut short behind that. */
  announced: boolean;
  /** Tables without an entry in the VSchema. */
  missing: string[];
  /** Told where the streams have ended. */
  onCut(cut: CutPosition[]): void;
  /** Told that the way back is closed. */
  onAnnounced(): void;
  /** Looks whether the source has gone on since; absent when it is known not to answer. */
  compare?: ((cut: CutPosition[]) => Promise<void>) | undefined;
  warn(line: string): void;
}

/** Complete as steps. Each can be repeated, so that a second run after a failure goes on. */
export function completePlan(parts: CompleteParts): Plan {
  const { targets, announced, compare, onCut } = parts;
  let cut: CutPosition[] = [];
  const stop = stopStep(parts, (stopped) => {
    cut = announced ? mergeCuts(parts.record?.cut ?? [], stopped) : stopped;
    onCut(cut);
  });
  return [
    ...(announced ? [stop] : [intentStep(parts), stop, announceStep({ ...parts, cut: () => cut })]),
    allowTablesStep(parts, ...targets),
    rebuildStep(parts),
    verifyStep(parts),
    // As late as can be, while the streams are still there to tell of.
    ...(compare === undefined ? [] : [compareStep(() => compare(cut))]),
    deleteStreamsStep(parts, ...targets),
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
    details: [recordPath(name)],
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

/** Reads the streams again once they stand still: a stopped stream's position is final. */
function stopStep(
  { name, targets, streams, announced, options }: CompleteParts,
  stopped: (cut: CutPosition[]) => void,
) {
  const step: Step = {
    describe: "Stop the streams and read their positions",
    details: stopStatements(streams),
    apply: async () => {
      await stopStreams(streams, options);
      const { streams: ended } = await readStreams(name.keyspace, name.workflow, targets, options);
      stopped(cutOf(ended, streams));
    },
  };
  if (announced) return step;
  return { ...step, undo: { describe: "the streams' stop", run: () => resumeStreams(streams) } };
}

function compareStep(apply: () => Promise<void>): Step {
  return { describe: "Compare the source's positions with those at which the streams ended", apply };
}
