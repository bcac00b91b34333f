import type { Context } from "../../context.js";
import { UnreachableError } from "../../errors.js";
import type { Step } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { controlStep } from "../../workflow/control.js";
import { deleteRecord, readRecord, recordPath, type WorkflowRecord } from "../../workflow/record.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets } from "../../workflow/targets.js";
import { type ControlAnswer, type ControlRequest, carryOut, readWorkflow } from "./control.js";

/**
 * Workflow <ks>.<wf> delete: the streams go, and the record of what was created for them; tables and
 * VSchema stay, as with vtctlclient's (vtctldclient's delete is a cancel).
 */
export async function deleteWorkflow(ctx: Context, request: ControlRequest): Promise<ControlAnswer> {
  const workflow = await readWorkflow(ctx, request);
  return carryOut(ctx, "delete", { ...request, workflow }, async (answered) => {
    const step = controlStep("delete", workflow, { signal: ctx.signal }, answered);
    if (await hasOtherStreams(ctx, request)) return [step];
    const topo = await ctx.topo();
    const record = await readRecord(topo, request.keyspace, request.workflow);
    return record === undefined ? [step] : [step, forgetStep(ctx, topo, record)];
  });
}

function forgetStep(ctx: Context, topo: Topo, record: WorkflowRecord): Step {
  const tables = [...new Set(Object.values(record.createdTables).flat())].sort();
  return {
    describe: `Delete the workflow's record ${recordPath(record)}`,
    details: tables.length === 0 ? [] : [`tables that Create made stay: ${tables.join(", ")}`],
    apply: async () => {
      await deleteRecord(topo, record.keyspace, record.workflow);
      if (tables.length > 0) ctx.io.note(`Tables that Create made stay: ${tables.join(", ")}`);
    },
  };
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
