import type { CallOptions } from "../tablet/port.js";
import type { Topo } from "../topo/port.js";
import { sqlString } from "../wire/sql.js";
import { readRecord, updateRecord } from "../workflow/record.js";
import type { WorkflowStreams } from "../workflow/streams.js";
import { isHeld } from "./leftover.js";

/**
 * Before a workflow is started: takes the stop positions and messages of a VDiff that was killed off its
 * streams. With a stop position left, a stream would stop again at once. The record tells what was there
 * before; without one (a workflow of vtctlclient's, or its VDiff) nothing was, as vtctlclient's own restart
 * assumes (go/vt/wrangler/vdiff.go, restartTargets). Returns the ids of the streams.
 */
export async function putBackAfterVdiff(
  topo: Topo,
  workflow: WorkflowStreams,
  options: CallOptions = {},
): Promise<number[]> {
  const saved = (await readRecord(topo, workflow.keyspace, workflow.workflow))?.savedStreams ?? [];
  const held = workflow.streams.filter((stream) => isHeld(stream, saved));
  await Promise.all(
    held.map(async ({ id, target }) => {
      const before = saved.find((stream) => stream.id === id && stream.shard === target.shard.name);
      const stopPos = before === undefined || before.stopPos === null ? "''" : sqlString(before.stopPos);
      await target.primary.vreplicationExec(
        `update _vt.vreplication set message=${sqlString(before?.message ?? "")}, stop_pos=${stopPos} where id=${id}`,
        options,
      );
    }),
  );
  if (saved.length > 0) {
    await updateRecord(topo, workflow.keyspace, workflow.workflow, (record) => {
      delete record.savedStreams;
    });
  }
  return held.map(({ id }) => id);
}
