import type { Context } from "../../context.js";
import { putBackAfterVdiff } from "../../vdiff/streams/put-back.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type ControlAnswer, planControl, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> start. Streams that a killed VDiff has left lose what it left on them first. */
export async function start(ctx: Context, name: WorkflowName, dryRun: boolean): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, name);
  checkControllable("start", workflow);
  if (dryRun) return planControl("start", workflow);
  await putBackAfterVdiff(await ctx.topo(), workflow, { signal: ctx.signal });
  return { tablets: await controlWorkflow("start", workflow, { signal: ctx.signal }) };
}
