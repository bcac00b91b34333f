/** Which rows and columns of a table are compared, and by which key (vdiff/table_plan.go). */
import { quoteIdentifierIfNeeded, sqlString } from "../../../wire/sql.js";
import type { Expr, Select } from "../../mysql/parse/ast.js";
import type { ColumnSchema, TableSchema } from "../../mysql/port.js";
import { columnName, conjuncts, parseSql } from "../sql.js";
import type { TabletState } from "../state.js";
import { columnNamed, isNumeric, keyColumns } from "../values.js";
import type { VDiffVersion } from "./versions.js";

export type Side = "source" | "target";

/** One side's query in its parts; both have as many columns. */
interface SideQuery {
  /** What VStreamRows is asked for. */
  query: string;
  /** As they stand in the query. */
  columns: string[];
  from: string;
}

export interface KeyColumn {
  /** Among the compared columns. */
  index: number;
  column: ColumnSchema;
  /** How values are ordered; undefined: by their bytes, numbers as numbers. */
  collation: string | undefined;
  isNumeric: boolean;
}

export interface TableDiffPlan extends Record<Side, SideQuery> {
  version: VDiffVersion;
  table: TableSchema;
  /** The compared columns, as the target has them. */
  columns: ColumnSchema[];
  /** None: rows are compared place by place. */
  keys: KeyColumn[];
}

/** Of streams that convert DATETIME columns. */
export interface TimeZones {
  source: string;
  target: string;
}

/** `query` is the filter's SELECT. Throws Error in Vitess's words. */
export function planTable(state: TabletState, table: TableSchema, query: string, timeZones?: TimeZones): TableDiffPlan {
  const version = state.profile.vdiff;
  const statement = parseSql(query);
  const select = statement.kind === "query" && statement.query.kind === "select" ? statement.query : undefined;
  if (select?.from?.kind !== "table") throw new Error(`unexpected: ${query}`);
  const pairs = select.items.flatMap((item) => selected(item, table, query));
  const columns = pairs.map(({ target }) => {
    const column = columnNamed(table, target);
    if (column !== undefined) return column;
    const where = version.lifecycle ? ` on tablet ${aliasProto(state)}` : "";
    throw new Error(`column ${target.toLowerCase()} not found in table ${table.name}${where}`);
  });
  const { name } = select.from.name;
  const source = pairs.map((pair) => pair.source);
  const target = columns.map((column) => targetColumn(column, timeZones));
  const text = (expr: Expr) => query.slice(expr.start, expr.end);
  const conditions = conjuncts(select.where);
  const kept = version.filtersTarget ? conditions.filter((condition) => !isKeyRange(condition)) : [];
  return {
    version,
    table,
    source: sideQuery(source, name, conditions.map(text)),
    target: sideQuery(target, table.name, kept.map(text)),
    columns,
    keys: keysOf(version, table, columns),
  };
}

/** The target's times are compared as the source's clocks show them (adjustForSourceTimeZone). */
function targetColumn({ name, field }: ColumnSchema, timeZones: TimeZones | undefined): string {
  const column = quoteIdentifierIfNeeded(name);
  if (timeZones === undefined || field.type !== "DATETIME") return column;
  return `convert_tz(${column}, ${sqlString(timeZones.target)}, ${sqlString(timeZones.source)}) as ${column}`;
}

/** An alias as prototext, as Go's %v prints the message. */
export function aliasProto({ identity: { cell, uid } }: TabletState): string {
  return `cell:"${cell}" uid:${uid}`;
}

function selected(item: Select["items"][number], table: TableSchema, query: string) {
  const { expr, alias } = item;
  if (expr.kind === "star") {
    return table.columns.map(({ name }) => ({ source: quoteIdentifierIfNeeded(name), target: name }));
  }
  const text = query.slice(expr.start, expr.end);
  if (alias !== undefined) return [{ source: `${text} as ${quoteIdentifierIfNeeded(alias)}`, target: alias }];
  const name = columnName(expr);
  if (name === undefined) throw new Error(`expression needs an alias: ${text}`);
  return [{ source: quoteIdentifierIfNeeded(name), target: name }];
}

/** The key's order is the tablets' own: they pass over an ORDER BY, and none is sent. */
function sideQuery(columns: string[], table: string, conditions: string[]): SideQuery {
  const from = quoteIdentifierIfNeeded(table);
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return { query: `select ${columns.join(", ")} from ${from}${where}`, columns, from };
}

function isKeyRange(condition: Expr): boolean {
  return condition.kind === "call" && condition.name.toLowerCase() === "in_keyrange";
}

function keysOf(version: VDiffVersion, table: TableSchema, columns: ColumnSchema[]): KeyColumn[] {
  const names = version.keyless === "found" ? keyColumns(table) : table.primaryKey;
  if (names.length === 0 && version.keyless === "refused") {
    throw new Error(`error getting PK column collations for table ${table.name}: empty list supplied for vars2`);
  }
  return names.map((name) => {
    const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    const column = columns[index];
    if (column === undefined) throw new Error(`column ${name} not found in table ${table.name}`);
    const collation = version.collations ? column.collation : undefined;
    return { index, column, collation, isNumeric: isNumeric(column.field) };
  });
}
