import type { Row } from "../vreplication/apply.js";
import { valueComparator } from "./compare-values.js";
import type { Rows } from "./row-stream.js";
import type { TableDiffPlan } from "./table-plan.js";
import type { VDiffVersion } from "./versions.js";

export type CompareRows = (a: Row, b: Row) => number;

/** Rows of two streams by their keys; without a key all rows are alike. */
export function keyComparator({ keys, version }: TableDiffPlan, left: Rows, right: Rows): CompareRows {
  return columnsComparator(keys, version, left, right);
}

/** Rows of two streams by everything but their keys, text by its bytes. */
export function restComparator({ keys, columns, version }: TableDiffPlan, left: Rows, right: Rows): CompareRows {
  const isKey = new Set(keys.map(({ index }) => index));
  const rest = [...columns.keys()].filter((index) => !isKey.has(index));
  return columnsComparator(
    rest.map((index) => ({ index, collation: undefined })),
    version,
    left,
    right,
  );
}

interface ComparedColumn {
  index: number;
  collation: string | undefined;
}

function columnsComparator(
  columns: readonly ComparedColumn[],
  { byMeaning }: VDiffVersion,
  left: Rows,
  right: Rows,
): CompareRows {
  const comparators = columns.map(({ index, collation }) => {
    const compare = valueComparator(left.fields[index] ?? {}, right.fields[index] ?? {}, collation, byMeaning);
    return (a: Row, b: Row) => compare(a[index] ?? null, b[index] ?? null);
  });
  return (a, b) => {
    for (const compare of comparators) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}
