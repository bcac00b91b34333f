import type { Context } from "../../context.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type ControlAnswer, planControl, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> stop. */
export async function stop(ctx: Context, name: WorkflowName, dryRun: boolean): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, name);
  checkControllable("stop", workflow);
  if (dryRun) return planControl("stop", workflow);
  return { tablets: await controlWorkflow("stop", workflow, { signal: ctx.signal }) };
}
