import { InterruptedError, VtmigrateError } from "./errors.js";

/** The reason of an abort, as one of our errors; `what` was being done. */
export function interruption(signal: AbortSignal, what?: string): VtmigrateError {
  if (signal.reason instanceof VtmigrateError) return signal.reason;
  return new InterruptedError(what === undefined ? "interrupted" : `interrupted: ${what}`, { cause: signal.reason });
}
