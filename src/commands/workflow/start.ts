import type { Context } from "../../context.js";
import { putBackAfterVdiff } from "../../vdiff/streams/put-back.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import { type ControlAnswer, type ControlRequest, planAction, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> start. Streams that a killed VDiff has left lose what it left on them first. */
export async function start(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  checkControllable("start", workflow);
  if (request.dryRun) return planAction("start", workflow);
  await putBackAfterVdiff(await ctx.topo(), workflow, { signal: ctx.signal });
  return { tablets: await controlWorkflow("start", workflow, { signal: ctx.signal }) };
}
