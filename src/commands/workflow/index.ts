import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { closest } from "../../suggest.js";
import { parseWorkflowName } from "../../workflow/name.js";
import type { ShowDocument } from "../../workflow/show.js";
import { type ControlAnswer, type ControlledTablets, viewControl } from "./control.js";
import { deleteWorkflow } from "./delete.js";
import { type Diagnosis, doctor, viewDiagnosis } from "./doctor.js";
import { listAll, viewListAll, type WorkflowList } from "./list-all.js";
import { noteIneffective, workflowOptions } from "./options.js";
import { show, viewShow } from "./show.js";
import { start } from "./start.js";
import { stop } from "./stop.js";
import { tag } from "./tags.js";
import { type PlannedUpdate, readUpdate, update, viewPlannedUpdate } from "./update.js";

export type WorkflowAnswer =
  | { action: "show"; document: ShowDocument }
  | ({ action: "listall" } & WorkflowList)
  | ({ action: "doctor" } & Diagnosis)
  | ({ action: "start" | "stop" | "delete" | "tags" } & ControlAnswer)
  | ({ action: "update" } & (ControlledTablets | PlannedUpdate));

const ACTIONS = ["show", "listall", "start", "stop", "update", "delete", "tags", "doctor"];

const USAGE =
  "[-shards <shards>] [-dry-run] [-cells <cells>] [-tablet-types <types>] [-on-ddl <action>] <keyspace>[.<workflow>] <show|listall|start|stop|update|delete|tags [<tags>]|doctor>";

/** Workflow, with vtctlclient's order of arguments: the target first (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandWorkflow). */
export const workflow = defineCommand({
  name: "Workflow",
  summary: "Show, list, start, stop, update, tag, delete or examine the workflows of a keyspace.",
  usage: USAGE,
  examples: [
    "Workflow commerce.wf Show",
    "Workflow commerce listall",
    "Workflow -shards -80 commerce.wf stop",
    "Workflow -cells zx -tablet-types in_order:replica,primary commerce.wf update",
    "Workflow commerce.wf tags nightly,orders",
    "Workflow commerce Doctor",
  ],
  // How many each action takes is its own to say.
  args: { min: 2, max: Number.POSITIVE_INFINITY, complaint: `usage: Workflow ${USAGE}` },
  options: workflowOptions,
  async run({ args, options, given }, ctx: Context): Promise<WorkflowAnswer> {
    const [target = "", typed = "", tags] = args;
    const action = typed.toLowerCase();
    checkArguments(action, args);
    noteIneffective(action, given, ctx.io);
    if (action === "listall") return { action, ...(await listAll(ctx, keyspaceOf(target))) };
    if (action === "doctor") return { action, ...(await examine(ctx, target)) };
    const request = { ...parseWorkflowName(target), shards: options.shards, dryRun: options.dryRun };
    switch (action) {
      case "show":
        return { action, document: await show(ctx, request) };
      case "start":
        return { action, ...(await start(ctx, request)) };
      case "stop":
        return { action, ...(await stop(ctx, request)) };
      case "update":
        return { action, ...(await update(ctx, request, readUpdate(options, given))) };
      case "delete":
        return { action, ...(await deleteWorkflow(ctx, request)) };
      case "tags":
        return { action, ...(await tag(ctx, request, tags ?? "")) };
      default:
        throw new UsageError(`invalid action found: ${action}`, { hint: otherAction(action) });
    }
  },
  view(answer: WorkflowAnswer, io: Io): void {
    if (answer.action === "show") viewShow(answer.document, io);
    else if (answer.action === "listall") viewListAll(answer, io);
    else if (answer.action === "doctor") viewDiagnosis(answer, io);
    else if ("update" in answer) viewPlannedUpdate(answer, io);
    else viewControl(answer, io);
  },
  exitCode: (answer) => (answer.action === "doctor" && answer.findings.length > 0 ? 3 : 0),
});

/** Of a keyspace, or of one workflow. */
function examine(ctx: Context, target: string): Promise<Diagnosis> {
  if (!target.includes(".")) return doctor(ctx, keyspaceOf(target), undefined);
  const { keyspace, workflow: name } = parseWorkflowName(target);
  return doctor(ctx, keyspace, name);
}

/** Only tags takes a third word, which may be empty. */
function checkArguments(action: string, args: readonly string[]): void {
  if (action === "tags" && args.length !== 3) {
    throw new UsageError("tags incorrectly specified, usage: Workflow keyspace.workflow tags <tags>", {
      hint: "One word with commas: nightly,orders. An empty one clears them.",
    });
  }
  if (action !== "tags" && args.length !== 2) throw new UsageError(`usage: Workflow ${USAGE}`);
}

/** A workflow's name behind the keyspace's is let pass. */
function keyspaceOf(target: string): string {
  const [keyspace = ""] = target.split(".", 1);
  if (keyspace === "") throw new UsageError(`invalid format for <keyspace.workflow>: ${target}`);
  return keyspace;
}

function otherAction(typed: string): string {
  const near = closest(typed, ACTIONS);
  return near === undefined ? `One of ${ACTIONS.join(", ")}.` : `Did you mean ${near}?`;
}
