import type { VDiffOptions } from "../../wire/generated/tabletmanagerdata/VDiffOptions.js";
import type { StoredOptions } from "./list.js";
import { type EngineOptions, engineMessage, type TabletChoice } from "./options.js";

/**
 * Fields that were asked for and that the tablet has not stored, by their names in VDiffOptions: its version doesn't know
 * them. Zeros and false are never stored.
 */
export function unknownFields(asked: EngineOptions, stored: StoredOptions): string[] {
  const core = stored.core_options ?? {};
  const report = stored.report_options ?? {};
  return [
    // Optional in the message: false is stored too.
    ...(!asked.autoStart && core.auto_start === undefined ? ["auto_start"] : []),
    ...(asked.updateTableStats && core.update_table_stats === undefined ? ["update_table_stats"] : []),
    ...(asked.maxDiffMs > 0 && core.max_diff_seconds === undefined ? ["max_diff_seconds"] : []),
    ...(changed(asked.maxReportSampleRows, 10) && report.max_sample_rows === undefined ? ["max_sample_rows"] : []),
    ...(neverCut(asked, stored) ||
    (changed(asked.rowDiffColumnTruncateAt, 128) && report.row_diff_column_truncate_at === undefined)
      ? ["row_diff_column_truncate_at"]
      : []),
  ];
}

/** 0 isn't stored, but auto_start always is where the option is known (both since v21). */
function neverCut({ rowDiffColumnTruncateAt }: EngineOptions, { core_options: core }: StoredOptions): boolean {
  return rowDiffColumnTruncateAt === 0 && core?.auto_start === undefined;
}

/** Another than the default, and not 0. */
function changed(value: number, fallback: number): boolean {
  return value !== fallback && value !== 0;
}

/** The same message again: resuming needs all three parts too, and v16 and older take them anew. */
export function storedMessage(stored: StoredOptions): VDiffOptions {
  return engineMessage(readStored(stored), pickerOf(stored));
}

/** What isn't stored was zero or false when it was asked for. */
export function readStored(stored: StoredOptions): EngineOptions & { autoRetry: boolean } {
  const core = stored.core_options ?? {};
  const report = stored.report_options ?? {};
  const { sourceCells, targetCells, tabletTypes } = pickerOf(stored);
  const maxRows = Number(core.max_rows ?? 0);
  return {
    tables: splitList(core.tables),
    sourceCells,
    targetCells,
    tabletTypes,
    maxRows: Number.isSafeInteger(maxRows) ? maxRows : undefined,
    waitMs: 1000 * Number(core.timeout_seconds ?? 0),
    maxExtraRowsToCompare: Number(core.max_extra_rows_to_compare ?? 0),
    maxReportSampleRows: Number(report.max_sample_rows ?? 0),
    maxDiffMs: 1000 * Number(core.max_diff_seconds ?? 0),
    autoRetry: core.auto_retry === true,
    updateTableStats: core.update_table_stats === true,
    autoStart: true,
    onlyPks: report.only_pks === true,
    debugQuery: report.debug_query === true,
    format: String(report.format ?? ""),
    rowDiffColumnTruncateAt: Number(report.row_diff_column_truncate_at ?? 0),
  };
}

function pickerOf({ picker_options: picker = {} }: StoredOptions): TabletChoice {
  return {
    sourceCells: splitList(picker.source_cell),
    targetCells: splitList(picker.target_cell),
    tabletTypes: String(picker.tablet_types ?? ""),
  };
}

function splitList(text: unknown): string[] {
  return String(text ?? "")
    .split(",")
    .filter((part) => part !== "");
}
