import pMap from "p-map";
import { FailedError } from "../../errors.js";
import type { Job } from "../compare/pass.js";
import type { VdiffRun } from "../run-context.js";
import { joinNeighbours, spanCondition } from "./range-key.js";
import { type ChecksumResult, checksumTable } from "./table-checksums.js";
import { TableSides } from "./table-sides.js";
import { TabletQueue } from "./tablet-queue.js";

const JOBS_AT_ONCE = 4;
/** So many ranges fit into one statement's WHERE. */
const MAX_CONDITIONS = 500;

export interface ChecksumPassOptions {
  /** Statements at once on each tablet. */
  parallel: number;
  /** With the number of rows that were equal so far. */
  onProgress(job: Job, equalRows: number): void;
  /** As soon as a job is through. */
  onChecked(checked: Checked): void;
}

/** What checksums say of a job, and what is left to read of it. */
export interface Checked {
  job: Job;
  equalRows: number;
  ranges: number;
  unequalRanges: number;
  /** Jobs for the rows that have to be read: none, or parts of this one. */
  unequal: Job[];
}

/**
 * The first look at all jobs, by checksums that the tablets' MySQL computes. Nothing is stopped and nothing is changed. A
 * table that a tablet can't compute them of is left to be read, with a warning.
 */
export async function checksumPass(
  run: VdiffRun,
  jobs: readonly Job[],
  options: ChecksumPassOptions,
): Promise<Checked[]> {
  const queue = new TabletQueue(options.parallel);
  return pMap(
    jobs,
    async (job) => {
      const checked = await checkJob(run, job, queue, (rows) => options.onProgress(job, rows));
      options.onChecked(checked);
      return checked;
    },
    { concurrency: JOBS_AT_ONCE },
  );
}

async function checkJob(
  run: VdiffRun,
  job: Job,
  queue: TabletQueue,
  onProgress: (equalRows: number) => void,
): Promise<Checked> {
  const { plan } = job;
  const { clock } = run;
  // What was begun for a table must not go on when it is given up.
  const ended = new AbortController();
  const signal = AbortSignal.any([run.signal, ended.signal]);
  try {
    const sides = new TableSides(run, queue, job, signal);
    const result = await checksumTable(sides, { rowBytes: plan.rowBytes, clock, signal, onProgress });
    const { equalRows, ranges, unequal } = result;
    return { job, equalRows, ranges, unequalRanges: unequal.length, unequal: unequalJobs(job, sides, result) };
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    run.warn(`table ${plan.table}: no checksums (${error.message}); every row is read`);
    return { job, equalRows: 0, ranges: 0, unequalRanges: 0, unequal: [job] };
  } finally {
    ended.abort();
  }
}

function unequalJobs(job: Job, { key }: TableSides, { unequal, equalRows }: ChecksumResult): Job[] {
  const conditions = joinNeighbours(unequal).map((span) => spanCondition(key, span));
  if (conditions.includes("")) return [job];
  const share = Math.max(0, 1 - equalRows / Math.max(1, job.plan.estimatedRows));
  const shardBytes = Math.ceil(job.shardBytes * share);
  const jobs: Job[] = [];
  for (let from = 0; from < conditions.length; from += MAX_CONDITIONS) {
    const some = conditions.slice(from, from + MAX_CONDITIONS);
    const condition = some.length === 1 ? some.join("") : some.map((one) => `(${one})`).join(" or ");
    jobs.push({ ...job, condition, shardBytes });
  }
  return jobs;
}
