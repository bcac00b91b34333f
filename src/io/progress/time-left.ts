import type { ProgressRow } from "../io.js";
import type { Rate } from "./rate-window.js";

/** Of an estimated total: behind it, what is left is mostly the estimate's error. */
const estimateHolds = 0.9;

/**
 * Seconds until a row is done; undefined rather than a wrong number: without a total, with one that is rough or about
 * to be passed, or while the pace changes.
 */
export function timeLeft(row: ProgressRow, rate: Rate | undefined): number | undefined {
  const { done, total, estimated, rough } = row;
  if (total === undefined || rough || done >= total || rate === undefined || !rate.steady) return undefined;
  if (estimated && done > total * estimateHolds) return undefined;
  return (total - done) / rate.rows;
}
