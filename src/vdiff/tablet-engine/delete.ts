import type { Context } from "../../context.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { callVdiff } from "./call.js";
import { failuresOf, throwFirst } from "./failures.js";
import { warnOfHeldStreams } from "./held-streams.js";
import { listOnShards } from "./list.js";
import { askShards, findPrimaries, findShards } from "./workflow.js";

const DELETE_MS = 60_000;

/**
 * Stops a VDiff, or "all" of the workflow, and deletes what the tablets know of it, also when the streams are gone.
 * NotFoundError when no shard has it; a shard without it is passed over. A shard that fails is named by its own error, after
 * all were asked.
 */
export async function deleteVdiff(ctx: Context, name: WorkflowName, uuidOrAll: string): Promise<void> {
  const { keyspace, workflow } = name;
  const { signal } = ctx;
  const targets = await findPrimaries(ctx, name);
  if (uuidOrAll === "all") await requireKnown(ctx, name, targets);
  const answers = await askShards(targets, signal, ({ primary }) =>
    callVdiff(
      primary,
      { keyspace, workflow, action: "delete", actionArg: uuidOrAll },
      { timeoutMs: DELETE_MS, signal },
    ),
  );
  const done = answers.filter(({ failure }) => failure === undefined).map(({ target }) => target);
  await warnOfHeldStreams(ctx, name, done);
  throwFirst(ctx, failuresOf(answers));
  if (done.length === 0) throwFirst(ctx, answers.flatMap(({ failure }) => failure ?? []).slice(0, 1));
}

/** To delete all of a workflow that never was does nothing: NotFoundError without VDiffs and without streams. */
async function requireKnown(ctx: Context, name: WorkflowName, targets: readonly Target[]): Promise<void> {
  const listed = await listOnShards(ctx, name, targets);
  if (listed.every(({ answer }) => answer?.length === 0)) await findShards(ctx, name);
}
