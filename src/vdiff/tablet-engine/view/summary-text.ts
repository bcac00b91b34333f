import { formatWorkflowName } from "../../../workflow/name.js";
import type { Summary } from "../summary.js";
import type { TableSum } from "../tables.js";
import { formatTime } from "../time.js";

/**
 * vtctlclient's text of one VDiff (go/vt/vtctl/vdiff2.go, v22): tables only when something differs, or with `verbose`.
 * Values with "%" stay whole; vtctlclient prints the text as a format string.
 */
export function renderSummary(summary: Summary, { verbose }: { verbose: boolean }): string {
  const { state, rowsCompared, hasMismatch, startedAt, completedAt, tables } = summary;
  const lines = [
    "",
    `VDiff Summary for ${formatWorkflowName(summary)} (${summary.uuid})`,
    `State:        ${state}`,
    ...shardErrors(summary).map(([shard, text]) => `              Error: (shard ${shard}) ${text}`),
    `RowsCompared: ${rowsCompared}`,
    `HasMismatch:  ${hasMismatch}`,
    `StartedAt:    ${startedAt}`,
    ...progressLines(summary),
    ...(completedAt === "" ? [] : [`CompletedAt:  ${completedAt}`]),
    ...(hasMismatch || verbose ? tables : []).flatMap((table) => [" ", ...tableLines(table)]),
    " ",
    'Use "--format=json" for more detailed output.',
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** What went wrong by shard, sorted by name: also a shard that didn't answer. */
export function shardErrors({ shards, missing }: Summary): [shard: string, text: string][] {
  const failed = shards.filter(({ lastError }) => lastError !== "");
  const errors: [string, string][] = [
    ...failed.map(({ shard, lastError }): [string, string] => [shard, lastError]),
    ...missing.map(({ shard, failure }): [string, string] => [shard, failure.message]),
  ];
  return errors.sort(([a], [b]) => (a < b ? -1 : 1));
}

function progressLines({ progress }: Summary): string[] {
  if (progress === undefined) return [];
  const eta = progress.eta === undefined ? "" : `, ETA: ${formatTime(progress.eta)}`;
  return [`Progress:     ${progress.percentage.toFixed(2)}%${eta}`];
}

function tableLines(table: TableSum): string[] {
  const counts: [string, number, always?: boolean][] = [
    ["ProcessedRows:   ", table.processedRows, true],
    ["MatchingRows:    ", table.matchingRows, true],
    ["MismatchedRows:  ", table.mismatchedRows],
    ["ExtraRowsSource: ", table.extraRowsSource],
    ["ExtraRowsTarget: ", table.extraRowsTarget],
  ];
  const shown = counts.filter(([, count, always]) => always === true || count > 0);
  return [
    `Table ${table.name}:`,
    `\tState:            ${table.state}`,
    ...shown.map(([label, count]) => `\t${label} ${count}`),
  ];
}
