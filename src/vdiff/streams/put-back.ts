import { forEachAtOnce } from "../../concurrency.js";
import type { Plan, Step } from "../../plan.js";
import type { CallOptions } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { formatPosition, positionContains } from "../../wire/position.js";
import { sqlString } from "../../wire/sql.js";
import { isHeld } from "../../workflow/held.js";
import { readRecord, recordPath, type SavedStream, updateRecord } from "../../workflow/record.js";
import type { Stream, WorkflowStreams } from "../../workflow/streams.js";
import { targetName } from "../../workflow/targets.js";

/**
 * Before a workflow is started: takes the stop positions and messages of a VDiff that was killed off its
 * streams. With a stop position left, a stream would stop again at once. The record tells what was there
 * before; without one (a workflow of vtctlclient's, or its VDiff) nothing was, as vtctlclient's own restart
 * assumes (go/vt/wrangler/vdiff.go, restartTargets). A stop position that a stopped stream has already reached
 * goes too, whoever set it: all it can do is end the start. No step when no VDiff has left anything.
 */
export async function putBackPlan(topo: Topo, workflow: WorkflowStreams, options: CallOptions = {}): Promise<Plan> {
  const saved = (await readRecord(topo, workflow.keyspace, workflow.workflow))?.savedStreams ?? [];
  const held = workflow.streams.filter(
    (stream) => isHeld(stream, saved) || (stream.state === "Stopped" && isReached(stream, stream.stopPos)),
  );
  const statements = held.map((stream) => ({ stream, sql: putBackStatement(stream, saved) }));
  const shards = new Set(workflow.targets.map(({ shard }) => shard.name));
  const plan: Plan = [];
  if (statements.length > 0) {
    plan.push({
      describe: "Take off the streams what a VDiff has left on them",
      details: statements.map(({ stream, sql }) => `${targetName(stream.target)}: ${sql}`),
      apply: async () => {
        await forEachAtOnce(statements, ({ stream, sql }) => stream.target.primary.vreplicationExec(sql, options));
      },
    });
  }
  if (saved.some(({ shard }) => shards.has(shard))) plan.push(forgetStep(topo, workflow, shards));
  return plan;
}

function putBackStatement(stream: Stream, saved: readonly SavedStream[]): string {
  const { id, target } = stream;
  const before = saved.find((entry) => entry.id === id && entry.shard === target.shard.name);
  const stopPos = before === undefined || isReached(stream, before.stopPos) ? "" : (before.stopPos ?? "");
  return `update _vt.vreplication set message=${sqlString(before?.message ?? "")}, stop_pos=${sqlString(stopPos)} where id=${id}`;
}

function forgetStep(topo: Topo, { keyspace, workflow }: WorkflowStreams, shards: ReadonlySet<string>): Step {
  return {
    describe: "Take the streams' state before that VDiff out of the workflow's record",
    details: [recordPath({ keyspace, workflow })],
    apply: async () => {
      await updateRecord(topo, keyspace, workflow, (record) => {
        // The workflow may have been read on some of its shards only.
        const others = record.savedStreams?.filter(({ shard }) => !shards.has(shard)) ?? [];
        if (others.length > 0) record.savedStreams = others;
        else delete record.savedStreams;
      });
    },
  };
}

function isReached({ position }: Stream, stopPos: string | null): boolean {
  if (position === undefined || stopPos === null || stopPos === "") return false;
  return positionContains(formatPosition(position), stopPos);
}
