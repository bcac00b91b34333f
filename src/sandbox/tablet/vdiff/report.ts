/** What is counted of a table, and samples of rows, as JSON in `_vt.vdiff_table.report` (vdiff/report.go). */
import { sqlString } from "../../../wire/sql.js";
import type { DiffReport, RowDiff } from "../../../wire/vdiff-report.js";
import type { Row } from "../vreplication/apply.js";
import type { VDiffOptions } from "./options.js";
import type { Side, TableDiffPlan } from "./table-plan.js";

/** `stored` is what an earlier run has saved; "" for none. */
export function openReport(table: string, stored: string): DiffReport {
  const empty = { ProcessedRows: 0, MatchingRows: 0, MismatchedRows: 0, ExtraRowsSource: 0, ExtraRowsTarget: 0 };
  return { ...empty, ...(stored === "" ? {} : JSON.parse(stored)), TableName: table };
}

export function reportJson(report: DiffReport): string {
  const kept = Object.entries(report).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return JSON.stringify(Object.fromEntries(kept));
}

/** A row under the column names of one side's query, whichever side it comes from. */
export function sample(plan: TableDiffPlan, side: Side, row: Row, options: VDiffOptions): RowDiff {
  const { columns } = plan[side];
  const shown = options.onlyPks && plan.version.lifecycle ? plan.keys.map(({ index }) => index) : columns.keys();
  const isKey = new Set(plan.keys.map(({ index }) => index));
  const entries = [...shown].map((index) => {
    const value = row[index] ?? Buffer.alloc(0);
    const limit = truncation(plan, options, isKey.has(index));
    return [columns[index] ?? "", limit === 0 ? value.toString("utf8") : truncate(value, limit)] as const;
  });
  const found: RowDiff = { Row: Object.fromEntries(entries) };
  if (options.debugQuery) found.Query = debugQuery(plan, side, row, options);
  return found;
}

const NOTATION = "...[TRUNCATED]";

/** Where a value is cut, in bytes; 0: not at all. */
function truncation(plan: TableDiffPlan, options: VDiffOptions, isKey: boolean): number {
  if (plan.version.cutsByOption) return isKey ? 0 : options.truncateAt;
  return options.onlyPks ? 0 : 30;
}

/** Only where more is saved than the notation takes. */
function truncate(value: Buffer, limit: number): string {
  if (value.length < limit + NOTATION.length + 20) return value.toString("utf8");
  return `${value.toString("utf8", 0, limit)}${NOTATION}`;
}

/** The SELECT that finds the row again. */
function debugQuery(plan: TableDiffPlan, side: Side, row: Row, options: VDiffOptions): string {
  const { columns, from } = plan[side];
  const keys = plan.keys.map(({ index, isNumeric }) => {
    const value = row[index]?.toString("utf8");
    const literal = value === undefined ? "null" : isNumeric ? value : sqlString(value);
    return { name: columns[index] ?? "", literal };
  });
  const shown = options.onlyPks ? keys.map(({ name }) => name) : columns;
  const where = keys.map(({ name, literal }) => `${name}=${literal}`).join(" AND ");
  return `select ${shown.join(", ")} from ${from} where ${where};`;
}
