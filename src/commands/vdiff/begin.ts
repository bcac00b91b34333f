import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, tabIndented } from "../../io/json.js";
import { createVdiff } from "../../vdiff/tablet-engine/create.js";
import { howToGoOn } from "../../vdiff/tablet-engine/detach.js";
import { resumeVdiff } from "../../vdiff/tablet-engine/resume.js";
import type { Summary } from "../../vdiff/tablet-engine/summary.js";
import { summaryDocument } from "../../vdiff/tablet-engine/view/document.js";
import { waitForVdiff } from "../../vdiff/tablet-engine/wait.js";
import type { EngineWorkflow } from "../../vdiff/tablet-engine/workflow.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readEngineOptions, type VdiffOptions } from "./engine-options.js";
import { summaryExitCode, viewSummary } from "./summary.js";

export interface BegunAnswer extends WorkflowName {
  action: "create" | "resume";
  uuid: string;
  /** False when it was created to be resumed later. */
  started: boolean;
  /** With -wait: how it ended. */
  summary: Summary | undefined;
  format: string;
  verbose: boolean;
  toJSON(): object;
}

/** VDiff <ks>.<wf> create [<UUID>] */
export async function create(
  ctx: Context,
  name: WorkflowName,
  uuid: string,
  options: VdiffOptions,
  given: ReadonlySet<string>,
): Promise<BegunAnswer> {
  const engine = readEngineOptions(options, given);
  const { workflow, autoRetry } = await createVdiff(ctx, { ...name, uuid, options: engine, force: options.force });
  if (!engine.autoStart) return { ...begun("create", name, uuid, options, undefined), started: false };
  const summary = await awaited(ctx, workflow, uuid, autoRetry, options, given);
  return begun("create", name, uuid, options, summary);
}

/** VDiff <ks>.<wf> resume <UUID> */
export async function resume(
  ctx: Context,
  name: WorkflowName,
  uuid: string,
  options: VdiffOptions,
  given: ReadonlySet<string>,
): Promise<BegunAnswer> {
  const { targetShards, force } = options;
  const { workflow, autoRetry } = await resumeVdiff(ctx, { ...name, uuid, targetShards, force });
  const summary = await awaited(ctx, workflow, uuid, autoRetry, options, given);
  return begun("resume", name, uuid, options, summary);
}

/** With -wait, until nothing more happens. */
async function awaited(
  ctx: Context,
  { keyspace, workflow, targets }: EngineWorkflow,
  uuid: string,
  autoRetry: boolean,
  options: VdiffOptions,
  given: ReadonlySet<string>,
): Promise<Summary | undefined> {
  if (!options.wait && !given.has("waitTimeout")) return undefined;
  ctx.io.note(`VDiff ${uuid} has begun. Interrupting this command leaves it at work.`);
  const { waitTimeout: timeoutMs, waitUpdateInterval: updateMs } = options;
  return waitForVdiff(ctx, { keyspace, workflow, uuid, targets, autoRetry, timeoutMs, updateMs });
}

function begun(
  action: "create" | "resume",
  { keyspace, workflow }: WorkflowName,
  uuid: string,
  { format, verbose }: VdiffOptions,
  summary: Summary | undefined,
): BegunAnswer {
  const toJSON = () =>
    summary === undefined ? { action, keyspace, workflow, uuid } : { action, ...summaryDocument(summary) };
  return { action, keyspace, workflow, uuid, started: true, summary, format: format.toLowerCase(), verbose, toJSON };
}

const SCHEDULED = { create: "scheduled", resume: "scheduled to resume" };

export function viewBegun(answer: BegunAnswer, io: Io): void {
  const { action, uuid, summary, verbose } = answer;
  const json = answer.format === "json";
  if (summary !== undefined) {
    viewSummary(summary, { json, verbose }, io);
    return;
  }
  if (json) io.print(goJson({ UUID: uuid }, tabIndented));
  else io.print(`VDiff ${uuid} ${SCHEDULED[action]} on target shards, use show to view progress`);
  const words = `vtmigrate VDiff ${formatWorkflowName(answer)}`;
  io.note(answer.started ? howToGoOn(answer) : `"${words} resume ${uuid}" begins it.`);
}

export function begunExitCode({ summary }: BegunAnswer): number {
  return summary === undefined ? 0 : summaryExitCode(summary);
}
