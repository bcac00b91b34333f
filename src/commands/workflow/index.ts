import { defineCommand, flag } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { closest } from "../../suggest.js";
import { parseWorkflowName } from "../../workflow/name.js";
import type { ShowDocument } from "../../workflow/show.js";
import { type ControlAnswer, viewControl } from "./control.js";
import { deleteWorkflow } from "./delete.js";
import { listAll, viewListAll, type WorkflowList } from "./list-all.js";
import { show, viewShow } from "./show.js";
import { start } from "./start.js";
import { stop } from "./stop.js";

export type WorkflowAnswer =
  | { action: "show"; document: ShowDocument }
  | ({ action: "listall" } & WorkflowList)
  | ({ action: "start" | "stop" | "delete" } & ControlAnswer);

const USAGE = "[-dry-run] <keyspace>[.<workflow>] <show|listall|start|stop|delete>";

/** Workflow, with vtctlclient's order of arguments: the target first (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandWorkflow). */
export const workflow = defineCommand({
  name: "Workflow",
  summary: "Show, list, start, stop or delete the workflows of a keyspace.",
  usage: USAGE,
  examples: ["Workflow commerce.wf Show", "Workflow commerce listall", "Workflow commerce.wf stop"],
  args: { min: 2, max: 2, complaint: `usage: Workflow ${USAGE}` },
  options: { dryRun: flag("show the statement and the streams, and run nothing", false, { spelling: "dry-run" }) },
  async run({ args, options }, ctx: Context): Promise<WorkflowAnswer> {
    const [target = "", typed = ""] = args;
    const action = typed.toLowerCase();
    if (action === "listall") return { action, ...(await listAll(ctx, keyspaceOf(target))) };
    const name = parseWorkflowName(target);
    switch (action) {
      case "show":
        return { action, document: await show(ctx, name) };
      case "start":
        return { action, ...(await start(ctx, name, options.dryRun)) };
      case "stop":
        return { action, ...(await stop(ctx, name, options.dryRun)) };
      case "delete":
        return { action, ...(await deleteWorkflow(ctx, name, options.dryRun)) };
      default:
        throw new UsageError(`invalid action found: ${action}`, { hint: otherAction(action) });
    }
  },
  view(answer: WorkflowAnswer, io: Io): void {
    if (answer.action === "show") viewShow(answer.document, io);
    else if (answer.action === "listall") viewListAll(answer, io);
    else viewControl(answer, io);
  },
});

/** A workflow's name behind the keyspace's is let pass. */
function keyspaceOf(target: string): string {
  const [keyspace = ""] = target.split(".", 1);
  if (keyspace === "") throw new UsageError(`invalid format for <keyspace.workflow>: ${target}`);
  return keyspace;
}

const ACTIONS = ["show", "listall", "start", "stop", "delete"];

function otherAction(typed: string): string {
  const near = closest(typed, ACTIONS);
  return near === undefined ? `One of ${ACTIONS.join(", ")}.` : `Did you mean ${near}?`;
}
