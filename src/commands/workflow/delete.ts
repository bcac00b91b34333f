import type { Context } from "../../context.js";
import { UnreachableError } from "../../errors.js";
import { checkControllable, controlWorkflow } from "../../workflow/control.js";
import { deleteRecord, readRecord } from "../../workflow/record.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets } from "../../workflow/targets.js";
import { type ControlAnswer, type ControlRequest, planAction, readWorkflow } from "./control.js";

/**
 * Workflow <ks>.<wf> delete: the streams go, and the record of what was created for them; tables and
 * VSchema stay, as with vtctlclient's (vtctldclient's delete is a cancel).
 */
export async function deleteWorkflow(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  checkControllable("delete", workflow);
  if (request.dryRun) return planAction("delete", workflow);
  const topo = await ctx.topo();
  const { keyspace, workflow: name } = request;
  const record = await readRecord(topo, keyspace, name);
  const others = await hasOtherStreams(ctx, request);
  const tablets = await controlWorkflow("delete", workflow, { signal: ctx.signal });
  if (others) return { tablets };
  await deleteRecord(topo, keyspace, name);
  const tables = [...new Set(Object.values(record?.createdTables ?? {}).flat())].sort();
  if (tables.length > 0) ctx.io.note(`Tables that Create made stay: ${tables.join(", ")}`);
  return { tablets };
}

/**
 * Whether the workflow may have streams on shards that `-shards` leaves out: what the record says is still needed then. A
 * shard that can't be asked may have some.
 */
async function hasOtherStreams(ctx: Context, { keyspace, workflow, shards }: ControlRequest): Promise<boolean> {
  if (shards.length === 0) return false;
  const all = await readTargets(await ctx.topo(), ctx.tablets(), keyspace);
  const others = all.filter(({ shard }) => !shards.includes(shard.name));
  if (others.length === 0) return false;
  try {
    return (await readStreams(keyspace, workflow, others, { signal: ctx.signal })).streams.length > 0;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return true;
  }
}
