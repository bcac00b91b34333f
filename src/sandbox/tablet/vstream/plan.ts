/**
 * What a filter's SELECT makes of a table's rows (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go): which
 * columns, in which order and under which names, and which rows.
 */
import type { Field } from "../../../wire/generated/query/Field.js";
import { keyRangeContains, parseKeyRange } from "../../../wire/key-range.js";
import type { Value } from "../../../wire/result.js";
import type { Expr, Select } from "../../mysql/parse/ast.js";
import type { ColumnSchema, TableSchema } from "../../mysql/port.js";
import { columnName, conjuncts, literal, parseSql } from "../sql.js";
import type { TabletState } from "../state.js";
import { columnNamed } from "../values.js";
import { comparison } from "./comparison.js";
import { findVindex, type KeyspaceIdOf, type SrvVSchema, tableVindex } from "./vindex.js";

type RowTest = (row: readonly Value[]) => boolean;

export interface StreamPlan {
  table: TableSchema;
  /** Of the result, described as the tablet's version does. */
  fields: Field[];
  /** A row of the result, from a row in table order. */
  project(row: readonly Value[]): Value[];
  accepts: RowTest;
}

/** Throws Error in Vitess's words. */
export async function planQuery(state: TabletState, sql: string): Promise<StreamPlan> {
  const select = parseSelect(sql);
  if (select.from?.kind !== "table") throw new Error(`unsupported: ${sql}`);
  const { name } = select.from.name;
  const table = state.mysql.table(state.dbName, name);
  if (table === undefined) throw new Error(`unknown table ${name} in schema`);
  const columns = selectedColumns(select, table, sql);
  const tests = await Promise.all(conjuncts(select.where).map((condition) => rowTest(state, table, condition)));
  return {
    table,
    fields: columns.map(({ column, name }) => ({ ...streamField(state, column), name })),
    project: (row) => columns.map(({ index }) => row[index] ?? null),
    accepts: (row) => tests.every((test) => test(row)),
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
  name: string;
}

function selectedColumns({ items }: Select, table: TableSchema, sql: string): SelectedColumn[] {
  return items.flatMap(({ expr, alias }) => {
    if (expr.kind === "star" && expr.table === undefined) {
      return table.columns.map((column, index) => ({ column, index, name: column.name }));
    }
    const name = expr.kind === "star" ? undefined : columnName(expr);
    if (name === undefined) throw new Error(`unsupported: ${sql.slice(expr.start, expr.end)}`);
    const { column, index } = findColumn(table, name);
    return [{ column, index, name: alias ?? column.name }];
  });
}

function findColumn(table: TableSchema, name: string): { column: ColumnSchema; index: number } {
  const column = columnNamed(table, name);
  if (column === undefined) throw new Error(`column ${name} not found in table ${table.name}`);
  return { column, index: table.columns.indexOf(column) };
}

async function rowTest(state: TabletState, table: TableSchema, condition: Expr): Promise<RowTest> {
  if (condition.kind === "call" && condition.name === "in_keyrange") return keyRangeTest(state, table, condition.args);
  const name = columnName(subject(condition));
  if (name === undefined) throw new Error("unsupported constraint in WHERE");
  const { column, index } = findColumn(table, name);
  const test = comparison(condition, column.field);
  return (row) => test(row[index] ?? null);
}

/** A comparison's left side. */
function subject(condition: Expr): Expr {
  if (condition.kind === "binary") return condition.left;
  return "operand" in condition && condition.operand !== undefined ? condition.operand : condition;
}

/** in_keyrange('-80'), or in_keyrange(column, ..., 'vindex', '-80'). */
async function keyRangeTest(state: TabletState, table: TableSchema, args: Expr[]): Promise<RowTest> {
  const range = parseKeyRange(textArgument(args.at(-1)));
  const vschema = await srvVSchema(state);
  let names: string[];
  let keyspaceId: KeyspaceIdOf;
  if (args.length === 1) {
    const own = tableVindex(vschema, state.identity.keyspace, table.name);
    names = own.columns;
    keyspaceId = own.keyspaceId;
  } else if (args.length >= 3) {
    names = args.slice(0, -2).map(columnArgument);
    keyspaceId = findVindex(vschema, textArgument(args.at(-2)), unknownDatabase(state));
  } else {
    throw new Error("unexpected in_keyrange parameters");
  }
  const indexes = names.map((name) => findColumn(table, name).index);
  return (row) => {
    const id = keyspaceId(indexes.map((index) => row[index] ?? null));
    return id !== null && keyRangeContains(range, id);
  };
}

function textArgument(node: Expr | undefined): string {
  const text = literal(node);
  if (text === undefined) throw new Error("unexpected in_keyrange parameters");
  return text;
}

function columnArgument(node: Expr): string {
  const name = columnName(node);
  if (name !== undefined) return name;
  throw new Error(node.kind === "column" ? "unsupported qualifier for column" : "unexpected in_keyrange parameters");
}

async function srvVSchema(state: TabletState): Promise<SrvVSchema> {
  const cell = await state.topo.cell(state.identity.cell);
  return cell.get("vschema.SrvVSchema", "SrvVSchema");
}

function unknownDatabase({ profile }: TabletState): (keyspace: string) => string {
  return profile.streams.errorCodes
    ? (keyspace) => `VT05003: unknown database '${keyspace}' in vschema`
    : (keyspace) => `Unknown database '${keyspace}' in vschema`;
}
