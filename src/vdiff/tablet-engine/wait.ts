import type { Context } from "../../context.js";
import { StillRunningError, UnreachableError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import { openPrimary, type Target } from "../../workflow/targets.js";
import { whileDetachable } from "./detach.js";
import { EngineProgress, progressLine } from "./progress.js";
import { Settling } from "./settling.js";
import { showOnShards, summaryOf } from "./show.js";
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
}

const POLL_MS = 1_000;
/** A tablet that is being restarted, or replaced as the primary, is back within this time. */
const SILENCE_MS = 60_000;

/**
 * Asks the tablets until nothing more will happen on any shard: all have completed, were stopped, or failed for good (see
 * Settling). vtctlclient's -wait knows only the first.
 *
 * Errors: StillRunningError at the deadline, UnreachableError after 60 s without an answer of a shard, NotFoundError when
 * it was deleted, InterruptedError; in all cases the tablets go on.
 */
export function waitForVdiff(ctx: Context, request: WaitRequest): Promise<Summary> {
  return whileDetachable(request, async () => {
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
  let targets = request.targets;
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
      const summary = summaryOf(ctx, request, uuid, answers);
      show(summary);
      if (settling.isOver(summary, now())) return summary;
      if (now() - toldAt >= updateMs) {
        ctx.io.note(progressLine(summary));
        toldAt = now();
      }
      if (now() >= endsAt)
        throw new StillRunningError(`not done after ${timeoutMs / 1000} s: ${progressLine(summary)}`);
    }
    await ctx.clock.sleep(Math.min(POLL_MS, Math.max(0, endsAt - now())), ctx.signal);
  }
}

/** Another tablet may have become the primary; it goes on with the VDiff. */
async function lookUpAgain(ctx: Context, keyspace: string, targets: readonly Target[]): Promise<Target[]> {
  const topo = await ctx.topo();
  return Promise.all(
    targets.map(async (target) => {
      const shard = await topo.shard(keyspace, target.shard.name);
      return { shard, primary: await openPrimary(topo, ctx.tablets(), shard) };
    }),
  );
}
