import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import type { VtmigrateError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";
import { resumeStreams } from "../../workflow/control.js";
import type { WorkflowName } from "../../workflow/name.js";
import { isPartial } from "../../workflow/partial.js";
import type { WorkflowRecord } from "../../workflow/record.js";
import type { Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { awaitCaughtUp } from "./caught-up.js";
import { type Complaint, findComplaints, isJustStopped, requireReady } from "./readiness.js";
import { readSourcePositions } from "./source-position.js";

export interface Subject {
  name: WorkflowName;
  targets: Target[];
  streams: Stream[];
  record: WorkflowRecord | undefined;
}

/** PreflightError when the streams aren't ready to be thrown away; nothing is waited for. */
export async function requireReadyNow(topo: Topo, subject: Subject, signal: AbortSignal): Promise<void> {
  requireReady(subject.name, await complaintsOf(topo, subject, signal));
}

/**
 * Brings the streams to where they can be stopped: checked, and caught up with what the source has executed by now.
 * With `force` all that is wrong becomes a warning. Whether the source answers is told, as it is asked again later.
 */
export async function prepare(
  ctx: Context,
  topo: Topo,
  subject: Subject,
  request: { force: boolean; timeoutMs: number },
  signal: AbortSignal,
): Promise<{ sourceAnswers: boolean }> {
  const { force, timeoutMs } = request;
  const complaints = await complaintsOf(topo, subject, signal);
  if (!force) requireReady(subject.name, complaints);
  for (const { text } of complaints) ctx.io.warn(`-force: ${text}`);
  const usable = subject.streams.filter((stream) => !complaints.some((complaint) => complaint.stream === stream));
  const [positions, unread] = await Promise.all([
    readSourcePositions(ctx, topo, usable, signal),
    force || isPartial(subject.streams, subject.record) ? [] : unreadShards(topo, subject.streams),
  ]);
  requireReady(subject.name, unread);
  // An earlier Complete stopped them and was cut short; meanwhile the source may have gone on.
  if (wasStopped(subject)) await restart(usable, signal);
  const failures = await awaitCaughtUp(ctx, usable, positions, { timeoutMs, signal });
  const [first] = failures;
  if (first !== undefined && !force) throw first;
  for (const failure of failures) ctx.io.warn(`-force: ${failure.message}`);
  return { sourceAnswers: [...positions.values()].some((outcome) => !("error" in outcome)) };
}

async function complaintsOf(topo: Topo, subject: Subject, signal: AbortSignal): Promise<Complaint[]> {
  const { targets, streams, record } = subject;
  const settings = { stoppedByUs: wasStopped(subject), partial: isPartial(streams, record), shards: record?.shards };
  return findComplaints(topo, targets, streams, settings, { signal });
}

function wasStopped({ record }: Subject): boolean {
  return record?.step === "completing" || record?.step === "announcing";
}

async function restart(streams: Stream[], signal: AbortSignal): Promise<void> {
  const stopped = streams.filter(isJustStopped);
  await resumeStreams(
    stopped.map((stream) => ({ ...stream, state: "Running" })),
    { signal },
  );
}

/**
 * Serving source shards that no stream reads: their rows would be missing. A source that can't be asked is not this
 * check's business.
 */
async function unreadShards(topo: Topo, streams: Stream[]): Promise<Complaint[]> {
  const keyspaces = new Map(streams.map(({ source }) => [`${source.externalCluster}.${source.keyspace}`, source]));
  const unread = await forEachAtOnce(keyspaces, async ([name, { externalCluster, keyspace }]) => {
    const shards = await topo
      .openMount(externalCluster)
      .then((source) => source.shards(keyspace))
      .catch((_: VtmigrateError) => []);
    const read = streams.filter(({ source }) => source.externalCluster === externalCluster);
    return shards
      .filter((shard) => shard.isPrimaryServing && !read.some(({ source }) => source.shard === shard.name))
      .map((shard) => ({ text: `no stream reads source shard ${name}/${shard.name}` }));
  });
  return unread.flat();
}
