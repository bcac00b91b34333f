import { goJson, tabIndented } from "../../../io/json.js";
import type { DiffReport, RowDiff } from "../../../wire/vdiff-report.js";
import type { Summary } from "../summary.js";
import type { TableSum } from "../tables.js";
import { formatTime } from "../time.js";
import { shardErrors } from "./summary-text.js";

/**
 * vtctlclient's JSON of one VDiff, with its keys in its order (go/vt/vtctl/vdiff2.go, v22). Tables and reports only when
 * something differs, or with `verbose`.
 */
export function renderSummaryJson(summary: Summary, { verbose }: { verbose: boolean }): string {
  const { progress, tables } = summary;
  const errors = shardErrors(summary);
  const detailed = (summary.hasMismatch || verbose) && tables.length > 0;
  const reports = tables.filter((table) => table.reports.length > 0);
  const names = [...summary.shards, ...summary.missing].map(({ shard }) => shard);
  const document = {
    Workflow: summary.workflow,
    Keyspace: summary.keyspace,
    State: summary.state,
    UUID: summary.uuid,
    RowsCompared: summary.rowsCompared,
    HasMismatch: summary.hasMismatch,
    Shards: names.sort().join(","),
    StartedAt: summary.startedAt || undefined,
    CompletedAt: summary.completedAt || undefined,
    TableSummary: detailed ? new Map(tables.map((table) => [table.name, tableSummary(table)])) : undefined,
    Reports: detailed && reports.length > 0 ? new Map(reports.map(reportsOfTable)) : undefined,
    Errors: errors.length > 0 ? new Map(errors) : undefined,
    Progress: progress && {
      Percentage: progress.percentage,
      ETA: progress.eta && formatTime(progress.eta),
    },
  };
  return `${goJson(document, tabIndented)}\n`;
}

function tableSummary(table: TableSum): object {
  return {
    TableName: table.name,
    State: table.state,
    RowsCompared: table.processedRows,
    MatchingRows: table.matchingRows,
    MismatchedRows: table.mismatchedRows,
    ExtraRowsSource: table.extraRowsSource,
    ExtraRowsTarget: table.extraRowsTarget,
  };
}

function reportsOfTable({ name, reports }: TableSum): [string, Map<string, object>] {
  return [name, new Map(reports.map(({ shard, report }) => [shard, reportDocument(report)]))];
}

/** MySQL's JSON columns sort the keys; this is Go's order. */
function reportDocument(report: DiffReport): object {
  return {
    TableName: report.TableName,
    ProcessedRows: report.ProcessedRows,
    MatchingRows: report.MatchingRows,
    MismatchedRows: report.MismatchedRows,
    ExtraRowsSource: report.ExtraRowsSource,
    ExtraRowsTarget: report.ExtraRowsTarget,
    ExtraRowsSourceSample: samples(report.ExtraRowsSourceSample, rowDocument),
    ExtraRowsTargetSample: samples(report.ExtraRowsTargetSample, rowDocument),
    MismatchedRowsSample: samples(report.MismatchedRowsSample, ({ Source, Target }) => ({
      Source: Source && rowDocument(Source),
      Target: Target && rowDocument(Target),
    })),
  };
}

function samples<T>(list: T[] | undefined, document: (sample: T) => object): object[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list.map(document);
}

function rowDocument({ Row, Query }: RowDiff): object {
  return { Row: Row && new Map(Object.entries(Row)), Query: Query || undefined };
}
