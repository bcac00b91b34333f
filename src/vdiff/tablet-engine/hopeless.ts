import type { ShardVdiff } from "./shown.js";

/** Errors that come again however often the tablet tries, and what they mean. */
const HOPELESS: [RegExp, string][] = [
  [
    // reconcileReferenceTables in the tablet's vdiff/workflow_differ.go, v18 to v22.
    /failed to reconcile extra rows/,
    "A table has extra rows: the tablet then looks in its own cluster whether it is a reference table, and fails. Its counts are right, unless equal rows that come in another order are among them, or it was tried again.",
  ],
  [
    // getColumnCollations in the tablet's vdiff/table_plan.go, v17 and v18.
    /error getting PK column collations for table/,
    "Tablets of v17 and v18 compare no table without a primary key. Name the others with -tables, or compare all from here, without an action.",
  ],
];

/** Why no retry can help; undefined where one may. */
export function hopeless({ lastError }: ShardVdiff): string | undefined {
  return HOPELESS.find(([pattern]) => pattern.test(lastError))?.[1];
}
