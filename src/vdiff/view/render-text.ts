import { isQuoted, type SampleRow, type SampleValue, type TableReport } from "../report.js";
import { goQuote } from "./go-text.js";

const CUT_AT = 20;
const CUT_MARK = Buffer.from("...[TRUNCATED]");

/**
 * The text report of VDiff v1 (go/vt/wrangler/vdiff.go, v22: displayReport and formatSampleRow), one table after the
 * other. Lines of ours say why rows differ, and which of them lie on a wrong shard.
 */
export function renderText(reports: readonly TableReport[]): string {
  return reports.map(renderTable).join("");
}

function renderTable(report: TableReport): string {
  const lines = [
    `Summary for table ${report.table}:`,
    `\tProcessedRows: ${report.processedRows}`,
    `\tMatchingRows: ${report.matchingRows}`,
    `\tMismatchedRows: ${report.mismatchedRows}`,
    `\tExtraRowsSource: ${report.extraRowsSource}`,
    `\tExtraRowsTarget: ${report.extraRowsTarget}`,
    ...(report.misplacedRows > 0 ? [`\tMisplacedRows: ${report.misplacedRows}`] : []),
  ];
  report.extraSourceSamples.forEach((row, i) => {
    lines.push(`\tSample extra row in source ${i}:`, ...rowLines(row), "\t\tMissing on: target");
  });
  report.extraTargetSamples.forEach((row, i) => {
    lines.push(`\tSample extra row in target ${i}:`, ...rowLines(row), "\t\tMissing on: source");
  });
  report.mismatchSamples.forEach(({ source, target, differing }, i) => {
    lines.push(`\tSample rows with mismatch ${i}:`);
    lines.push("\t\tSource row:", ...rowLines(source), "\t\tTarget row:", ...rowLines(target));
    lines.push(`\t\tDiffering columns: ${differing.join(", ")}`);
  });
  report.misplacedSamples.forEach(({ row, foundOn, belongsOn }, i) => {
    const place = belongsOn === undefined ? "has no keyspace id" : `belongs on ${belongsOn}`;
    lines.push(`\tSample misplaced row ${i}:`, ...rowLines(row), `\t\tFound on ${foundOn}, ${place}`);
  });
  return `${lines.join("\n")}\n`;
}

function rowLines(row: SampleRow): string[] {
  const values = sortedByLabel(row.values).map(({ label, type, value }) => `\t\t\t ${label}: ${format(type, value)}`);
  return row.query === "" ? values : [...values, `\t\tDebugQuery: ${row.query}`];
}

function format(type: SampleValue["type"], value: SampleValue["value"]): string {
  if (value === null) return "null (NULL_TYPE)";
  if (!isQuoted(type)) return `${value.toString("utf8")} (${type})`;
  const shown = value.length >= CUT_AT ? Buffer.concat([value.subarray(0, CUT_AT), CUT_MARK]) : value;
  return `${goQuote(shown)} (${type})`;
}

/** Go sorts a map's keys by their bytes. */
export function sortedByLabel(values: readonly SampleValue[]): SampleValue[] {
  return [...values].sort((a, b) => Buffer.compare(Buffer.from(a.label), Buffer.from(b.label)));
}
