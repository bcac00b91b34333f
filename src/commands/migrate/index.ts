import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { closest } from "../../suggest.js";
import { parseWorkflowName } from "../../workflow/name.js";
import { type CancelAnswer, cancel, viewCancel } from "./cancel.js";
import { type CompleteAnswer, complete, viewComplete } from "./complete.js";
import { type CreateAnswer, create, parseOnDdl, viewCreate } from "./create.js";
import { migrateOptions, noteIneffective, refusePreflight, refuseUnfit } from "./options.js";
import { type PreflightAnswer, preflight, preflightExitCode, viewPreflight } from "./preflight.js";

export type MigrateAnswer = CreateAnswer | PreflightAnswer | CompleteAnswer | CancelAnswer;

/** Migrate, with MoveTables' options and vtctlclient's words (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandMigrate). */
export const migrate = defineCommand({
  name: "Migrate",
  summary: "Copy tables from a mounted cluster into a keyspace of this one, and follow their changes.",
  usage: "[flags] <Create|Complete|Cancel> <target keyspace>.<workflow>",
  examples: [
    "Migrate -all -source ext1.commerce Create commerce.wf",
    "Migrate -preflight -all -source ext1.commerce Create commerce.wf",
    "Migrate -tables customer,corder -source ext1.commerce -wait Create commerce.wf",
    "Migrate -dry_run Complete commerce.wf",
    "Migrate Complete commerce.wf",
    "Migrate -keep_data Cancel commerce.wf",
  ],
  args: { min: 2, max: 2, complaint: "two arguments are needed: action, keyspace.workflow" },
  options: migrateOptions,
  async run(input, ctx: Context): Promise<MigrateAnswer> {
    const { args, options, given } = input;
    const [action = "", target = ""] = args;
    parseOnDdl(options.onDdl);
    const name = parseWorkflowName(target);
    refuseUnfit(options, given);
    switch (action.toLowerCase()) {
      case "create":
        noteIneffective("Create", given, ctx.io);
        if (options.preflight) return preflight(name, input, ctx);
        return create(name, input, ctx);
      case "complete":
        refusePreflight("Complete", options);
        noteIneffective("Complete", given, ctx.io);
        return complete(name, input, ctx);
      case "cancel":
        refusePreflight("Cancel", options);
        noteIneffective("Cancel", given, ctx.io);
        return cancel(name, input, ctx);
      default:
        throw new UsageError(`invalid action for Migrate: ${action.toLowerCase()}`, { hint: otherAction(action) });
    }
  },
  view(answer: MigrateAnswer, io: Io): void {
    if (answer.action === "create") viewCreate(answer, io);
    if (answer.action === "preflight") viewPreflight(answer, io);
    if (answer.action === "complete") viewComplete(answer, io);
    if (answer.action === "cancel") viewCancel(answer, io);
  },
  exitCode: (answer: MigrateAnswer) => (answer.action === "preflight" ? preflightExitCode(answer) : 0),
});

/** What MoveTables can do and Migrate can't, or a slip of the fingers. */
function otherAction(typed: string): string {
  const action = typed.toLowerCase();
  if (/^(switch|reverse)traffic$/.test(action)) {
    return "Migrate copies one way and switches nothing: point the application to this cluster, then Migrate Complete.";
  }
  if (/^(show|status|progress|getstate|start|stop|delete)$/.test(action)) {
    return "The Workflow command shows, starts, stops and deletes: Workflow commerce.wf Show";
  }
  const near = closest(action, ["Create", "Complete", "Cancel"]);
  return near === undefined ? "One of Create, Complete and Cancel." : `Did you mean ${near}?`;
}
