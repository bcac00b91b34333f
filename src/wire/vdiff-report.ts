/**
 * What a tablet's VDiff found in a table: the JSON of `_vt.vdiff_table.report`, with the keys that Go's encoding/json gives
 * it (go/vt/vttablet/tabletmanager/vdiff/report.go, v14 to v24). Empty lists are left out.
 */
export interface DiffReport {
  TableName: string;
  ProcessedRows: number;
  MatchingRows: number;
  MismatchedRows: number;
  ExtraRowsSource: number;
  ExtraRowsTarget: number;
  ExtraRowsSourceSample?: RowDiff[];
  ExtraRowsTargetSample?: RowDiff[];
  MismatchedRowsSample?: { Source?: RowDiff; Target?: RowDiff }[];
}

export interface RowDiff {
  /** By the column's text in the query. Values are cut as `-row_diff_column_truncate_at` says; a NULL is "". */
  Row?: Record<string, string>;
  /** With debug_query. */
  Query?: string;
}
