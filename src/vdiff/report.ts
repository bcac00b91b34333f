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

/** A row of both sides with different values. */
export interface MismatchSample {
  source: SampleRow;
  target: SampleRow;
  /** Labels of the columns that differ, whether they are among the values shown or not. */
  differing: string[];
}

/** A row on another shard of the target than that of its keyspace id. */
export interface MisplacedSample {
  row: SampleRow;
  /** Names of shards; `belongsOn` is undefined where the vindex has no keyspace id for the row. */
  foundOn: string;
  belongsOn: string | undefined;
}

/**
 * "rows": every row of both sides was read, each table at one position. "checksums": ranges of keys had equal checksums at
 * some moment, and the rows of those that stayed unequal were read.
 */
export type Proof = "rows" | "checksums";

/** Whether the shards on which the target's rows lie were looked at. */
export type Placement =
  | {
      checked: true;
      /** "ours (customer_id)" */
      vindex: string;
      /** How many rows: where a limit ended the comparison, all that had come by then, which may be more than it took. */
      rows: number;
    }
  | {
      checked: false;
      reason: string;
      /** No row could lie on a wrong shard. */
      needless: boolean;
    };

/**
 * What was found in one table; the counts of VDiff v1 (go/vt/wrangler/vdiff.go, DiffReport). Of a table that every
 * target shard has whole, each shard's copy counts: 50 rows on two shards are 100 processed rows.
 */
export interface TableReport {
  table: string;
  /** Every row of both sides was looked at: false where -limit ended it. */
  whole: boolean;
  /** Columns of the target that aren't compared: both sides generate them, or no stream fills them. */
  uncomparedColumns: string[];
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
  mismatchSamples: MismatchSample[];
  placement: Placement;
  /** These are among the rows counted above as well: as matching ones, or, beside a copy in the right place, as extra ones. */
  misplacedRows: number;
  /** At most SAMPLES. */
  misplacedSamples: MisplacedSample[];
}

export const SAMPLES = 10;

/** Of a table of which nothing was looked at. */
export function emptyReport(table: string, uncomparedColumns: string[] = []): TableReport {
  return {
    table,
    whole: false,
    uncomparedColumns,
    processedRows: 0,
    matchingRows: 0,
    mismatchedRows: 0,
    extraRowsSource: 0,
    extraRowsTarget: 0,
    rowsRead: 0,
    extraSourceSamples: [],
    extraTargetSamples: [],
    mismatchSamples: [],
    placement: { checked: false, reason: "not every row was read", needless: false },
    misplacedRows: 0,
    misplacedSamples: [],
  };
}

export function hasDifferences(report: TableReport): boolean {
  const { mismatchedRows, extraRowsSource, extraRowsTarget, misplacedRows } = report;
  return mismatchedRows > 0 || extraRowsSource > 0 || extraRowsTarget > 0 || misplacedRows > 0;
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
