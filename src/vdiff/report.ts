import type { Type } from "../wire/generated/query/Type.js";
import type { Value } from "../wire/result.js";

/** A value of a sample row, with the name and type of its column on the side it was read from. */
export interface SampleValue {
  /** The select expression, as vtctlclient labels it: the column's name, back-quoted where Vitess quotes it. */
  label: string;
  type: Type;
  value: Value;
}

export interface SampleRow {
  values: SampleValue[];
  /** A SELECT that shows the row; "" unless asked for. */
  query: string;
}

/**
 * What was found in one table; the counts of VDiff v1 (go/vt/wrangler/vdiff.go, DiffReport). Of a table that every
 * target shard has whole, each shard's copy counts: 50 rows on two shards are 100 processed rows.
 */
export interface TableReport {
  table: string;
  /** The sum of the four counts below. */
  processedRows: number;
  matchingRows: number;
  mismatchedRows: number;
  extraRowsSource: number;
  extraRowsTarget: number;
  /** Rows that tablets sent, both sides and second looks included. */
  rowsRead: number;
  /** Set if checksums were compared: of how many ranges, and those whose rows were read. */
  checksums?: { ranges: number; unequalRanges: number };
  /** At most SAMPLES of each kind. */
  extraSourceSamples: SampleRow[];
  extraTargetSamples: SampleRow[];
  mismatchSamples: { source: SampleRow; target: SampleRow }[];
}

export const SAMPLES = 10;

export function emptyReport(table: string): TableReport {
  return {
    table,
    processedRows: 0,
    matchingRows: 0,
    mismatchedRows: 0,
    extraRowsSource: 0,
    extraRowsTarget: 0,
    rowsRead: 0,
    extraSourceSamples: [],
    extraTargetSamples: [],
    mismatchSamples: [],
  };
}

export function hasDifferences(report: TableReport): boolean {
  return report.mismatchedRows > 0 || report.extraRowsSource > 0 || report.extraRowsTarget > 0;
}

const QUOTED = new Set<string>(
  "TIMESTAMP DATE TIME DATETIME TEXT BLOB VARCHAR VARBINARY CHAR BINARY ENUM SET GEOMETRY JSON VECTOR RAW BIT".split(
    " ",
  ),
);

/** Values that reports print between quotes: sqltypes.IsQuoted, and BIT. */
export function isQuoted(type: string | number): boolean {
  return QUOTED.has(String(type));
}
