/**
 * What a filter's SELECT makes of a table's rows (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go): which
 * columns, in which order and under which names, and which rows.
 */
import { status } from "@grpc/grpc-js";
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { quoteIdentifierIfNeeded } from "../../../wire/sql.js";
import type { Expr, Select } from "../../mysql/parse/ast.js";
import type { ColumnSchema, TableSchema } from "../../mysql/port.js";
import { TabletError } from "../errors.js";
import { columnName, conjuncts, parseSql } from "../sql.js";
import type { TabletState } from "../state.js";
import { columnNamed } from "../values.js";
import { binlogValue } from "./binlog-values.js";
import { comparison } from "./comparison.js";
import { keyRangeTest, type RowTest, type SourceTable } from "./in-key-range.js";

export interface StreamPlan {
  table: TableSchema;
  /** Of the result, described as the tablet's version does. */
  fields: Field[];
  /** A row of the result, from a row in table order. */
  project(row: readonly Value[]): Value[];
  /** The same as events have it. */
  projectEvent(row: readonly Value[]): Value[];
  accepts: RowTest;
  /** SQL that a snapshot reads in a column's stead, by the column's place in the table: convert_tz of it (v15). */
  expressions: ReadonlyMap<number, string>;
}

/** Throws Error or TabletError in Vitess's words. */
export async function planQuery(state: TabletState, sql: string): Promise<StreamPlan> {
  const select = parseSelect(sql);
  if (select.from?.kind !== "table") throw new Error(`unsupported: ${sql}`);
  const { name } = select.from.name;
  const table = state.mysql.table(state.dbName, name);
  if (table === undefined) throw new Error(`table ${name} not found in vttablet schema`);
  const source: SourceTable = { name, sql, find: (column) => findColumn(state, table, column) };
  const tests: RowTest[] = [];
  for (const condition of conjuncts(select.where)) tests.push(await rowTest(state, source, condition));
  const columns = selectedColumns(select, table, source);
  return {
    table,
    fields: columns.map(({ column }) => streamField(state, column)),
    project: (row) => columns.map(({ index }) => row[index] ?? null),
    projectEvent: (row) =>
      columns.map(({ column, index }) => binlogValue(row[index] ?? null, column, state.profile.streams.namedMembers)),
    accepts: (row) => tests.every((test) => test(row)),
    expressions: new Map(columns.flatMap(({ index, sql }) => (sql === undefined ? [] : [[index, sql]]))),
  };
}

function parseSelect(sql: string): Select {
  const statement = parseSql(sql);
  const select = statement.kind === "query" ? statement.query : undefined;
  if (select?.kind !== "select") throw new Error(`unsupported: ${sql}`);
  const { groupBy, having, orderBy, limit } = select;
  if (groupBy.length > 0 || having || orderBy.length > 0 || limit) throw new Error(`unsupported: ${sql}`);
  return select;
}

/** A column as streams describe it (vstreamer.go, getFields). */
function streamField(state: TabletState, column: ColumnSchema): Field {
  return { ...column.field, column_type: state.profile.streams.columnType ? column.columnType : "" };
}

interface SelectedColumn {
  column: ColumnSchema;
  index: number;
  sql?: string;
}

function selectedColumns({ items }: Select, table: TableSchema, { sql, find }: SourceTable): SelectedColumn[] {
  return items.flatMap(({ expr, alias }) => {
    if (expr.kind === "star" && expr.table === undefined) {
      return table.columns.map((column, index) => ({ column, index }));
    }
    const text = sql.slice(expr.start, expr.end);
    if (expr.kind === "call" && expr.name.toLowerCase() === "convert_tz") {
      return [{ ...find(alias ?? ""), sql: text }];
    }
    const name = expr.kind === "star" ? undefined : columnName(expr);
    if (name === undefined) throw new Error(`unsupported: ${text}`);
    const { column, index } = find(name);
    // Aliases are the target's business.
    return [{ column, index }];
  });
}

function findColumn(state: TabletState, table: TableSchema, name: string): { column: ColumnSchema; index: number } {
  const column = columnNamed(table, name);
  if (column !== undefined) return { column, index: table.columns.indexOf(column) };
  const text = `column ${quoteIdentifierIfNeeded(name)} not found in table ${table.name}`;
  throw state.profile.streams.moreErrorCodes ? new TabletError(status.FAILED_PRECONDITION, text) : new Error(text);
}

async function rowTest(state: TabletState, table: SourceTable, condition: Expr): Promise<RowTest> {
  if (condition.kind === "call") {
    if (condition.name.toLowerCase() === "in_keyrange") return keyRangeTest(state, table, condition.args);
    throw new Error(`unsupported constraint: ${table.sql.slice(condition.start, condition.end)}`);
  }
  const name = columnName(subject(condition));
  if (name === undefined) throw new Error("unsupported constraint in WHERE");
  const { column, index } = table.find(name);
  const test = comparison(condition, column.field);
  return (row) => test(row[index] ?? null);
}

/** A comparison's left side. */
function subject(condition: Expr): Expr {
  if (condition.kind === "binary") return condition.left;
  return "operand" in condition && condition.operand !== undefined ? condition.operand : condition;
}
