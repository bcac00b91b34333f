import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { findLast } from "../../vdiff/tablet-engine/show.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { parseWords } from "./arguments.js";
import { type BegunAnswer, begunExitCode, create, resume, viewBegun } from "./begin.js";
import { type CompareAnswer, compare, compareExitCode, compareOptions, requireFormat, viewCompare } from "./compare.js";
import { type EndedAnswer, remove, stop, viewEnded } from "./end.js";
import { engineOptions, ineffective } from "./engine-options.js";
import { type ShownAnswer, show, shownExitCode, viewShown } from "./show.js";

export type VdiffAnswer = CompareAnswer | BegunAnswer | ShownAnswer | EndedAnswer;

/**
 * VDiff: without an action a comparison made from here; with one, the tablets' own, in vtctlclient's words
 * (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandVDiff, and vdiff2.go).
 */
export const vdiff = defineCommand({
  name: "VDiff",
  summary: "Compare a workflow's tables on source and target: checksums first, and rows where they differ.",
  usage:
    "[-source_cell <cell>] [-target_cell <cell>] [-tablet_types in_order:RDONLY,REPLICA,PRIMARY] [-tables <list>] [-limit <rows>] [-format json] [-wait] <keyspace.workflow> [create|show|stop|resume|delete [<UUID>|last|all]]",
  examples: [
    "VDiff commerce.wf",
    "VDiff -tables customer,corder commerce.wf",
    "VDiff -wait -wait_timeout 1h commerce.wf",
    "VDiff -format json commerce.wf",
    "VDiff -wait commerce.wf create",
    "VDiff commerce.wf show last",
  ],
  // More than three words are said to be wrong by `parseWords`.
  args: { min: 1, max: Number.POSITIVE_INFINITY, complaint: "<keyspace.workflow> is required" },
  options: { ...compareOptions, ...engineOptions },
  async run({ args, options, given }, ctx: Context): Promise<VdiffAnswer> {
    const { name, action, which } = parseWords(args);
    requireFormat(options.format);
    const vain = ineffective(action, given);
    if (vain.length > 0)
      ctx.io.note(`No effect on VDiff${action === undefined ? "" : ` ${action}`}: ${vain.join(", ")}`);
    switch (action) {
      case undefined:
        return compare(name, options, given, ctx);
      case "create":
        return create(ctx, { name, uuid: which, options, given });
      case "show":
        return show(ctx, name, which, options);
      case "resume":
        return resume(ctx, { name, uuid: await theOne(ctx, name, which), options, given });
      case "stop":
        return stop(ctx, name, await theOne(ctx, name, which), options);
      case "delete":
        return remove(ctx, name, await theOne(ctx, name, which), options);
    }
  },
  view(answer: VdiffAnswer, io: Io): void {
    if (answer.action === "compare") viewCompare(answer, io);
    else if (answer.action === "show") viewShown(answer, io);
    else if (answer.action === "create" || answer.action === "resume") viewBegun(answer, io);
    else if (answer.action === "stop" || answer.action === "delete") viewEnded(answer, io);
  },
  exitCode(answer: VdiffAnswer): number {
    if (answer.action === "compare") return compareExitCode(answer);
    if (answer.action === "show") return shownExitCode(answer);
    return answer.action === "create" || answer.action === "resume" ? begunExitCode(answer) : 0;
  },
});

/** `last` as a UUID. */
async function theOne(ctx: Context, name: WorkflowName, which: string): Promise<string> {
  if (which !== "last") return which;
  const uuid = await findLast(ctx, name);
  if (uuid === undefined) throw new NotFoundError(`No previous vdiff found for ${formatWorkflowName(name)}`);
  return uuid;
}
