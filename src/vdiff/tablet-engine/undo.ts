import { forEachAtOnce } from "../../concurrency.js";
import { NotFoundError } from "../../errors.js";
import { NoSuchCallError } from "../../tablet/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";

/** What one of several tablets is given at most, when the rest has failed already. */
const UNDO_MS = 15_000;

export interface Left {
  target: Target;
  reason: string;
}

/**
 * Stops and deletes a VDiff, and returns the shards where that didn't work. It is deleted also where it couldn't be
 * stopped: one that was stopped before its plan was made would be started again by the tablet. An interruption doesn't cut
 * this short.
 */
export async function removeVdiff(
  { keyspace, workflow }: WorkflowName,
  uuid: string,
  targets: readonly Target[],
): Promise<Left[]> {
  const results = await forEachAtOnce(targets, async (target) => {
    const { primary } = target;
    const options = { timeoutMs: UNDO_MS };
    await primary.vdiff({ keyspace, workflow, action: "stop", uuid }, options).catch(() => undefined);
    try {
      await primary.vdiff({ keyspace, workflow, action: "delete", actionArg: uuid }, options);
    } catch (error) {
      if (error instanceof NotFoundError && !(error instanceof NoSuchCallError)) return [];
      return [{ target, reason: error instanceof Error ? error.message : String(error) }];
    }
    return [];
  });
  return results.flat();
}
