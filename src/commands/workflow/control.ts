import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { formatTable } from "../../io/table.js";
import { describePlan, type Plan, type PlannedStep, runPlan } from "../../plan.js";
import { type ControlAction, controlQuery, type RowsAffected } from "../../workflow/control.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readStreams, type WorkflowStreams } from "../../workflow/streams.js";
import { readTargets, targetName } from "../../workflow/targets.js";
import { requireStreams } from "../../workflow/unknown.js";
import { noteSteps } from "../steps.js";

/** What start, stop, delete and tags are about. */
export interface ControlRequest extends WorkflowName {
  /** All when empty. */
  shards: readonly string[];
  dryRun: boolean;
}

/** What they answer: rows by tablet, or the statement and the streams that it would meet. */
export type ControlAnswer = ControlledTablets | PlannedControl;

export interface ControlledTablets {
  tablets: RowsAffected[];
}

export interface PlannedControl extends WorkflowName {
  query: string;
  /** What a real run does, in this order. */
  steps?: PlannedStep[];
  streams: { place: string; id: number; source: string; state: string; dbName: string; position: string }[];
}

/** A workflow that has streams, on all shards or on some; NotFoundError with the workflows or the shards that there are. */
export async function readWorkflow(
  ctx: Context,
  { keyspace, workflow, shards }: Omit<ControlRequest, "dryRun">,
): Promise<WorkflowStreams> {
  const options = { signal: ctx.signal };
  const targets = await readTargets(await ctx.topo(), ctx.tablets(), keyspace, shards);
  const found = await readStreams(keyspace, workflow, targets, options);
  await requireStreams(found, options);
  return found;
}

/** start, stop or delete: the plan that `planFor` makes is shown, or executed. What the tablets say is told to it. */
export async function carryOut(
  ctx: Context,
  action: ControlAction,
  { workflow, dryRun }: { workflow: WorkflowStreams; dryRun: boolean },
  planFor: (answered: (tablets: RowsAffected[]) => void) => Promise<Plan>,
): Promise<ControlAnswer> {
  let tablets: RowsAffected[] = [];
  const plan = await planFor((answers) => {
    tablets = answers;
  });
  if (!dryRun) {
    try {
      await runPlan(ctx, plan);
    } catch (error) {
      if (action === "delete" && tablets.length > 0) {
        const name = formatWorkflowName(workflow);
        ctx.io.note(`The streams are deleted. "vtmigrate Migrate -keep_data Cancel ${name}" takes the record, too.`);
      }
      throw error;
    }
    return { tablets };
  }
  const steps = describePlan(plan);
  noteSteps(ctx.io, steps);
  return { ...planControl((dbName) => controlQuery(action, dbName, workflow.workflow), workflow), steps };
}

/** The statement as vtctld plans it, with the first shard's database (go/vt/wrangler/vexec.go). */
export function planControl(query: (dbName: string) => string, workflow: WorkflowStreams): PlannedControl {
  return {
    keyspace: workflow.keyspace,
    workflow: workflow.workflow,
    query: query(workflow.targets[0]?.primary.record.dbName ?? ""),
    streams: workflow.streams.map((stream) => ({
      place: targetName(stream.target),
      id: stream.id,
      source: stream.sourceText,
      state: stream.state,
      dbName: stream.dbName,
      position: stream.position?.gtidSet ?? "",
    })),
  };
}

export function viewControl(answer: ControlAnswer, io: Io): void {
  if ("tablets" in answer) {
    const rows = answer.tablets.map(({ tablet, rowsAffected }) => [tablet, String(rowsAffected)]);
    io.write(formatTable(["Tablet", "RowsAffected"], rows));
    return;
  }
  const { query, keyspace, workflow } = answer;
  io.print(`Query: ${query}`);
  io.print(`will be run on the following streams in keyspace ${keyspace} for workflow ${workflow}:`);
  io.print("");
  const headers = ["Tablet", "ID", "BinLogSource", "State", "DBName", "Current GTID"];
  const rows = answer.streams.map((stream) => [
    stream.place,
    String(stream.id),
    stream.source,
    stream.state,
    stream.dbName,
    stream.position,
  ]);
  io.write(formatTable(headers, rows, { upperCaseHeaders: true, rowLines: true }));
  io.print("");
  io.print("");
  io.print("no result returned");
}
