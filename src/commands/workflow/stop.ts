import type { Context } from "../../context.js";
import { controlStep } from "../../workflow/control.js";
import { type ControlAnswer, type ControlRequest, carryOut, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> stop. */
export async function stop(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  return carryOut(ctx, "stop", { ...request, workflow }, async (answered) => [
    controlStep("stop", workflow, { signal: ctx.signal }, answered),
  ]);
}
