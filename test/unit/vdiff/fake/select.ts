import type { Expr, Select, Update } from "../../../../src/sandbox/mysql/parse/ast.js";
import { parseStatement } from "../../../../src/sandbox/mysql/parse/statement.js";
import type { FakeRow, FakeTable } from "./table.js";

export type Matcher = (row: FakeRow, table: Pick<FakeTable, "columns">) => boolean;

/** Parses `select a, b from t [where ..] [order by ..]`; the fake answers nothing else. */
export function parseSelect(sql: string): { table: string; columns: string[]; matches: Matcher; orderBy: string[] } {
  const { from, items, where, orderBy } = selectOf(sql);
  if (from?.kind !== "table") throw new Error(`the fake reads one table at a time: ${sql}`);
  return {
    table: from.name.name,
    columns: items.map((item) => columnName(item.expr)),
    matches: matcher(where),
    orderBy: orderBy.map((item) => columnName(item.expr)),
  };
}

export function parseUpdate(sql: string): { set: Record<string, string | null>; matches: Matcher } {
  const { set, where } = updateOf(sql);
  return {
    set: Object.fromEntries(set.map(({ column, value }) => [column.name, literal(value)])),
    matches: matcher(where),
  };
}

function selectOf(sql: string): Select {
  const statement = parseStatement(sql);
  if (statement.kind !== "query" || statement.query.kind !== "select") throw new Error(`not a select: ${sql}`);
  return statement.query;
}

function updateOf(sql: string): Update {
  const statement = parseStatement(sql);
  if (statement.kind !== "dml" || statement.dml.kind !== "update") throw new Error(`not an update: ${sql}`);
  return statement.dml;
}

function columnName(expr: { kind: string; name?: string }): string {
  if (expr.kind !== "column" || expr.name === undefined)
    throw new Error(`the fake knows columns only, no ${expr.kind}`);
  return expr.name;
}

function matcher(where: Expr | undefined): Matcher {
  return (row, table) => where === undefined || isTrue(where, row, table);
}

function isTrue(expr: Expr, row: FakeRow, table: Pick<FakeTable, "columns">): boolean {
  if (expr.kind === "in" && Array.isArray(expr.list)) {
    return expr.list.some((item) => value(item, row, table) === value(expr.operand, row, table));
  }
  if (expr.kind !== "binary") throw new Error(`the fake knows no condition ${expr.kind}`);
  switch (expr.op) {
    case "=":
      return value(expr.left, row, table) === value(expr.right, row, table);
    case "and":
      return isTrue(expr.left, row, table) && isTrue(expr.right, row, table);
    case "or":
      return isTrue(expr.left, row, table) || isTrue(expr.right, row, table);
    default:
      throw new Error(`the fake knows no ${expr.op}`);
  }
}

function value(expr: Expr, row: FakeRow, table: Pick<FakeTable, "columns">): string | null | undefined {
  if (expr.kind !== "column") return literal(expr);
  return row[table.columns.findIndex((column) => column.name === expr.name)];
}

function literal(expr: Expr): string | null {
  switch (expr.kind) {
    case "null":
      return null;
    case "string":
      return expr.value;
    case "number":
      return expr.text;
    default:
      throw new Error(`the fake knows no value ${expr.kind}`);
  }
}
