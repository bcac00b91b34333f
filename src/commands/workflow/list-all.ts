import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { listWorkflows } from "../../workflow/control.js";
import { readTargets } from "../../workflow/targets.js";

export interface WorkflowList {
  keyspace: string;
  workflows: string[];
}

/** Workflow <ks> listall. */
export async function listAll(ctx: Context, keyspace: string): Promise<WorkflowList> {
  const targets = await readTargets(await ctx.topo(), ctx.tablets(), keyspace);
  return { keyspace, workflows: await listWorkflows(targets, { signal: ctx.signal }) };
}

export function viewListAll({ keyspace, workflows }: WorkflowList, io: Io): void {
  const found = `Following workflow(s) found in keyspace ${keyspace}: ${workflows.join(", ")}`;
  io.print(workflows.length > 0 ? found : `No workflows found in keyspace ${keyspace}`);
}
