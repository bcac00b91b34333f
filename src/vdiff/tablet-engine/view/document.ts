import type { DiffReport, RowDiff } from "../../../wire/vdiff-report.js";
import type { ListedVdiff } from "../list.js";
import type { Summary } from "../summary.js";
import type { TableSum } from "../tables.js";

/** One VDiff for -json, in our own style: everything that the tablets tell. docs/tablet-vdiff.md describes it. */
export function summaryDocument(summary: Summary): object {
  const { keyspace, workflow, uuid, state, rowsCompared, hasMismatch, startedAt, completedAt, progress } = summary;
  return {
    keyspace,
    workflow,
    uuid,
    state,
    hasDifferences: hasMismatch,
    rowsCompared,
    startedAt: startedAt || undefined,
    completedAt: completedAt || undefined,
    progress: progress && { percentage: progress.percentage, eta: progress.eta?.toISOString() },
    shards: [
      ...summary.shards.map(({ shard, tablet, state, lastError }) => ({
        shard,
        tablet,
        state,
        error: lastError || undefined,
      })),
      ...summary.missing.map(({ shard, tablet, failure }) => ({ shard, tablet, error: failure.message })),
    ],
    tables: summary.tables.map(tableDocument),
  };
}

function tableDocument(table: TableSum): object {
  return {
    table: table.name,
    state: table.state,
    hasDifferences: table.hasMismatch,
    estimatedRows: table.rows,
    rowsCompared: table.rowsCompared,
    processedRows: table.processedRows,
    matchingRows: table.matchingRows,
    mismatchedRows: table.mismatchedRows,
    extraRowsSource: table.extraRowsSource,
    extraRowsTarget: table.extraRowsTarget,
    shards: table.reports.map(({ shard, report }) => ({ shard, ...samplesDocument(report) })),
  };
}

function samplesDocument(report: DiffReport): object {
  return {
    processedRows: report.ProcessedRows,
    matchingRows: report.MatchingRows,
    mismatchedRows: report.MismatchedRows,
    extraRowsSource: report.ExtraRowsSource,
    extraRowsTarget: report.ExtraRowsTarget,
    extraRowsSourceSamples: (report.ExtraRowsSourceSample ?? []).map(rowDocument),
    extraRowsTargetSamples: (report.ExtraRowsTargetSample ?? []).map(rowDocument),
    mismatchedRowsSamples: (report.MismatchedRowsSample ?? []).map(({ Source, Target }) => ({
      source: rowDocument(Source ?? {}),
      target: rowDocument(Target ?? {}),
    })),
  };
}

function rowDocument({ Row, Query }: RowDiff): object {
  // Keys are the plan's select expressions: a column whose name is a word of SQL stands in backticks.
  const values = Object.entries(Row ?? {}).map(([key, value]) => [key.replace(/^`(.*)`$/, "$1"), value]);
  return { row: Object.fromEntries(values), query: Query || undefined };
}

export function listDocument(listed: readonly ListedVdiff[]): object[] {
  return listed.map(({ uuid, shard, tablet, state, lastError, createdAt }) => ({
    uuid,
    shard,
    tablet,
    state,
    error: lastError || undefined,
    createdAt,
  }));
}
