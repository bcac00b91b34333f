import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, tabIndented } from "../../io/json.js";
import { type BegunVdiff, createVdiff } from "../../vdiff/tablet-engine/create.js";
import { howToGoOn } from "../../vdiff/tablet-engine/detach.js";
import { resumeVdiff } from "../../vdiff/tablet-engine/resume.js";
import type { Summary } from "../../vdiff/tablet-engine/summary.js";
import { summaryDocument } from "../../vdiff/tablet-engine/view/document.js";
import { waitForVdiff } from "../../vdiff/tablet-engine/wait.js";
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

/** What both actions are told by their caller. */
interface Words {
  name: WorkflowName;
  uuid: string;
  options: VdiffOptions;
  given: ReadonlySet<string>;
}

/** VDiff <ks>.<wf> create [<UUID>] */
export async function create(ctx: Context, words: Words): Promise<BegunAnswer> {
  const { name, uuid, options, given } = words;
  const engine = readEngineOptions(options, given);
  const waits = wantsToWait(words);
  if (!engine.autoStart && waits) ctx.io.note("-wait has no effect: with -auto-start=false nothing has begun.");
  const vdiff = await createVdiff(ctx, { ...name, uuid, options: engine, force: options.force });
  if (!engine.autoStart) return { ...begun("create", words, undefined), started: false };
  return begun("create", words, waits ? await awaited(ctx, words, vdiff) : undefined);
}

/** VDiff <ks>.<wf> resume <UUID> */
export async function resume(ctx: Context, words: Words): Promise<BegunAnswer> {
  const { name, uuid, options } = words;
  const { targetShards, force } = options;
  const vdiff = await resumeVdiff(ctx, { ...name, uuid, targetShards, force });
  return begun("resume", words, wantsToWait(words) ? await awaited(ctx, words, vdiff) : undefined);
}

function wantsToWait({ options, given }: Words): boolean {
  return options.wait || given.has("waitTimeout");
}

/** Until nothing more happens. */
function awaited(ctx: Context, { name, uuid, options }: Words, vdiff: BegunVdiff): Promise<Summary> {
  ctx.io.note(`VDiff ${uuid} has begun. Interrupting this command leaves it at work.`);
  const { autoRetry, positionMs, workflow } = vdiff;
  const { waitTimeout: timeoutMs, waitUpdateInterval: updateMs } = options;
  return waitForVdiff(ctx, { ...name, uuid, targets: workflow.targets, autoRetry, positionMs, timeoutMs, updateMs });
}

function begun(action: "create" | "resume", { name, uuid, options }: Words, summary: Summary | undefined): BegunAnswer {
  const { format, verbose } = options;
  const toJSON = () => ({ action, ...(summary === undefined ? { ...name, uuid } : summaryDocument(summary)) });
  return { action, ...name, uuid, started: true, summary, format: format.toLowerCase(), verbose, toJSON };
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
