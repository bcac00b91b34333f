import type { Context } from "../../context.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import { type ControlAnswer, type ControlRequest, planAction, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> stop. */
export async function stop(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  checkControllable("stop", workflow);
  if (request.dryRun) return planAction("stop", workflow);
  return { tablets: await controlWorkflow("stop", workflow, { signal: ctx.signal }) };
}
