import type { Context } from "../../context.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { deleteRecord, readRecord } from "../../workflow/record.js";
import { type ControlAnswer, planControl, readWorkflow } from "./control.js";

/**
 * Workflow <ks>.<wf> delete: the streams go, and the record of what was created for them; tables and
 * VSchema stay, as with vtctlclient's (vtctldclient's delete is a cancel).
 */
export async function deleteWorkflow(ctx: Context, name: WorkflowName, dryRun: boolean): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, name);
  checkControllable("delete", workflow);
  if (dryRun) return planControl("delete", workflow);
  const topo = await ctx.topo();
  const record = await readRecord(topo, name.keyspace, name.workflow);
  const tablets = await controlWorkflow("delete", workflow, { signal: ctx.signal });
  await deleteRecord(topo, name.keyspace, name.workflow);
  const tables = [...new Set(Object.values(record?.createdTables ?? {}).flat())].sort();
  if (tables.length > 0) ctx.io.note(`Tables that Create made stay: ${tables.join(", ")}`);
  return { tablets };
}
