import { StillRunningError, type VtmigrateError } from "../../errors.js";

/** A wait of `-filtered_replication_wait_time` was over. */
export function timedOut(why: string, cause: unknown): VtmigrateError {
  return new StillRunningError(`vdiff timed out: ${why}`, {
    hint: "You may want to increase it with the flag -filtered_replication_wait_time=<timeoutSeconds>.",
    cause,
  });
}
