import { type ChecksumPassOptions, checksumPass } from "./checksum/checksum-pass.js";
import { compareWave } from "./compare/compare-wave.js";
import { type Job, wholeJobs } from "./compare/pass.js";
import type { SampleOptions } from "./compare/samples.js";
import { sumReports, withEqualRows } from "./compare/table-report.js";
import { inWaves } from "./compare/waves.js";
import { inPhase } from "./phase.js";
import { charsetWarning } from "./plan/charset-check.js";
import type { TablePlan } from "./plan/plan.js";
import { hasDifferences, type TableReport } from "./report.js";
import type { VdiffRun } from "./run-context.js";
import type { TableProgress } from "./table-progress.js";

interface ReportOptions extends SampleOptions {
  /** Differing rows of a table that are read a second time before they are reported. */
  maxSuspects: number;
}

export interface RowOptions extends ReportOptions {
  /** Rows to compare at most, all tables together. */
  limit: number;
}

export interface ChecksumOptions extends ReportOptions {
  /** Checksums that a tablet may be asked for at once. */
  parallel: number;
}

/** Every row of both sides is read, each table's at one position. */
export async function compareRows(
  run: VdiffRun,
  plans: readonly TablePlan[],
  options: RowOptions,
  progress: TableProgress,
): Promise<TableReport[]> {
  const jobs = plans.flatMap(wholeJobs);
  const reports = await readJobs(run, jobs, options, progress);
  const untouched = plans.filter((plan) => jobs.some((job) => job.plan === plan && !reports.has(job)));
  if (untouched.length > 0) {
    run.note(`not compared, because of -limit ${options.limit}: ${untouched.map(({ table }) => table).join(", ")}`);
  }
  return plans.map((plan) => sumReports(plan, reportsOf(plan, reports)));
}

/** Checksums of ranges first, then the rows of those ranges alone that stayed unequal. */
export async function compareChecksums(
  run: VdiffRun,
  plans: readonly TablePlan[],
  { parallel, ...options }: ChecksumOptions,
  progress: TableProgress,
): Promise<TableReport[]> {
  const passOptions: ChecksumPassOptions = {
    parallel,
    onProgress: (job, equalRows) => progress.update(job, "checksums", equalRows, equalRows * job.plan.rowBytes),
    onChecked: ({ job, equalRows, ranges, unequalRanges, unequal }) => {
      if (unequal.length === 0) progress.finish(job, { differs: false, whole: true, rows: equalRows });
      else progress.split(job, unequal.length);
      if (unequalRanges > 0) run.note(`${job.plan.table}: ${rangesText(ranges, unequalRanges)}`);
    },
  };
  const checked = await inPhase(run.log, "Compare checksums", () =>
    checksumPass(run, plans.flatMap(wholeJobs), passOptions),
  );
  const unequal = checked.flatMap((check) => check.unequal);
  const reports = await readJobs(run, unequal, { ...options, limit: Number.POSITIVE_INFINITY }, progress);
  return plans.map((plan) => {
    const checks = checked.filter(({ job }) => job.plan === plan);
    const report = { ...sumReports(plan, reportsOf(plan, reports)), ...notPlaced(run, plan) };
    return withEqualRows(report, checks);
  });
}

function notPlaced({ placements }: VdiffRun, { table, columns }: TablePlan): Pick<TableReport, "placement"> {
  const { reason = "", needless = true } = placements.table(table, columns);
  return { placement: { checked: false, reason, needless } };
}

/** Unequal ones are parts of the ranges that were cut at first. */
function rangesText(ranges: number, unequalRanges: number): string {
  if (ranges === 1 && unequalRanges === 1) return "its checksums differ; its rows are read";
  const parts = unequalRanges === 1 ? "a part of one" : `${unequalRanges} parts of them`;
  return `checksums of ${ranges} ${ranges === 1 ? "range" : "ranges"} compared; the rows of ${parts} are read`;
}

function reportsOf(plan: TablePlan, reports: ReadonlyMap<Job, TableReport>): TableReport[] {
  return [...reports].filter(([job]) => job.plan === plan).map(([, report]) => report);
}

async function readJobs(
  run: VdiffRun,
  jobs: readonly Job[],
  { limit, ...options }: RowOptions,
  progress: TableProgress,
): Promise<Map<Job, TableReport>> {
  const reports = new Map<Job, TableReport>();
  const onProgress = (job: Job, state: string, processed: number, bytes?: number) =>
    progress.update(job, state, processed, bytes);
  let left = limit;
  // With a limit it has to be clear which tables it leaves out.
  for (const wave of inWaves(jobs, { oneTable: limit < Number.MAX_SAFE_INTEGER })) {
    if (left <= 0) break;
    for (const { job, report, steps, fields } of await compareWave(run, wave, {
      ...options,
      limit: left,
      onProgress,
    })) {
      left -= steps;
      const warning = charsetWarning(fields);
      if (warning !== undefined) run.warn(warning);
      reports.set(job, report);
      progress.finish(job, { differs: hasDifferences(report), whole: report.whole, rows: report.processedRows });
    }
  }
  return reports;
}
