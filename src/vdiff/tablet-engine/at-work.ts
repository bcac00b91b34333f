import type { Context } from "../../context.js";
import { ConflictError, PreflightError, UnreachableError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { howToGoOn } from "./detach.js";
import { type ListedVdiff, listOnShards } from "./list.js";

/**
 * Refuses to begin while a VDiff of the tablets' own is at work on the workflow: for each table it stops the streams, at a
 * moment of its own choosing, and lets them run on afterwards. Between its tables neither their messages nor a lock tell;
 * the tablets do. One in error is at work too when errors are tried again: every 30 s, until it is stopped.
 *
 * ConflictError, with how to stop it. Tablets without VDiff have none running, nor has one whose engine isn't open; one that
 * doesn't answer at all is told of by what is asked of it next.
 */
export async function checkNoTabletVdiff(
  ctx: Context,
  name: WorkflowName,
  targets: readonly Target[],
  except?: string,
): Promise<void> {
  const listed = (await listOnShards(ctx, name, targets)).flatMap(({ answer, failure }) => {
    if (answer !== undefined) return answer;
    if (failure instanceof PreflightError || failure instanceof UnreachableError) return [];
    throw failure;
  });
  const busy = listed.find((vdiff) => isAtWork(vdiff) && vdiff.uuid !== except);
  if (busy === undefined) return;
  const { uuid, shard, tablet } = busy;
  const vdiff = `the tablets' own VDiff ${uuid} of ${name.keyspace}.${name.workflow}`;
  if (busy.state !== "error") {
    throw new ConflictError(`${vdiff} is ${busy.state} on ${shard}/${tablet}`, { hint: howToGoOn({ ...name, uuid }) });
  }
  throw new ConflictError(`${vdiff} is in error on ${shard}/${tablet} and tried again every 30 s: ${busy.lastError}`, {
    hint: `"vtmigrate VDiff ${name.keyspace}.${name.workflow} delete ${uuid}" ends it.`,
  });
}

function isAtWork({ state, options }: ListedVdiff): boolean {
  if (state === "pending" || state === "started") return true;
  return state === "error" && options.core_options?.auto_retry === true;
}
