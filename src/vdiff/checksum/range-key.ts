import type { Value } from "../../wire/result.js";
import { sqlString } from "../../wire/sql.js";
import { timeLiteral } from "../compare/literals.js";
import type { TablePlan } from "../plan/plan.js";
import { isPlain, type PlannedColumn } from "../plan/table-columns.js";

/** A column that tables are cut along. */
export interface RangeColumn {
  label: string;
  /** SQL for its value, in ASCII whatever the connection's character set. */
  shown: string;
  /** What was shown as an SQL literal for both sides; undefined where none would do. */
  literal(shown: string): string | undefined;
}

/**
 * The leading columns of the primary key that sort alike on both servers, and whose values can be written down: tables are
 * cut into ranges along them. None where the key begins with another column (an ENUM is sorted by its index, a TIMESTAMP
 * shown in the session's time zone), or where whole rows are the key: such a table is one range.
 */
export function rangeKey({ indexedKey, columns }: Pick<TablePlan, "indexedKey" | "columns">): RangeColumn[] {
  const usable: RangeColumn[] = [];
  for (const i of indexedKey) {
    const column = columns[i];
    const range = column === undefined ? undefined : rangeColumn(column);
    if (range === undefined) break;
    usable.push(range);
  }
  return usable;
}

function rangeColumn(column: PlannedColumn): RangeColumn | undefined {
  const { label, sourceType, targetType, sourceCollation, targetCollation } = column;
  if (!isPlain(column)) return undefined;
  const all = (pattern: RegExp) => pattern.test(sourceType) && pattern.test(targetType);
  if (all(/^((tiny|small|medium|big)?int|year|decimal)\b/)) {
    return { label, shown: label, literal: (shown) => shown.replace(/^0+(?=\d)/, "") };
  }
  if (all(/^(date|datetime|time)\b/)) return { label, shown: label, literal: timeLiteral };
  if (all(/^(var)?binary\b/)) return { label, shown: `hex(${label})`, literal: (shown) => `X'${shown}'` };
  if (all(/^(var)?char\b/) && sourceCollation !== undefined && sourceCollation === targetCollation) {
    return { label, shown: `hex(convert(${label} using utf8mb4))`, literal: textLiteral };
  }
  return undefined;
}

/** The column's collation applies: a literal's own is weaker. */
function textLiteral(hex: string): string {
  const text = Buffer.from(hex, "hex").toString("latin1");
  return /^[\w .,:;@/+-]*$/.test(text) ? sqlString(text) : `_utf8mb4 X'${hex}'`;
}

/** A place in a table's order, as a literal for each column of its range key. */
export type Bound = readonly string[];

/** Rows behind `after`, up to and including `upTo`; undefined leaves that end open. */
export interface Span {
  after: Bound | undefined;
  upTo: Bound | undefined;
}

export const EVERYTHING: Span = { after: undefined, upTo: undefined };

/** What a tablet showed of a row, as a place; undefined where it can't be written down. */
export function boundOf(key: readonly RangeColumn[], row: readonly Value[]): Bound | undefined {
  const literals = key.flatMap((column, i) => column.literal(row[i]?.toString("latin1") ?? "") ?? []);
  return literals.length === key.length && !row.includes(null) ? literals : undefined;
}

export function isSameBound(a: Bound | undefined, b: Bound | undefined): boolean {
  return a?.join("\0") === b?.join("\0");
}

/** A WHERE for a span's rows, "" for all of them: spelt out column by column, since MySQL scans the table for tuples. */
export function spanCondition(key: readonly RangeColumn[], { after, upTo }: Span): string {
  const conditions = [
    ...(after === undefined ? [] : [beyond(key, after, ">", "")]),
    ...(upTo === undefined ? [] : [beyond(key, upTo, "<", "=")]),
  ];
  return conditions.join(" and ");
}

function beyond(key: readonly RangeColumn[], bound: Bound, sign: "<" | ">", orEqual: "=" | ""): string {
  const cases = key.map(({ label }, i) => {
    const before = key.slice(0, i).map((column, at) => `${column.label} = ${bound[at]}`);
    const last = i === key.length - 1 ? orEqual : "";
    return [...before, `${label} ${sign}${last} ${bound[i]}`].join(" and ");
  });
  return cases.length === 1 ? cases.join("") : `(${cases.map((each) => `(${each})`).join(" or ")})`;
}

/** Neighbours made one. Spans come in the table's order. */
export function joinNeighbours(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.upTo !== undefined && isSameBound(last.upTo, span.after)) last.upTo = span.upTo;
    else joined.push({ ...span });
  }
  return joined;
}
