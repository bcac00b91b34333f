import type { ProgressRow } from "../io.js";
import { withoutControls } from "../width.js";
import type { Measured } from "./meter.js";
import { count, short, size, time } from "./numbers.js";

/** What may be shown of a row, each as text; "" for what isn't known of this one. */
export interface Cells {
  label: string;
  /** "[#####     ]" */
  bar: string;
  percent: string;
  /** "5,000 of ~10,000" */
  counts: string;
  /** "212k rows/s" */
  rows: string;
  /** "31 MB/s" */
  bytes: string;
  /** "45 s left", "left unknown"; of what doesn't run, its state. */
  left: string;
  /** "comparing" */
  state: string;
}

const barWidth = 10;

/** @param ended nothing goes on any more, whatever was done by then */
export function cellsOf(measured: Measured, ended: boolean): Cells {
  const { row, finished } = measured;
  const running = !finished && !ended && row.done > 0 && !hasAll(row);
  const rate = running || finished || ended ? measured.rate : undefined;
  const state = withoutControls(row.state ?? "");
  const share = shareOf(measured);
  return {
    label: withoutControls(row.label),
    bar: share === undefined ? "" : `[${"#".repeat(Math.floor(share * barWidth)).padEnd(barWidth)}]`,
    percent: share === undefined ? "" : `${Math.floor(share * 100)}%`,
    counts: countsOf(row, finished),
    rows: rate === undefined ? "" : `${short(rate.rows)} rows/s`,
    bytes: rate?.bytes === undefined ? "" : `${size(rate.bytes)}/s`,
    left: running ? leftText(measured.left) : state,
    state: running ? state : "",
  };
}

/** Its rows are done, though something else may be left to do. */
function hasAll({ done, total, estimated }: ProgressRow): boolean {
  return total !== undefined && done >= total && !estimated;
}

function shareOf({ row, finished }: Measured): number | undefined {
  if (finished) return 1;
  if (row.total === undefined || row.total === 0) return undefined;
  // Not before it is known: an estimate may be too small.
  return Math.min(row.estimated ? 0.99 : 1, row.done / row.total);
}

function countsOf({ done, total, estimated }: ProgressRow, finished: boolean): string {
  if (total === undefined || finished) return count(done);
  const widest = count(Math.min(total, 999_999)).length;
  return `${count(done).padStart(widest)} of ${estimated ? "~" : ""}${count(total)}`;
}

function leftText(left: number | undefined): string {
  return left === undefined ? "left unknown" : `${time(left)} left`;
}
