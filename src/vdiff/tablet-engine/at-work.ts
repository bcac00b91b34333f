import type { Context } from "../../context.js";
import { ConflictError, PreflightError, VtmigrateError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { howToGoOn } from "./detach.js";
import { type ListedVdiff, listVdiffs } from "./list.js";

/**
 * Refuses to begin while a VDiff of the tablets' own is at work on the workflow: for each table it stops the streams, at a
 * moment of its own choosing, and lets them run on afterwards. Between its tables neither their messages nor a lock tell;
 * the tablets do. One in error is at work too when errors are tried again: every 30 s, until it is stopped.
 *
 * ConflictError, with how to stop it. Tablets without VDiff have none running.
 */
export async function checkNoTabletVdiff(
  ctx: Context,
  name: WorkflowName,
  targets: readonly Target[],
  except?: string,
): Promise<void> {
  const listed = await listVdiffs(ctx, name, targets).catch((error: unknown) => {
    if (error instanceof PreflightError || isClosed(error)) return [];
    throw error;
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

/** A primary whose engine didn't open, or not yet, runs none. */
function isClosed(error: unknown): boolean {
  return error instanceof VtmigrateError && /vdiff engine is (closed|still trying to open)/.test(error.message);
}

export function isAtWork({ state, options }: ListedVdiff): boolean {
  if (state === "pending" || state === "started") return true;
  return state === "error" && options.core_options?.auto_retry === true;
}
