import type { Context } from "../context.js";
import { compareTable } from "./compare/compare-table.js";
import type { SampleOptions } from "./compare/samples.js";
import { charsetWarning } from "./plan/charset-check.js";
import type { TablePlan } from "./plan/plan.js";
import { prepareVdiff } from "./prepare.js";
import { emptyReport, hasDifferences, type TableReport } from "./report.js";
import type { VdiffRun } from "./run-context.js";
import { TableProgress } from "./table-progress.js";

export interface VdiffRequest extends SampleOptions {
  keyspace: string;
  workflow: string;
  /** None means all. */
  tables: string[];
  /** Cells of the source cluster; none means all of them. */
  sourceCells: string[];
  targetCells: string[];
  tabletTypes: string;
  /** For each wait of the run, in milliseconds. */
  waitMs: number;
  /** Rows to compare at most, all tables together. */
  limit: number;
  /** Wait until the copy is done; 0 waits without limit. */
  waitForCopyMs: number | undefined;
}

export interface VdiffResult {
  keyspace: string;
  workflow: string;
  tables: TableReport[];
  hasDifferences: boolean;
  /** False when -limit or -tables left something out. */
  complete: boolean;
  seconds: number;
}

/**
 * Compares every row of a workflow's tables from here, without the tablets' own VDiff: what VDiff v1 did in
 * vtctld (go/vt/wrangler/vdiff.go), one table after the other, sorted by name. Works on tablets of v11 and later.
 *
 * Errors: NotFoundError (no such workflow, table, tablet), ConflictError (frozen, stopped, copying, held by
 * another), PreflightError (tables that can't be compared), StillRunningError and UnreachableError (a wait
 * was over), FailedError.
 */
export async function runVdiff(ctx: Context, request: VdiffRequest): Promise<VdiffResult> {
  const startedAt = ctx.clock.now().getTime();
  const { run, plans } = await prepareVdiff(ctx, request);
  const tables = await compareAll(ctx, run, plans, request);
  const seconds = Math.floor((ctx.clock.now().getTime() - startedAt) / 1000);
  const { keyspace, workflow: name } = request;
  const complete =
    request.tables.length === 0 && tables.reduce((sum, table) => sum + table.processedRows, 0) < request.limit;
  return { keyspace, workflow: name, tables, hasDifferences: tables.some(hasDifferences), complete, seconds };
}

async function compareAll(
  ctx: Context,
  run: VdiffRun,
  plans: readonly TablePlan[],
  request: VdiffRequest,
): Promise<TableReport[]> {
  const progress = new TableProgress(ctx.io.progress(), plans);
  const reports: TableReport[] = [];
  const left: string[] = [];
  let limit = request.limit;
  try {
    for (const table of plans) {
      if (limit <= 0) {
        left.push(table.table);
        reports.push(emptyReport(table.table));
        continue;
      }
      const { onlyPks, debugQuery } = request;
      const onProgress = (state: string, processed: number) => progress.update(table.table, state, processed);
      const { report, steps, fields } = await compareTable(run, table, { limit, onlyPks, debugQuery, onProgress });
      limit -= steps;
      const warning = fields && charsetWarning(fields);
      if (warning !== undefined) run.warn(warning);
      progress.finish(table.table, hasDifferences(report) ? "differs" : "equal", report.processedRows);
      reports.push(report);
    }
  } finally {
    progress.done();
  }
  if (left.length > 0) ctx.io.note(`not compared, because of -limit ${request.limit}: ${left.join(", ")}`);
  return reports;
}
