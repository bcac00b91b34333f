import { NotFoundError } from "../errors.js";
import type { CallOptions } from "../tablet/port.js";
import { listWorkflows } from "./control.js";
import type { WorkflowStreams } from "./streams.js";
import type { Target } from "./targets.js";

/** NotFoundError "no streams found for workflow <wf> in keyspace <ks>", with the workflows that there are. */
export async function requireStreams(found: WorkflowStreams, options: CallOptions = {}): Promise<void> {
  const { keyspace, workflow, streams, targets } = found;
  if (streams.length > 0) return;
  throw new NotFoundError(`no streams found for workflow ${workflow} in keyspace ${keyspace}`, {
    hint: await whichWorkflows(keyspace, targets, options),
  });
}

/** "Workflows in keyspace commerce: wf, wf2." */
export async function whichWorkflows(keyspace: string, targets: Target[], options: CallOptions = {}): Promise<string> {
  const names = await listWorkflows(targets, options);
  return names.length > 0
    ? `Workflows in keyspace ${keyspace}: ${names.join(", ")}.`
    : `Keyspace ${keyspace} has no workflows.`;
}
