import { type Assignments, type Hazard, type NumberedRow, numbered } from "./hazard.js";

/** The number of the row that goes missing. */
const MISSING = 100;

export interface Values {
  name: string;
  /** Columns as in CREATE TABLE. */
  definition: string;
  columns: string;
  /** As in an INSERT; they get the keys 0, 10, 20 .. */
  rows: readonly string[];
  changed: Assignments;
  harmless?: Assignments;
  alteredTo?: string;
}

/** A hazard of the values: a table with an INT as its key, and a twin of its first row to go missing. */
export function valued({ definition, columns, rows, ...others }: Values): Hazard {
  const keyed = numbered(rows).map(({ n, values }): NumberedRow => ({ n, values: `${10 * n}, ${values}` }));
  const twin = { n: MISSING, values: `5, ${rows[1]}` };
  return {
    definition: `k int not null primary key, ${definition}`,
    columns: `k, ${columns}`,
    rows: [...keyed.slice(0, 1), twin, ...keyed.slice(1)],
    missing: MISSING,
    ...others,
  };
}
