/** Two sides of a table, compared row by row (vdiff/table_differ.go, diff). */

import type { DiffReport } from "../../../wire/vdiff-report.js";
import type { Row } from "../vreplication/apply.js";
import { keyComparator, restComparator } from "./compare-rows.js";
import type { VDiffOptions } from "./options.js";
import { sample } from "./report.js";
import type { Rows } from "./row-stream.js";
import type { Side, TableDiffPlan } from "./table-plan.js";

/** How many steps are left: of one table, or in v14 of all. */
export interface RowLimit {
  left: number;
}

export interface DiffHooks {
  /** Before each step; throws to end the comparison. */
  check(): void;
  /** As soon as rows differ. */
  flagMismatch(): Promise<void>;
  /** Every 10,000 rows; `last` is the last row of the source's. */
  saveProgress(last: Row): Promise<void>;
}

const PROGRESS_ROWS = 10_000;
/** Of rows that differ, before max_sample_rows was heard. */
const SAMPLES = 10;

const counts = { source: "ExtraRowsSource", target: "ExtraRowsTarget" } as const;
const samples = { source: "ExtraRowsSourceSample", target: "ExtraRowsTargetSample" } as const;

export class RowDiffer {
  /** The source's row behind which a later run goes on; undefined before the first. */
  last: Row | undefined;
  #flagged = false;

  constructor(
    readonly plan: TableDiffPlan,
    readonly options: VDiffOptions,
    /** Counted on; it may hold what an earlier run has found. */
    readonly report: DiffReport,
    readonly limit: RowLimit,
    readonly hooks: DiffHooks,
  ) {}

  /** Resolves at the end of both sides, or of the limit. */
  async run(source: Rows, target: Rows): Promise<void> {
    const byKey = keyComparator(this.plan, source, target);
    const byRest = restComparator(this.plan, source, target);
    let sourceRow: Row | undefined;
    let targetRow: Row | undefined;
    for (let order = 0; ; ) {
      this.last = sourceRow;
      this.hooks.check();
      await this.#flagOnce();
      if (--this.limit.left < 0) return;
      if (order <= 0) sourceRow = await source.next();
      if (order >= 0) targetRow = await target.next();
      if (sourceRow === undefined || targetRow === undefined) {
        if (sourceRow !== undefined) await this.#drain("source", sourceRow, source);
        if (targetRow !== undefined) await this.#drain("target", targetRow, target);
        return;
      }
      this.report.ProcessedRows++;
      order = byKey(sourceRow, targetRow);
      if (order < 0) this.#extra("source", sourceRow);
      else if (order > 0) this.#extra("target", targetRow);
      else {
        if (byRest(sourceRow, targetRow) === 0) this.report.MatchingRows++;
        else this.#mismatch(sourceRow, targetRow);
        if (this.report.ProcessedRows % PROGRESS_ROWS === 0) await this.hooks.saveProgress(sourceRow);
      }
    }
  }

  async #flagOnce(): Promise<void> {
    if (this.#flagged || this.report.MismatchedRows === 0) return;
    this.#flagged = true;
    await this.hooks.flagMismatch();
  }

  #extra(side: Side, row: Row): void {
    if (this.report[counts[side]] < this.options.maxExtraRows) this.#sampleExtra(side, row, side);
    this.report[counts[side]]++;
  }

  /** The other side has ended: one sample for all that is left, under the source's column names. */
  async #drain(side: Side, row: Row, rows: Rows): Promise<void> {
    this.#sampleExtra(side, row, "source");
    let count = 1;
    while ((await rows.next()) !== undefined) count++;
    this.report[counts[side]] += count;
    this.report.ProcessedRows += count;
  }

  #sampleExtra(side: Side, row: Row, names: Side): void {
    this.report[samples[side]] = [...(this.report[samples[side]] ?? []), sample(this.plan, names, row, this.options)];
  }

  #mismatch(source: Row, target: Row): void {
    const { report, plan, options } = this;
    const limit = plan.version.limits ? options.maxSampleRows || Number.POSITIVE_INFINITY : SAMPLES;
    if (report.MismatchedRows < limit) {
      const pair = { Source: sample(plan, "target", source, options), Target: sample(plan, "target", target, options) };
      report.MismatchedRowsSample = [...(report.MismatchedRowsSample ?? []), pair];
    }
    report.MismatchedRows++;
  }
}
