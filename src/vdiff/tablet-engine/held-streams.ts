import type { Context } from "../../context.js";
import { isHeld } from "../../workflow/held.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { askShards } from "./workflow.js";

/** Streams that a VDiff has stopped and not put back, on the shards that answer. */
export async function readHeldStreams(
  { signal }: Context,
  { keyspace, workflow }: WorkflowName,
  targets: readonly Target[],
): Promise<Stream[]> {
  const answers = await askShards(targets, signal, (target) => readStreams(keyspace, workflow, [target], { signal }));
  return answers.flatMap(({ answer }) => answer?.streams ?? []).filter((stream) => isHeld(stream, []));
}

/** "6 on zone1-0000000001, 7 on zone1-0000000002" */
export function nameStreams(streams: readonly Stream[]): string {
  return streams.map(({ id, target }) => `${id} on ${target.primary.record.alias}`).join(", ");
}

/** After a VDiff's end: a tablet that was killed meanwhile doesn't put its streams back (measured on v18.0.8). */
export async function warnOfHeldStreams(ctx: Context, name: WorkflowName, targets: readonly Target[]): Promise<void> {
  const held = await readHeldStreams(ctx, name, targets);
  if (held.length === 0) return;
  ctx.io.warn(
    `stream ${nameStreams(held)} is still stopped for a VDiff: unless another one is at work, "vtmigrate Workflow ${name.keyspace}.${name.workflow} start" sets it running`,
  );
}
