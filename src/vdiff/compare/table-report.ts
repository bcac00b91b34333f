import type { Checked } from "../checksum/checksum-pass.js";
import type { TablePlan } from "../plan/plan.js";
import { emptyReport, type Placement, SAMPLES, type TableReport } from "../report.js";
import type { Found } from "./pass.js";
import { type SampleOptions, toSamples } from "./samples.js";
import type { Tally } from "./tally.js";

/**
 * What is known of a job after its differences were read a second time: those that are still there, and
 * those for which there was no room in the second pass.
 */
export function jobReport(
  plan: TablePlan,
  first: Found,
  second: Found | undefined,
  options: SampleOptions,
): Omit<TableReport, "placement" | "misplacedRows" | "misplacedSamples"> {
  const confirmed = second?.tally.counts ?? first.tally.counts;
  const unchecked = second === undefined ? { mismatch: 0, extraSource: 0, extraTarget: 0 } : first.tally.unchecked;
  const mismatchedRows = confirmed.mismatch + unchecked.mismatch;
  const extraRowsSource = confirmed.extraSource + unchecked.extraSource;
  const extraRowsTarget = confirmed.extraTarget + unchecked.extraTarget;
  const matchingRows = first.tally.matching + (second === undefined ? 0 : resolved(plan, first.tally, second.tally));
  const { tally, fields } = second ?? first;
  return {
    table: plan.table,
    whole: !first.cut,
    uncomparedColumns: plan.uncomparedColumns,
    processedRows: matchingRows + mismatchedRows + extraRowsSource + extraRowsTarget,
    matchingRows,
    mismatchedRows,
    extraRowsSource,
    extraRowsTarget,
    rowsRead: first.rowsRead + (second?.rowsRead ?? 0),
    ...toSamples(tally.samples, plan, fields, options),
  };
}

/**
 * Rows that differed in the first pass and match now. A row that has a twin was among those that matched before. Where
 * the whole row is the key, equal rows were counted in both passes, so only the differences that are gone tell.
 */
function resolved(plan: TablePlan, first: Tally, second: Tally): number {
  if (plan.keyed) return second.matching - second.twins;
  const before = first.counts.extraSource + first.counts.extraTarget;
  const after =
    second.counts.extraSource + second.counts.extraTarget + first.unchecked.extraSource + first.unchecked.extraTarget;
  return Math.max(0, before - after);
}

/**
 * A table's report from those of its jobs. Each copy of a table that several target shards have whole is a job: its
 * rows count once for each copy, and a row that one copy lacks is one ExtraRowsSource.
 */
export function sumReports(
  { table, groups, uncomparedColumns }: TablePlan,
  reports: readonly TableReport[],
): TableReport {
  const sum = reports.reduce<TableReport>(
    (sum, report) => ({
      table,
      whole: report.whole && sum.whole,
      uncomparedColumns,
      processedRows: sum.processedRows + report.processedRows,
      matchingRows: sum.matchingRows + report.matchingRows,
      mismatchedRows: sum.mismatchedRows + report.mismatchedRows,
      extraRowsSource: sum.extraRowsSource + report.extraRowsSource,
      extraRowsTarget: sum.extraRowsTarget + report.extraRowsTarget,
      rowsRead: sum.rowsRead + report.rowsRead,
      extraSourceSamples: [...sum.extraSourceSamples, ...report.extraSourceSamples].slice(0, SAMPLES),
      extraTargetSamples: [...sum.extraTargetSamples, ...report.extraTargetSamples].slice(0, SAMPLES),
      mismatchSamples: [...sum.mismatchSamples, ...report.mismatchSamples].slice(0, SAMPLES),
      placement: sumPlacements(sum.placement, report.placement),
      misplacedRows: sum.misplacedRows + report.misplacedRows,
      misplacedSamples: [...sum.misplacedSamples, ...report.misplacedSamples].slice(0, SAMPLES),
    }),
    { ...emptyReport(table, uncomparedColumns), whole: true },
  );
  return { ...sum, whole: sum.whole && reports.length === groups.length };
}

function sumPlacements(sum: Placement, one: Placement): Placement {
  return sum.checked && one.checked ? { ...sum, rows: sum.rows + one.rows } : one;
}

/** Adds what was found equal by its checksum, of which nothing was read. */
export function withEqualRows(report: TableReport, checks: readonly Checked[]): TableReport {
  const sum = (count: (check: Checked) => number) => checks.reduce((total, check) => total + count(check), 0);
  const equalRows = sum((check) => check.equalRows);
  return {
    ...report,
    whole: true,
    processedRows: report.processedRows + equalRows,
    matchingRows: report.matchingRows + equalRows,
    checksums: { ranges: sum(({ ranges }) => ranges), unequalRanges: sum(({ unequalRanges }) => unequalRanges) },
  };
}
