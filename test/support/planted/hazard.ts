import { quoteIdentifier } from "../../../src/wire/sql.js";

/**
 * One way in which equal rows could pass for different, or different rows for equal. It becomes a table, which is copied,
 * and in which differences are then planted on the target: see `expectedReport`.
 */
export interface Hazard {
  /** Of the table. */
  name: string;
  /** Columns and keys as in CREATE TABLE; n, the row's number, is added. */
  definition: string;
  /** The columns that `rows` give, as in an INSERT. */
  columns: string;
  /** In the order of the key. The first and the last row are not copied: they are what the target has too much. */
  rows: readonly NumberedRow[];
  /** The number of the first or the last row that is copied: the target loses it. */
  missing: number;
  /** What makes a row of the target another: an UPDATE's assignments by the row's number. */
  changed: Assignments;
  /** The same for rows that then mean what they meant. */
  harmless?: Assignments;
  /** The same for rows that then have another key: one row is missing, another is left over. */
  rekeyed?: Assignments;
  /** Without a primary key a changed row is one that is missing and one that is left over. */
  keyless?: boolean;
  /** What becomes of the target's table after the copy, behind "alter table .. ". */
  alteredTo?: string;
}

export interface NumberedRow {
  n: number;
  /** As in an INSERT. */
  values: string;
}

export type Assignments = Readonly<Record<number, string>>;

export function numbered(rows: readonly string[]): NumberedRow[] {
  return rows.map((values, n) => ({ n, values }));
}

/** What the source has. */
export function sourceStatements(hazard: Hazard): string[] {
  const table = quoteIdentifier(hazard.name);
  return [`create table ${table} (${hazard.definition}, n int not null)`, insertOf(hazard, hazard.rows.slice(1, -1))];
}

/** Makes the target's definition another than the source's. */
export function definitionStatements({ name, alteredTo }: Hazard): string[] {
  return alteredTo === undefined ? [] : [`alter table ${quoteIdentifier(name)} ${alteredTo}`];
}

/** Makes the target's rows other ones. */
export function plantingStatements(hazard: Hazard): string[] {
  const table = quoteIdentifier(hazard.name);
  const one = hazard.keyless ? " limit 1" : "";
  return [
    ...plantedChanges(hazard).map(([n, assignments]) => `update ${table} set ${assignments} where n = ${n}${one}`),
    `delete from ${table} where n = ${hazard.missing}${one}`,
    insertOf(hazard, ends(hazard)),
  ];
}

/** What a comparison finds in one table: numbers of rows, sorted. */
export interface Found {
  matching: number;
  mismatched: number[];
  missing: number[];
  extra: number[];
}

export function expectedWhenEqual({ rows }: Hazard): Found {
  return { matching: rows.length - 2, mismatched: [], missing: [], extra: [] };
}

/** One end is missing, the other and most of what lies between is changed, and beyond both ends a row is left over. */
export function expectedReport(hazard: Hazard): Found {
  const { rows, harmless, rekeyed, keyless, missing } = hazard;
  const different = plantedChanges(hazard)
    .map(([n]) => n)
    .filter((n) => harmless?.[n] === undefined);
  const moved = different.filter((n) => keyless || rekeyed?.[n] !== undefined);
  return {
    matching: rows.length - 3 - different.length,
    mismatched: different.filter((n) => !moved.includes(n)),
    missing: sorted([missing, ...moved]),
    extra: sorted([...ends(hazard).map(({ n }) => n), ...moved]),
  };
}

function insertOf({ name, columns }: Hazard, rows: readonly NumberedRow[]): string {
  const values = rows.map((row) => `(${row.values}, ${row.n})`);
  return `insert into ${quoteIdentifier(name)} (${columns}, n) values ${values.join(", ")}`;
}

function ends({ rows }: Hazard): NumberedRow[] {
  return [...rows.slice(0, 1), ...rows.slice(-1)];
}

/** By the row's number; without the row that is missing. */
function plantedChanges({ changed, harmless, rekeyed, missing }: Hazard): [number, string][] {
  const all = Object.entries({ ...changed, ...harmless, ...rekeyed });
  return all.map(([n, assignments]): [number, string] => [Number(n), assignments]).filter(([n]) => n !== missing);
}

function sorted(numbers: number[]): number[] {
  return numbers.sort((a, b) => a - b);
}
