import type { Context } from "../../context.js";
import { PreflightError, StillRunningError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { copyIsDone, stoppedAfterCopy, trouble } from "../../workflow/state.js";
import type { Stream } from "../../workflow/streams.js";
import { openPrimary, type Target, targetName } from "../../workflow/targets.js";

const OVERRULE = "-force completes all the same.";

/**
 * What must be true before the streams are thrown away: every shard has one, all copies are done, none is
 * in error or stopped. `stoppedByUs`: an earlier Complete was cut short after it had stopped them.
 * PreflightError with everything that is wrong.
 */
export function checkStreams(name: WorkflowName, targets: Target[], streams: Stream[], stoppedByUs: boolean): void {
  const wrong = [
    ...targets
      .filter((target) => !streams.some((stream) => stream.target === target))
      .map((target) => `${targetName(target)} has no stream`),
    ...streams.map((stream) => complaint(stream, stoppedByUs)).filter((text) => text !== undefined),
  ];
  if (wrong.length === 0) return;
  throw new PreflightError(`workflow ${formatWorkflowName(name)} is not ready: ${wrong.join("; ")}`, {
    hint: `See "vtmigrate Workflow ${formatWorkflowName(name)} show". ${OVERRULE}`,
  });
}

function complaint(stream: Stream, stoppedByUs: boolean): string | undefined {
  const place = `stream ${stream.id} on ${targetName(stream.target)}`;
  const text = trouble(stream);
  if (text !== undefined) return `${place} is in error: ${text}`;
  if (stream.copyState.length > 0) {
    return `${place} has yet to copy ${stream.copyState.map((state) => state.table).join(", ")}`;
  }
  if (stream.position === undefined) return `${place} has not started`;
  if (copyIsDone(stream) || (stoppedByUs && stream.state === "Stopped")) return undefined;
  return `${place} is ${stream.state}${stream.message === "" ? "" : ` (${stream.message})`}`;
}

/**
 * Waits until each stream has applied what its source shard's primary has executed now. Streams that ended
 * with their copy are let through: `-stop_after_copy` asked for that.
 *
 * StillRunningError after `timeoutMs`; the source cluster's own errors when it can't be asked.
 */
export async function awaitCaughtUp(
  ctx: Context,
  topo: Topo,
  streams: Stream[],
  settings: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const following = streams.filter((stream) => !stoppedAfterCopy(stream));
  if (following.length < streams.length) {
    ctx.io.note("Streams that stopped after their copy lack what was written to the source since.");
  }
  for (const mount of new Set(following.map((stream) => stream.source.externalCluster))) {
    const source = await topo.openMount(mount);
    const here = following.filter((stream) => stream.source.externalCluster === mount);
    const positions = await sourcePositions(ctx, source, here, settings.signal);
    await Promise.all(here.map((stream, i) => reach(stream, positions[i] ?? "", settings)));
  }
}

async function sourcePositions(ctx: Context, source: Topo, streams: Stream[], signal: AbortSignal): Promise<string[]> {
  const byShard = new Map<string, Promise<string>>();
  return Promise.all(
    streams.map(({ source: { keyspace, shard } }) => {
      const name = `${keyspace}/${shard}`;
      const known = byShard.get(name) ?? position(ctx, source, keyspace, shard, signal);
      byShard.set(name, known);
      return known;
    }),
  );
}

async function position(ctx: Context, source: Topo, keyspace: string, shard: string, signal: AbortSignal) {
  const primary = await openPrimary(source, ctx.tablets(), await source.shard(keyspace, shard));
  return primary.primaryPosition({ signal });
}

async function reach(stream: Stream, position: string, settings: { timeoutMs: number; signal: AbortSignal }) {
  try {
    await stream.target.primary.vreplicationWaitForPos(stream.id, position, settings);
  } catch (error) {
    if (!(error instanceof StillRunningError)) throw error;
    const place = `stream ${stream.id} on ${targetName(stream.target)}`;
    throw new StillRunningError(
      `${place} has not caught up with ${stream.source.keyspace}/${stream.source.shard} within ${settings.timeoutMs / 1000} s`,
      { hint: `Try again when it lags less, or with a longer -timeout. ${OVERRULE}`, cause: error },
    );
  }
}
