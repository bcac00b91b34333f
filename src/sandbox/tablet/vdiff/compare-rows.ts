import type { Row } from "../vreplication/apply.js";
import { valueComparator } from "./compare-values.js";
import type { Rows } from "./row-stream.js";
import type { TableDiffPlan } from "./table-plan.js";

export type CompareRows = (a: Row, b: Row) => number;

/** Rows of two streams by their keys; without a key all rows are alike. */
export function keyComparator({ keys }: TableDiffPlan, left: Rows, right: Rows): CompareRows {
  return columnsComparator(keys, left, right);
}

/** Rows of two streams by everything but their keys, text by its bytes. */
export function restComparator({ keys, columns }: TableDiffPlan, left: Rows, right: Rows): CompareRows {
  const isKey = new Set(keys.map(({ index }) => index));
  const rest = [...columns.keys()].filter((index) => !isKey.has(index));
  return columnsComparator(
    rest.map((index) => ({ index, collation: undefined })),
    left,
    right,
  );
}

interface ComparedColumn {
  index: number;
  collation: string | undefined;
}

function columnsComparator(columns: readonly ComparedColumn[], left: Rows, right: Rows): CompareRows {
  const comparators = columns.map(({ index, collation }) => {
    const compare = valueComparator(left.fields[index] ?? {}, right.fields[index] ?? {}, collation);
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
