import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { ConflictError, StillRunningError, UnreachableError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import { openPrimary, type Target } from "../../workflow/targets.js";
import { howToGoOn, whileDetachable } from "./detach.js";
import { nameStreams, readHeldStreams } from "./held-streams.js";
import { EngineProgress, progressLine } from "./progress.js";
import { Settling } from "./settling.js";
import { showOnShards, summaryOf } from "./show.js";
import { Standstill } from "./standstill.js";
import type { Summary } from "./summary.js";

export interface WaitRequest extends WorkflowName {
  uuid: string;
  targets: readonly Target[];
  /** Whether the tablets try again after errors. */
  autoRetry: boolean;
  /** 0: as long as it takes. */
  timeoutMs: number;
  /** A line on stderr each time. */
  updateMs: number;
  /** What the tablets give each other to catch up with a position. */
  positionMs: number;
}

const POLL_MS = 1_000;
/** A tablet that is being restarted, or replaced as the primary, is back within this time. */
const SILENCE_MS = 60_000;

/**
 * Asks the tablets until nothing more will happen on any shard: all have completed, were stopped, or failed for good (see
 * Settling). vtctlclient's -wait knows only the first. At the deadline a VDiff that has found differences is an answer, too.
 *
 * Errors: StillRunningError at the deadline, UnreachableError after 60 s without an answer of a shard, NotFoundError when
 * it was deleted, InterruptedError; in all cases but the last but one the tablets go on.
 */
export function waitForVdiff(ctx: Context, request: WaitRequest): Promise<Summary> {
  return whileDetachable(ctx.io, request, async () => {
    const progress = new EngineProgress(ctx.io.progress());
    try {
      return await poll(ctx, request, (summary) => progress.update(summary));
    } finally {
      progress.done();
    }
  });
}

async function poll(ctx: Context, request: WaitRequest, show: (summary: Summary) => void): Promise<Summary> {
  const { uuid, autoRetry, timeoutMs, updateMs } = request;
  const now = () => ctx.clock.now().getTime();
  const endsAt = timeoutMs > 0 ? now() + timeoutMs : Number.POSITIVE_INFINITY;
  const settling = new Settling(autoRetry);
  const watch = watchStandstill(ctx, request);
  let targets = request.targets;
  let summary: Summary | undefined;
  let heardAt = now();
  let toldAt = now();
  for (;;) {
    const answers = await showOnShards(ctx, request, uuid, targets);
    const silent = answers.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    for (const failure of silent) {
      if (!(failure instanceof UnreachableError) || now() - heardAt >= SILENCE_MS) throw failure;
    }
    if (silent.length > 0) {
      targets = await lookUpAgain(ctx, request.keyspace, targets);
    } else {
      heardAt = now();
      summary = summaryOf(ctx, request, uuid, answers);
      show(summary);
      if (settling.isOver(summary, now())) return summary;
      if (now() - toldAt >= updateMs) {
        ctx.io.note(progressLine(summary));
        toldAt = now();
      }
      await watch(summary, targets);
    }
    if (now() >= endsAt) return timeIsUp(ctx, request, summary, silent[0]);
    await ctx.clock.sleep(Math.min(POLL_MS, Math.max(0, endsAt - now())), ctx.signal);
  }
}

/** What is known by then, when it is differences. */
function timeIsUp(ctx: Context, request: WaitRequest, known: Summary | undefined, silent: Error | undefined): Summary {
  const status = known === undefined ? silent?.message : progressLine(known);
  const why = `not done after ${request.timeoutMs / 1000} s: ${status}`;
  if (!known?.hasMismatch) throw new StillRunningError(why);
  ctx.io.note(`${why}. ${howToGoOn(request)}`);
  return known;
}

/** Says once that streams are held while nothing happens: the tablets wait without end for a source tablet that is gone. */
function watchStandstill(ctx: Context, request: WaitRequest) {
  const standstill = new Standstill(request.positionMs);
  let told = false;
  return async (summary: Summary, targets: readonly Target[]): Promise<void> => {
    const stood = standstill.since(summary, ctx.clock.now().getTime());
    if (told || stood === undefined) return;
    const held = await readHeldStreams(ctx, request, targets);
    if (held.length === 0) return;
    told = true;
    const words = `vtmigrate VDiff ${request.keyspace}.${request.workflow} stop ${request.uuid}`;
    ctx.io.warn(
      `nothing has changed for ${Math.round(stood / 1000)} s, and stream ${nameStreams(held)} is stopped meanwhile: is there a tablet of the source to read from? "${words}" lets it run on`,
    );
  };
}

/** Another tablet may have become the primary; it goes on with the VDiff. For a moment there may be none. */
async function lookUpAgain(ctx: Context, keyspace: string, targets: readonly Target[]): Promise<Target[]> {
  return forEachAtOnce(targets, async (target) => {
    try {
      const topo = await ctx.topo();
      const shard = await topo.shard(keyspace, target.shard.name);
      return { shard, primary: await openPrimary(topo, ctx.tablets(), shard) };
    } catch (error) {
      if (error instanceof ConflictError || error instanceof UnreachableError) return target;
      throw error;
    }
  });
}
