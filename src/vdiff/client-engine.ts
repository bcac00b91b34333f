import type { Context } from "../context.js";
import { compareWave } from "./compare/compare-wave.js";
import type { Job } from "./compare/pass.js";
import type { SampleOptions } from "./compare/samples.js";
import { sumReports } from "./compare/table-report.js";
import { inWaves } from "./compare/waves.js";
import { charsetWarning } from "./plan/charset-check.js";
import type { TablePlan } from "./plan/plan.js";
import { prepareVdiff } from "./prepare.js";
import { hasDifferences, type Proof, type TableReport } from "./report.js";
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
  /** By what equal rows were found to be equal. */
  proof: Proof;
  tables: TableReport[];
  hasDifferences: boolean;
  /** False when -limit or -tables left something out. */
  complete: boolean;
  /** The workflow's tables of which nothing was compared. */
  uncomparedTables: string[];
  seconds: number;
}

/**
 * Compares every row of a workflow's tables from here, without the tablets' own VDiff: what VDiff v1 did in
 * vtctld (go/vt/wrangler/vdiff.go), in the order of their names, small tables several at once. Works on tablets of v11
 * and later. Of the target's rows it is looked at which shard they lie on.
 *
 * Errors: NotFoundError (no such workflow, table, tablet), ConflictError (frozen, stopped, copying, held by
 * another), PreflightError (tables that can't be compared), StillRunningError and UnreachableError (a wait
 * was over), FailedError.
 */
export async function runVdiff(ctx: Context, request: VdiffRequest): Promise<VdiffResult> {
  const startedAt = ctx.clock.now().getTime();
  const { run, plans, leftOut } = await prepareVdiff(ctx, request);
  const tables = await compareAll(ctx, run, plans, request);
  const seconds = Math.floor((ctx.clock.now().getTime() - startedAt) / 1000);
  const { keyspace, workflow: name } = request;
  const untouched = tables.filter(({ whole, processedRows }) => !whole && processedRows === 0);
  return {
    keyspace,
    workflow: name,
    proof: "rows",
    tables,
    hasDifferences: tables.some(hasDifferences),
    complete: leftOut.length === 0 && tables.every(({ whole }) => whole),
    uncomparedTables: [...leftOut, ...untouched.map(({ table }) => table)].sort(),
    seconds,
  };
}

async function compareAll(
  ctx: Context,
  run: VdiffRun,
  plans: readonly TablePlan[],
  request: VdiffRequest,
): Promise<TableReport[]> {
  const progress = new TableProgress(ctx.io.progress(), plans);
  const { limit, onlyPks, debugQuery } = request;
  const onProgress = (job: Job, state: string, processed: number, bytes?: number) =>
    progress.update(job, state, processed, bytes);
  const reports = new Map<TablePlan, TableReport[]>();
  let left = limit;
  try {
    // With a limit it has to be clear which tables it leaves out.
    for (const jobs of inWaves(plans, { oneTable: limit < Number.MAX_SAFE_INTEGER })) {
      if (left <= 0) break;
      for (const compared of await compareWave(run, jobs, { limit: left, onlyPks, debugQuery, onProgress })) {
        const { job, report, steps, fields } = compared;
        left -= steps;
        const warning = charsetWarning(fields);
        if (warning !== undefined) run.warn(warning);
        reports.set(job.plan, [...(reports.get(job.plan) ?? []), report]);
        progress.finish(job, report);
      }
    }
  } finally {
    progress.done();
  }
  const untouched = plans.filter((plan) => (reports.get(plan)?.length ?? 0) < plan.groups.length);
  if (untouched.length > 0) {
    const tables = untouched.map(({ table }) => table).join(", ");
    ctx.io.note(`not compared, because of -limit ${limit}: ${tables}`);
  }
  return plans.map((plan) => sumReports(plan, reports.get(plan) ?? []));
}
