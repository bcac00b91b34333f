import type { Log } from "../context.js";

/**
 * A part of a comparison that changes something or waits for the clusters. The log tells when it begins and when it is
 * done, in the words in which it tells of a plan's steps.
 */
export async function inPhase<T>(log: Pick<Log, "info">, step: string, work: () => Promise<T>): Promise<T> {
  log.info({ step }, "step");
  const result = await work();
  log.info({ step }, "step done");
  return result;
}
