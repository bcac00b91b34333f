import type { Context } from "../../context.js";
import { putBackPlan } from "../../vdiff/streams/put-back.js";
import { controlStep } from "../../workflow/control.js";
import { type ControlAnswer, type ControlRequest, carryOut, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> start. Streams that a killed VDiff has left lose what it left on them first. */
export async function start(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  const options = { signal: ctx.signal };
  return carryOut(ctx, "start", { ...request, workflow }, async (answered) => {
    const step = controlStep("start", workflow, options, answered);
    return [...(await putBackPlan(await ctx.topo(), workflow, options)), step];
  });
}
