import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { formatTable } from "../../io/table.js";
import type { RowsAffected } from "../../workflow/control.js";
import { controlQuery } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readStreams, type WorkflowStreams } from "../../workflow/streams.js";
import { readTargets, targetName } from "../../workflow/targets.js";
import { requireStreams } from "../../workflow/unknown.js";

/** What start, stop and delete answer: rows by tablet, or the statement and the streams that it would meet. */
export type ControlAnswer = ControlledTablets | PlannedControl;

interface ControlledTablets {
  tablets: RowsAffected[];
}

export interface PlannedControl extends WorkflowName {
  query: string;
  streams: { place: string; id: number; source: string; state: string; dbName: string; position: string }[];
}

/** A workflow that has streams; NotFoundError with the workflows that there are. */
export async function readWorkflow(ctx: Context, name: WorkflowName): Promise<WorkflowStreams> {
  const options = { signal: ctx.signal };
  const targets = await readTargets(await ctx.topo(), ctx.tablets(), name.keyspace);
  const found = await readStreams(name.keyspace, name.workflow, targets, options);
  await requireStreams(found, options);
  return found;
}

/** The statement as vtctld plans it, with the first shard's database (go/vt/wrangler/vexec.go). */
export function planControl(action: "start" | "stop" | "delete", workflow: WorkflowStreams): PlannedControl {
  const dbName = workflow.targets[0]?.primary.record.dbName ?? "";
  return {
    keyspace: workflow.keyspace,
    workflow: workflow.workflow,
    query: controlQuery(action, dbName, workflow.workflow),
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
