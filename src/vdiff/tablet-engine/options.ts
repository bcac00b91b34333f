import type { VDiffOptions } from "../../wire/generated/tabletmanagerdata/VDiffOptions.js";

/** What can be asked of the tablets' VDiff. Times in milliseconds. */
export interface EngineOptions {
  /** None means all. */
  tables: string[];
  /** Cells of the source cluster, and of the target's; none means all. */
  sourceCells: string[];
  targetCells: string[];
  /** Undefined: see chooseTablets. */
  tabletTypes: string | undefined;
  /** For each table and shard; undefined means all rows. */
  maxRows: number | undefined;
  /** For a tablet to catch up with a position. */
  waitMs: number;
  /** Extra rows of each side that are kept to be matched once more at the table's end. */
  maxExtraRowsToCompare: number;
  /** Samples in the report; 0 means no limit (v19 and later; ten before). */
  maxReportSampleRows: number;
  /** A table's comparison is begun anew, where it was, after this time; 0 means never (v19 and later). */
  maxDiffMs: number;
  /** Errors that may pass are tried again. Undefined: see retryByDefault. */
  autoRetry: boolean | undefined;
  /** ANALYZE TABLE first, for better estimates (v17 and later). */
  updateTableStats: boolean;
  /** False creates it stopped, to be resumed later (v21 and later). */
  autoStart: boolean;
  onlyPks: boolean;
  debugQuery: boolean;
  /** What the summary was asked for as: the tablets store it, and do nothing else with it. */
  format: string;
  /** Longer values are cut in samples; 0 never cuts (v21 and later; before, at 64 bytes). */
  rowDiffColumnTruncateAt: number;
}

/** Where rows are read, as the tablets' picker takes it. */
export interface TabletChoice {
  sourceCells: string[];
  targetCells: string[];
  tabletTypes: string;
}

const MAX_INT64 = "9223372036854775807";

/**
 * The message with all three parts and every field: tablets take zeros as they are, and one without a part crashes them
 * (go/vt/vttablet/tabletmanager/vdiff/action.go). Defaults are vtctldclient's (v22).
 */
export function engineMessage(options: EngineOptions & { autoRetry: boolean }, choice: TabletChoice): VDiffOptions {
  return {
    picker_options: {
      tablet_types: choice.tabletTypes,
      source_cell: choice.sourceCells.join(","),
      target_cell: choice.targetCells.join(","),
    },
    core_options: {
      tables: options.tables.join(","),
      auto_retry: options.autoRetry,
      max_rows: options.maxRows === undefined ? MAX_INT64 : String(options.maxRows),
      // Neither was ever built in any version.
      checksum: false,
      sample_pct: "100",
      timeout_seconds: String(seconds(options.waitMs)),
      max_extra_rows_to_compare: String(options.maxExtraRowsToCompare),
      update_table_stats: options.updateTableStats,
      max_diff_seconds: String(seconds(options.maxDiffMs)),
      auto_start: options.autoStart,
    },
    report_options: {
      only_pks: options.onlyPks,
      debug_query: options.debugQuery,
      format: options.format,
      max_sample_rows: String(options.maxReportSampleRows),
      row_diff_column_truncate_at: String(options.rowDiffColumnTruncateAt),
    },
  };
}

/** Whole ones; what is less than one must not become none. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
