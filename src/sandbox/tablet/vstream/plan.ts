/**
 * What a filter's SELECT makes of a table's rows (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go): which
 * columns, in which order and under which names, and which rows.
 */
import type { Field } from "../../../wire/generated/query/Field.js";
import { keyRangeContains, parseKeyRange } from "../../../wire/key-range.js";
import type { Value } from "../../../wire/result.js";
import type { ColumnSchema, TableSchema } from "../../mysql/port.js";
import { columnName, conjuncts, functionCall, isNode, literal, nodes, parseSql, type SqlNode } from "../sql.js";
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
  const select = parseSql(sql);
  const from = nodes(select.from);
  const [source] = from;
  if (select.type !== "select" || from.length !== 1 || typeof source?.table !== "string") {
    throw new Error(`unsupported: ${sql}`);
  }
  if (select.groupby !== null || select.having !== null || select.limit !== null || select.orderby !== null) {
    throw new Error(`unsupported: ${sql}`);
  }
  const table = state.mysql.table(state.dbName, source.table);
  if (table === undefined) throw new Error(`unknown table ${source.table} in schema`);
  const columns = selectedColumns(select, table);
  const tests = await Promise.all(conjuncts(select.where).map((condition) => rowTest(state, table, condition)));
  return {
    table,
    fields: columns.map(({ column, name }) => ({ ...streamField(state, column), name })),
    project: (row) => columns.map(({ index }) => row[index] ?? null),
    accepts: (row) => tests.every((test) => test(row)),
  };
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

function selectedColumns(select: SqlNode, table: TableSchema): SelectedColumn[] {
  return nodes(select.columns).flatMap((item) => {
    const name = columnName(item.expr);
    if (name === undefined) throw new Error(`unsupported: ${JSON.stringify(item.expr)}`);
    if (name === "*") return table.columns.map((column, index) => ({ column, index, name: column.name }));
    const { column, index } = findColumn(table, name);
    return [{ column, index, name: typeof item.as === "string" ? item.as : column.name }];
  });
}

function findColumn(table: TableSchema, name: string): { column: ColumnSchema; index: number } {
  const column = columnNamed(table, name);
  if (column === undefined) throw new Error(`column ${name} not found in table ${table.name}`);
  return { column, index: table.columns.indexOf(column) };
}

async function rowTest(state: TabletState, table: TableSchema, condition: SqlNode): Promise<RowTest> {
  const call = functionCall(condition);
  if (call?.name === "in_keyrange") return keyRangeTest(state, table, call.args);
  const name = columnName(condition.left);
  if (condition.type !== "binary_expr" || name === undefined) throw new Error("unsupported constraint in WHERE");
  const { column, index } = findColumn(table, name);
  const test = comparison(String(condition.operator), column.field, condition.right);
  return (row) => test(row[index] ?? null);
}

/** in_keyrange('-80'), or in_keyrange(column, ..., 'vindex', '-80'). */
async function keyRangeTest(state: TabletState, table: TableSchema, args: SqlNode[]): Promise<RowTest> {
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

function textArgument(node: SqlNode | undefined): string {
  const value = literal(node);
  if (value === undefined) throw new Error("unexpected in_keyrange parameters");
  return value.text;
}

function columnArgument(node: SqlNode): string {
  const name = columnName(node);
  if (name !== undefined) return name;
  throw new Error(
    isNode(node) && node.type === "column_ref"
      ? "unsupported qualifier for column"
      : "unexpected in_keyrange parameters",
  );
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
