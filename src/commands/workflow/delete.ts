import type { Context } from "../../context.js";
import { checkControllable, controlQuery, controlWorkflow } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { deleteRecord, readRecord } from "../../workflow/record.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets } from "../../workflow/targets.js";
import { type ControlAnswer, type ControlRequest, planControl, readWorkflow } from "./control.js";

/**
 * Workflow <ks>.<wf> delete: the streams go, and the record of what was created for them; tables and
 * VSchema stay, as with vtctlclient's (vtctldclient's delete is a cancel).
 */
export async function deleteWorkflow(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  checkControllable("delete", workflow);
  if (request.dryRun) return planControl((dbName) => controlQuery("delete", dbName, workflow.workflow), workflow);
  const topo = await ctx.topo();
  const { keyspace, workflow: name } = request;
  const record = await readRecord(topo, keyspace, name);
  const tablets = await controlWorkflow("delete", workflow, { signal: ctx.signal });
  if (request.shards.length > 0 && (await hasStreams(ctx, request))) return { tablets };
  await deleteRecord(topo, keyspace, name);
  const tables = [...new Set(Object.values(record?.createdTables ?? {}).flat())].sort();
  if (tables.length > 0) ctx.io.note(`Tables that Create made stay: ${tables.join(", ")}`);
  return { tablets };
}

/** On whatever shard: what the record says is still needed then. */
async function hasStreams(ctx: Context, { keyspace, workflow }: WorkflowName): Promise<boolean> {
  const targets = await readTargets(await ctx.topo(), ctx.tablets(), keyspace);
  return (await readStreams(keyspace, workflow, targets, { signal: ctx.signal })).streams.length > 0;
}
