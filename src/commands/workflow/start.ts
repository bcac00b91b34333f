import type { Context } from "../../context.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type ControlAnswer, planControl, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> start. */
export async function start(ctx: Context, name: WorkflowName, dryRun: boolean): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, name);
  checkControllable("start", workflow);
  if (dryRun) return planControl("start", workflow);
  return { tablets: await controlWorkflow("start", workflow, { signal: ctx.signal }) };
}
