import type { CallOptions } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { formatPosition, positionContains } from "../../wire/position.js";
import { sqlString } from "../../wire/sql.js";
import { isHeld } from "../../workflow/held.js";
import { readRecord, updateRecord } from "../../workflow/record.js";
import type { Stream, WorkflowStreams } from "../../workflow/streams.js";

/**
 * Before a workflow is started: takes the stop positions and messages of a VDiff that was killed off its
 * streams. With a stop position left, a stream would stop again at once. The record tells what was there
 * before; without one (a workflow of vtctlclient's, or its VDiff) nothing was, as vtctlclient's own restart
 * assumes (go/vt/wrangler/vdiff.go, restartTargets). A stop position that a stopped stream has already reached
 * goes too, whoever set it: all it can do is end the start. Returns the ids of the streams.
 */
export async function putBackAfterVdiff(
  topo: Topo,
  workflow: WorkflowStreams,
  options: CallOptions = {},
): Promise<number[]> {
  const saved = (await readRecord(topo, workflow.keyspace, workflow.workflow))?.savedStreams ?? [];
  const held = workflow.streams.filter(
    (stream) => isHeld(stream, saved) || (stream.state === "Stopped" && isReached(stream, stream.stopPos)),
  );
  await Promise.all(
    held.map(async (stream) => {
      const { id, target } = stream;
      const before = saved.find((entry) => entry.id === id && entry.shard === target.shard.name);
      const stopPos = before === undefined || isReached(stream, before.stopPos) ? "" : (before.stopPos ?? "");
      await target.primary.vreplicationExec(
        `update _vt.vreplication set message=${sqlString(before?.message ?? "")}, stop_pos=${sqlString(stopPos)} where id=${id}`,
        options,
      );
    }),
  );
  const shards = new Set(workflow.targets.map(({ shard }) => shard.name));
  if (saved.some(({ shard }) => shards.has(shard))) {
    await updateRecord(topo, workflow.keyspace, workflow.workflow, (record) => {
      // The workflow may have been read on some of its shards only.
      const others = record.savedStreams?.filter(({ shard }) => !shards.has(shard)) ?? [];
      if (others.length > 0) record.savedStreams = others;
      else delete record.savedStreams;
    });
  }
  return held.map(({ id }) => id);
}

function isReached({ position }: Stream, stopPos: string | null): boolean {
  if (position === undefined || stopPos === null || stopPos === "") return false;
  return positionContains(formatPosition(position), stopPos);
}
