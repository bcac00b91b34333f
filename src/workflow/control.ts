import { forEachAtOnce } from "../concurrency.js";
import { ConflictError, NotFoundError } from "../errors.js";
import type { Step } from "../plan.js";
import { type CallOptions, NoSuchCallError } from "../tablet/port.js";
import { records } from "../wire/result.js";
import { sqlString } from "../wire/sql.js";
import { WORKFLOW_SUB_TYPES } from "./state.js";
import { type Stream, type WorkflowStreams, workflowWhere } from "./streams.js";
import { type Target, targetName } from "./targets.js";

const ATOMIC_COPY = WORKFLOW_SUB_TYPES.indexOf("AtomicCopy");

export type ControlAction = "start" | "stop" | "delete";

/** What one target primary answered. */
export interface RowsAffected {
  tablet: string;
  rowsAffected: number;
}

/** The statement of an action, as vtctlclient plans it (go/vt/wrangler/vexec_plan.go). */
export function controlQuery(action: ControlAction, dbName: string, workflow: string): string {
  const where = workflowWhere(dbName, workflow);
  if (action === "delete") return `delete from _vt.vreplication where ${where}`;
  const state = action === "start" ? "Running" : "Stopped";
  return `update _vt.vreplication set state = '${state}' where ${where}`;
}

const TITLES: Record<ControlAction, string> = {
  start: "Start the streams",
  stop: "Stop the streams",
  delete: "Delete the streams, and before them the tablets' VDiffs of the workflow",
};

/**
 * Starts, stops or deletes every stream of a workflow, on all target primaries; `answered` hears what they say. Deleting
 * leaves tables and VSchema alone. NotFoundError without streams; ConflictError for an atomic copy that can't be resumed.
 */
export function controlStep(
  action: ControlAction,
  workflow: WorkflowStreams,
  options: CallOptions,
  answered: (rows: RowsAffected[]) => void,
): Step {
  checkControllable(action, workflow);
  const query = (dbName: string) => controlQuery(action, dbName, workflow.workflow);
  return {
    describe: TITLES[action],
    details: workflow.targets.map((target) => `${targetName(target)}: ${query(target.primary.record.dbName)}`),
    apply: async () => {
      if (action === "delete") await deleteVdiffs(workflow.targets, workflow, options);
      answered(await runOnTargets(query, workflow, options));
    },
  };
}

/** Runs a statement on every target primary. */
export function runOnTargets(
  query: (dbName: string) => string,
  { targets }: WorkflowStreams,
  options: CallOptions,
): Promise<RowsAffected[]> {
  return Promise.all(
    targets.map(async ({ primary }) => {
      const { rowsAffected } = await primary.vreplicationExec(query(primary.record.dbName), options);
      return { tablet: primary.record.alias, rowsAffected };
    }),
  );
}

function checkControllable(action: ControlAction, workflow: WorkflowStreams): void {
  const { keyspace, streams } = workflow;
  if (streams.length === 0) {
    throw new NotFoundError(`no streams found for workflow ${workflow.workflow} in keyspace ${keyspace}`);
  }
  if (action === "start" && streams.some(isInAtomicCopy)) {
    throw new ConflictError("cannot restart an atomic copy workflow which previously stopped in the Copying phase", {
      hint: "Cancel it and create it again.",
    });
  }
}

/** ConflictError for an atomic copy that is not done: a change of its row would end it, as a stream then starts anew. */
export function checkInterruptible({ keyspace, workflow, streams }: WorkflowStreams): void {
  if (!streams.some(isInAtomicCopy)) return;
  throw new ConflictError(
    `the atomic copy of ${keyspace}.${workflow} is not done: a change of its streams would end it`,
    {
      hint: "Wait for the copy: a change makes a stream start anew.",
    },
  );
}

function isInAtomicCopy({ workflowSubType, copyState }: Stream): boolean {
  return workflowSubType === ATOMIC_COPY && copyState.length > 0;
}

/** Stops the given streams, where they are not stopped yet; their message stays. */
export async function stopStreams(streams: Stream[], options: CallOptions = {}): Promise<void> {
  await setState(
    streams.filter((stream) => stream.state !== "Stopped"),
    "Stopped",
    options,
  );
}

/** What `stopStreams` sends, "0/zone1-0000000100: update ...", a line for each target. */
export function stopStatements(streams: Stream[]): string[] {
  const running = streams.filter((stream) => stream.state !== "Stopped");
  return [...byTarget(running)].map(([target, here]) => `${targetName(target)}: ${stateQuery(here, "Stopped")}`);
}

/** Sets the streams running that were so when they were read; used to put things back. */
export async function resumeStreams(streams: Stream[], options: CallOptions = {}): Promise<void> {
  await setState(
    streams.filter((stream) => stream.state !== "Stopped"),
    "Running",
    options,
  );
}

async function setState(streams: Stream[], state: string, options: CallOptions): Promise<void> {
  const outcomes = await forEachAtOnce(byTarget(streams), async ([{ primary }, here]) => {
    try {
      await primary.vreplicationExec(stateQuery(here, state), options);
      return undefined;
    } catch (error) {
      return { error };
    }
  });
  // All have answered: what puts them back must not be overtaken by one that is still under way.
  const failed = outcomes.find((outcome) => outcome !== undefined);
  if (failed !== undefined) throw failed.error;
}

function byTarget(streams: Stream[]): Map<Target, Stream[]> {
  const targets = new Map<Target, Stream[]>();
  for (const stream of streams) targets.set(stream.target, [...(targets.get(stream.target) ?? []), stream]);
  return targets;
}

function stateQuery(streams: Stream[], state: string): string {
  return `update _vt.vreplication set state = '${state}' where id in (${streams.map(({ id }) => id).join(", ")})`;
}

/** Deletes a workflow's rows on some targets, and before them the tablets' VDiffs of it. */
export async function deleteStreams(
  targets: readonly Target[],
  { keyspace, workflow }: { keyspace: string; workflow: string },
  options: CallOptions = {},
): Promise<void> {
  await deleteVdiffs(targets, { keyspace, workflow }, options);
  await forEachAtOnce(targets, ({ primary }) =>
    primary.vreplicationExec(controlQuery("delete", primary.record.dbName, workflow), options),
  );
}

/**
 * Stops and deletes the tablets' own VDiffs of a workflow. One that is begun, or tried again after an error, when the
 * streams are gone ends the whole tablet, and once more at each of its restarts (measured on v18.0.8): so where it fails,
 * no stream may be deleted.
 */
async function deleteVdiffs(
  targets: readonly Target[],
  { keyspace, workflow }: { keyspace: string; workflow: string },
  options: CallOptions,
): Promise<void> {
  await forEachAtOnce(targets, async ({ primary }) => {
    try {
      await primary.vdiff({ keyspace, workflow, action: "delete", actionArg: "all" }, options);
    } catch (error) {
      // v11 has no VDiff, v14 can't delete one.
      if (!(error instanceof NoSuchCallError)) throw error;
    }
  });
}

/** Names of all workflows with a stream in the keyspace, sorted (go/vt/wrangler/vexec.go, ListAllWorkflows). */
export async function listWorkflows(targets: Target[], options: CallOptions = {}): Promise<string[]> {
  const names = await Promise.all(
    targets.map(async ({ primary }) => {
      const where = `db_name = ${sqlString(primary.record.dbName)}`;
      const query = `select distinct workflow from _vt.vreplication where ${where}`;
      return records(await primary.vreplicationExec(query, options)).map((row) => row.workflow ?? "");
    }),
  );
  return [...new Set(names.flat())].sort();
}
