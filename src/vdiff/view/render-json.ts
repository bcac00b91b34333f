import { isQuoted, type SampleRow, type SampleValue, type TableReport } from "../report.js";
import { goJsonString } from "./go-text.js";
import { sortedByLabel } from "./render-text.js";

/**
 * The JSON report of VDiff v1 from v14 on: an object by table, one item a line, no indentation, no newline
 * at the end (json.MarshalIndent with empty prefix and indent; keys of go/vt/wrangler/vdiff.go, v22).
 */
export function renderJson(reports: readonly TableReport[]): string {
  return object(reports.map((report) => [text(report.table), renderTable(report)]));
}

function renderTable(report: TableReport): string {
  return object([
    ['"ProcessedRows"', String(report.processedRows)],
    ['"MatchingRows"', String(report.matchingRows)],
    ['"MismatchedRows"', String(report.mismatchedRows)],
    ['"ExtraRowsSource"', String(report.extraRowsSource)],
    ['"ExtraRowsSourceDiffs"', array(report.extraSourceSamples.map(renderRow))],
    ['"ExtraRowsTarget"', String(report.extraRowsTarget)],
    ['"ExtraRowsTargetDiffs"', array(report.extraTargetSamples.map(renderRow))],
    ['"MismatchedRowsSample"', array(report.mismatchSamples.map(renderMismatch))],
    ['"TableName"', text(report.table)],
  ]);
}

function renderMismatch({ source, target }: { source: SampleRow; target: SampleRow }): string {
  return object([
    ['"Source"', renderRow(source)],
    ['"Target"', renderRow(target)],
  ]);
}

function renderRow(row: SampleRow): string {
  const values = sortedByLabel(row.values).map(({ label, type, value }) => [text(label), renderValue(type, value)]);
  return object([
    ['"Row"', object(values)],
    ['"Query"', text(row.query)],
  ]);
}

/** Numbers stay bare (sqltypes.Value.MarshalJSON), in MySQL's digits. */
function renderValue(type: SampleValue["type"], value: SampleValue["value"]): string {
  if (value === null) return "null";
  return isQuoted(type) ? goJsonString(value) : value.toString("utf8");
}

function text(value: string): string {
  return goJsonString(Buffer.from(value));
}

function object(entries: readonly (readonly string[])[]): string {
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([key, value]) => `${key}: ${value}`).join(",\n")}\n}`;
}

function array(items: readonly string[]): string {
  return items.length === 0 ? "null" : `[\n${items.join(",\n")}\n]`;
}
