import type { Context } from "../../context.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { isHeld } from "../streams/leftover.js";
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
