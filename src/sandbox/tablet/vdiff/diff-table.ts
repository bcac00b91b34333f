/** One table of a VDiff, from its snapshots to its report (vdiff/workflow_differ.go, diffTable). */

import type { DiffReport } from "../../../wire/vdiff-report.js";
import { sleep } from "../gate.js";
import type { Row } from "../vreplication/apply.js";
import type { LastKey } from "../vreplication/copy-state.js";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.js";
import { reconcile } from "./reconcile.js";
import { openReport, reportJson } from "./report.js";
import { RowDiffer, type RowLimit } from "./row-differ.js";
import { takeSnapshots } from "./snapshots.js";
import type { TableDiffPlan } from "./table-plan.js";
import type { WorkflowRun } from "./workflow-run.js";

export interface PlannedTable {
  plan: TableDiffPlan;
  /** Places of the columns that the source is ordered by. */
  sourceKeys: readonly number[];
}

/** The time of one attempt is over: the next goes on behind it, with new snapshots. */
class AttemptOverError extends Error {}

/** Resolves when the table is completed; on the way every failure leaves what was counted so far in its row. */
export async function diffTable(
  run: WorkflowRun,
  table: PlannedTable,
  limit: RowLimit,
  signal: AbortSignal,
): Promise<void> {
  await run.store.setTableState(run.id, table.plan.table.name, "started");
  for (;;) {
    try {
      await complete(run, await attempt(run, table, limit, signal));
      return;
    } catch (error) {
      if (!(error instanceof AttemptOverError)) throw error;
    }
    // MySQL's time to recover.
    await sleep(run.state.timings.vdiffRestartMs, signal);
  }
}

/** Compares from where an earlier attempt has stopped; resolves at the end of the rows, or of the limit. */
async function attempt(
  run: WorkflowRun,
  { plan, sourceKeys }: PlannedTable,
  limit: RowLimit,
  stop: AbortSignal,
): Promise<DiffReport> {
  const { store, id, options } = run;
  const { name } = plan.table;
  const over = new AbortController();
  try {
    const { lastKey, mismatch, report: stored } = await progressOf(run, name);
    const snapshots = await takeSnapshots(run, plan, lastKey, AbortSignal.any([stop, over.signal]));
    const report = openReport(name, plan.version.lifecycle ? stored : "");
    const end =
      plan.version.limits && options.maxDiffMs > 0 ? Date.now() + options.maxDiffMs : Number.POSITIVE_INFINITY;
    const saveProgress = (last: Row | undefined) => {
      const key = last === undefined ? undefined : formatCheckpoint(plan, sourceKeys, last);
      return store.saveProgress(id, name, reportJson(report), report.ProcessedRows, key);
    };
    const differ = new RowDiffer(plan, options, report, limit, {
      check() {
        if (stop.aborted) throw new Error("context has expired");
        if (Date.now() > end) throw new AttemptOverError();
      },
      flagMismatch: async () => {
        if (!mismatch) await store.flagMismatch(id, name);
      },
      saveProgress,
    });
    try {
      await differ.run(snapshots.source, snapshots.target);
    } finally {
      await saveProgress(differ.last);
    }
    return report;
  } finally {
    over.abort(new Error("context canceled"));
  }
}

async function complete({ store, id, state, sourceKeyspace, options }: WorkflowRun, report: DiffReport): Promise<void> {
  await reconcile(state, report, sourceKeyspace, options);
  const { TableName: name, ProcessedRows: rows } = report;
  if (report.MismatchedRows + report.ExtraRowsSource + report.ExtraRowsTarget > 0) await store.flagMismatch(id, name);
  await store.completeTable(id, name, reportJson(report), rows);
}

interface StoredProgress {
  lastKey: { source: LastKey; target: LastKey } | undefined;
  mismatch: boolean;
  report: string;
}

async function progressOf({ store, id, state }: WorkflowRun, table: string): Promise<StoredProgress> {
  const found = await store.progress(id, table);
  if (found === undefined) throw new Error(`no vdiff table found for ${table} on tablet ${state.alias}`);
  const { lastKey: text } = found;
  return { ...found, lastKey: text === "" ? undefined : parseCheckpoint(text, state.profile.vdiff.asksSource) };
}
