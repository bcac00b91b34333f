import type { Context } from "../../context.js";
import { NoSuchCallError, type Tablet } from "../../tablet/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import { noEngine } from "./call.js";
import { newUuid } from "./uuid.js";
import { askShards, type EngineWorkflow } from "./workflow.js";

/**
 * What a tablet's own VDiff is good for when the source is another cluster:
 * "none": there is no such RPC (v11 to v13).
 * "local": it looks for source tablets in its own cluster, without end (v14).
 * "unsafe": it finds them, and may crash on rows that come in another order (v15 to v17).
 * "good": v18 and later.
 */
type VdiffSupport = "none" | "local" | "unsafe" | "good";

const WHY_NOT: Record<Exclude<VdiffSupport, "good" | "none">, string> = {
  local:
    "looks for the source's tablets in its own cluster (v14): it would wait for ever, with the streams stopped and the keyspace locked, and can't be stopped",
  unsafe:
    "may crash its tablet when equal rows come in another order from several shards, and compares tables without a primary key by position (v15 to v17)",
};

/** PreflightError where the version's VDiff is known to be wrong or dangerous for a Migrate; `force` overrules. */
export async function requireSupport(ctx: Context, workflow: EngineWorkflow, force: boolean): Promise<void> {
  const answers = await askShards(workflow.targets, ctx.signal, ({ primary }) =>
    readVdiffSupport(primary, workflow, ctx.signal),
  );
  for (const { target, answer, failure } of answers) {
    if (failure !== undefined) throw failure;
    const { alias } = target.primary.record;
    if (answer === "none") throw noEngine(`tablet ${alias} has no VDiff (v11 to v13)`, workflow);
    if (answer === "good") continue;
    const why = `the VDiff of tablet ${alias} ${WHY_NOT[answer]}`;
    if (!force) throw noEngine(why, workflow, "-force overrules.");
    ctx.io.warn(why);
  }
}

/**
 * Found out by stopping a VDiff that doesn't exist: v15 and later do nothing then, v14 has no such action. The workflow
 * RPCs came with v18.
 */
async function readVdiffSupport(
  tablet: Tablet,
  { keyspace, workflow }: WorkflowName,
  signal: AbortSignal,
): Promise<VdiffSupport> {
  try {
    await tablet.vdiff({ keyspace, workflow, action: "stop", uuid: newUuid() }, { signal });
  } catch (error) {
    if (!(error instanceof NoSuchCallError)) throw error;
    return error.missing === "rpc" ? "none" : "local";
  }
  return (await tablet.hasWorkflowRpcs({ signal })) ? "good" : "unsafe";
}
