import type { VtmigrateError } from "../../errors.js";
import type { Outcome, Tried } from "./check.js";

/** A failure, or with `-force`, which is for sources without such tablets, a warning. */
export function unlessForced(force: boolean, error: VtmigrateError, tried: Tried[] = []): Outcome {
  if (!force) return { error, tried };
  return { result: "warning", message: `Overruled by -force: ${error.message}`, tried };
}
