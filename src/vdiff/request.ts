import type { ChecksumOptions, RowOptions } from "./compare-tables.js";
import type { Proof } from "./report.js";

/** What is to be compared, and how. */
export interface VdiffRequest extends RowOptions, ChecksumOptions {
  keyspace: string;
  workflow: string;
  /** None means all. */
  tables: string[];
  /** Cells of the source cluster; none means all of them. */
  sourceCells: string[];
  targetCells: string[];
  tabletTypes: string;
  /** For each wait of the run, in milliseconds. */
  waitMs: number;
  /** How long to wait for the keyspace's lock, in milliseconds. */
  lockMs: number;
  /** Read every row, instead of those alone whose ranges have unequal checksums. */
  full: boolean;
  /** Rows to compare at most, all tables together: less than all means that rows are read. */
  limit: number;
  /** Wait until the copy is done; 0 waits without limit. */
  waitForCopyMs: number | undefined;
}

/** A limit counts rows, so they are read. */
export function proofOf({ full, limit }: Pick<VdiffRequest, "full" | "limit">): Proof {
  return full || limit < Number.MAX_SAFE_INTEGER ? "rows" : "checksums";
}
