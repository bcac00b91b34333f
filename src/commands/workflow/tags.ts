import type { Context } from "../../context.js";
import { checkTaggable, tagsQuery, tagWorkflow } from "../../workflow/tags.js";
import { type ControlAnswer, type ControlRequest, planControl, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> tags <tags>: in lower case, as vtctlclient stores them; "" clears them. */
export async function tag(ctx: Context, request: ControlRequest, typed: string): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  const tags = typed.toLowerCase();
  if (!request.dryRun) return { tablets: await tagWorkflow(tags, workflow, { signal: ctx.signal }) };
  await checkTaggable(workflow, { signal: ctx.signal });
  return planControl((dbName) => tagsQuery(tags, dbName, workflow.workflow), workflow);
}
