/** One table of a VDiff, from its snapshots to its report (vdiff/workflow_differ.go, diffTable). */
import { sleep } from "../gate.js";
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
  const { store, id, state } = run;
  const { name } = table.plan.table;
  await store.setTableState(id, name, "started");
  for (;;) {
    try {
      await attempt(run, table, limit, signal);
      break;
    } catch (error) {
      if (!(error instanceof AttemptOverError)) throw error;
    }
    // MySQL's time to recover.
    await sleep(state.timings.vdiffRestartMs, signal);
  }
}

async function attempt(run: WorkflowRun, table: PlannedTable, limit: RowLimit, stop: AbortSignal): Promise<void> {
  const { store, id, options, state } = run;
  const { plan } = table;
  const { name } = plan.table;
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  try {
    const { lastKey } = await progressOf(run, name);
    const snapshots = await takeSnapshots(run, plan, lastKey, signal);
    const { report: stored, mismatch } = await progressOf(run, name);
    const report = openReport(name, plan.version.lifecycle ? stored : "");
    const { maxDiffMs } = options;
    const end = plan.version.limits && maxDiffMs > 0 ? Date.now() + maxDiffMs : Number.POSITIVE_INFINITY;
    const save = (last: RowDiffer["last"]) => {
      const key = last === undefined ? undefined : formatCheckpoint(plan, table.sourceKeys, last);
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
      saveProgress: save,
    });
    try {
      await differ.run(snapshots.source, snapshots.target);
    } finally {
      await save(differ.last);
    }
    await reconcile(state, report, run.sourceKeyspace, options);
    if (report.MismatchedRows + report.ExtraRowsSource + report.ExtraRowsTarget > 0) await store.flagMismatch(id, name);
    await store.completeTable(id, name, reportJson(report), report.ProcessedRows);
  } finally {
    over.abort(new Error("context canceled"));
  }
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
