import { PreflightError } from "../../errors.js";
import type { CallOptions, Tablet, VDiffCall } from "../../tablet/port.js";
import { NoSuchCallError } from "../../tablet/port.js";
import type { WorkflowName } from "../../workflow/name.js";

/** One action on one primary. PreflightError, with what to do instead, where the version has no VDiff or not this action. */
export async function callVdiff(
  primary: Tablet,
  request: VDiffCall,
  options: CallOptions,
): ReturnType<Tablet["vdiff"]> {
  try {
    return await primary.vdiff(request, options);
  } catch (error) {
    if (!(error instanceof NoSuchCallError)) throw error;
    const { alias } = primary.record;
    if (error.missing === "rpc") throw noEngine(`tablet ${alias} has no VDiff (v11 to v13)`, request);
    throw new PreflightError(`the VDiff of tablet ${alias} has no ${request.action} (v14)`, {
      hint: "One that is running ends when the tablet is restarted, or another becomes the primary.",
      cause: error,
    });
  }
}

/** The tablets' own VDiff is not to be used; the client's always is. */
export function noEngine(why: string, { keyspace, workflow }: WorkflowName, more = ""): PreflightError {
  return new PreflightError(why, {
    hint: `"VDiff ${keyspace}.${workflow}", without an action, compares from here on every version. ${more}`.trimEnd(),
  });
}
