import type { Context } from "../../context.js";
import { ConflictError, PreflightError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
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
    if (error instanceof PreflightError) return [];
    throw error;
  });
  const busy = listed.find((vdiff) => isAtWork(vdiff) && vdiff.uuid !== except);
  if (busy === undefined) return;
  const words = `VDiff ${name.keyspace}.${name.workflow}`;
  const why = busy.state === "error" ? `is in error and tried again every 30 s` : `is ${busy.state}`;
  throw new ConflictError(
    `the tablets' own VDiff ${busy.uuid} of ${name.keyspace}.${name.workflow} ${why} on ${busy.shard}/${busy.tablet}`,
    { hint: `"${words} show ${busy.uuid}" shows how far it is, "${words} stop ${busy.uuid}" stops it.` },
  );
}

export function isAtWork({ state, options }: ListedVdiff): boolean {
  if (state === "pending" || state === "started") return true;
  return state === "error" && options.core_options?.auto_retry === true;
}
