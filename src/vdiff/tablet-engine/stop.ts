import type { Context } from "../../context.js";
import { ConflictError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { callVdiff } from "./call.js";
import { failuresOf, throwFirst } from "./failures.js";
import { warnOfHeldStreams } from "./held-streams.js";
import { showOnShards } from "./show.js";
import { askShards, findPrimaries } from "./workflow.js";

export interface StopRequest extends WorkflowName {
  uuid: string;
  /** None means all of the keyspace. */
  targetShards: string[];
}

const STOP_MS = 60_000;

/**
 * Stops a VDiff on every shard that has it; the tablets put their streams back, which is looked at. A shard that doesn't
 * answer doesn't keep the others from stopping.
 *
 * Errors: NotFoundError when no shard has it (the tablets say nothing then); ConflictError where it goes on all the same;
 * a silent shard's own.
 */
export async function stopVdiff(ctx: Context, request: StopRequest): Promise<void> {
  const { keyspace, workflow, uuid, targetShards } = request;
  const { signal } = ctx;
  const known = await showOnShards(ctx, request, uuid, await findPrimaries(ctx, request, targetShards));
  const having = known.filter(({ failure }) => failure === undefined).map(({ target }) => target);
  if (having.length === 0) {
    const silent = failuresOf(known);
    throwFirst(ctx, silent.length > 0 ? silent : known.flatMap(({ failure }) => failure ?? []).slice(0, 1));
  }
  const stopped = await askShards(having, signal, ({ primary }) =>
    callVdiff(primary, { keyspace, workflow, action: "stop", uuid }, { timeoutMs: STOP_MS, signal }),
  );
  await warnOfHeldStreams(ctx, request, having);
  throwFirst(ctx, [...failuresOf(known), ...failuresOf(stopped), ...(await stillAtWork(ctx, request, having))]);
}

/** A VDiff that was stopped before its tables were planned keeps its state, and the tablet's next retry takes it up. */
async function stillAtWork(ctx: Context, vdiff: StopRequest, targets: readonly Target[]): Promise<ConflictError[]> {
  const { keyspace, workflow, uuid } = vdiff;
  const shown = await showOnShards(ctx, vdiff, uuid, targets);
  return shown.flatMap(({ target, answer }) => {
    if (answer === undefined || answer.state === "stopped" || answer.state === "completed") return [];
    return new ConflictError(
      `on shard ${target.shard.name} VDiff ${uuid} is still ${answer.state}, and the tablet may take it up again`,
      { hint: `"vtmigrate VDiff ${keyspace}.${workflow} delete ${uuid}" ends it.` },
    );
  });
}
