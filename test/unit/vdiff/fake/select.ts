import sqlParser from "node-sql-parser";
import type { FakeRow, FakeTable } from "./table.js";

const parser = new sqlParser.Parser();

interface Node {
  type: string;
  [key: string]: unknown;
}

/** Parses `select a, b from t [where ..] [order by ..]`; the fake answers nothing else. */
export function parseSelect(sql: string): { table: string; columns: string[]; matches: Matcher; orderBy: string[] } {
  const parsed = parser.astify(sql, { database: "MySQL" });
  const ast = (Array.isArray(parsed) ? parsed[0] : parsed) as unknown as {
    from: { table: string }[];
    columns: { expr: { column: string } }[];
    where: Node | null;
    orderby: { expr: { column: string }; type: string }[] | null;
  };
  return {
    table: ast.from[0]?.table ?? "",
    columns: ast.columns.map((column) => column.expr.column),
    matches: (row, table) => ast.where === null || Boolean(evaluate(ast.where, row, table)),
    orderBy: (ast.orderby ?? []).map((term) => term.expr.column),
  };
}

export type Matcher = (row: FakeRow, table: Pick<FakeTable, "columns">) => boolean;

export function parseUpdate(sql: string): { set: Record<string, string | null>; matches: Matcher } {
  const parsed = parser.astify(sql, { database: "MySQL" });
  const ast = (Array.isArray(parsed) ? parsed[0] : parsed) as unknown as {
    set: { column: string; value: Node }[];
    where: Node | null;
  };
  return {
    set: Object.fromEntries(ast.set.map(({ column, value }) => [column, literal(value)])),
    matches: (row, table) => ast.where === null || Boolean(evaluate(ast.where, row, table)),
  };
}

function literal(node: Node): string | null {
  return node.type === "null" ? null : String(node.value).replaceAll("\\'", "'");
}

function evaluate(node: Node, row: FakeRow, table: Pick<FakeTable, "columns">): unknown {
  if (node.type === "column_ref") return row[table.columns.findIndex((column) => column.name === node.column)];
  if (node.type === "expr_list") return (node.value as Node[]).map((item) => evaluate(item, row, table));
  if (node.type !== "binary_expr") return literal(node);
  const left = evaluate(node.left as Node, row, table);
  const right = evaluate(node.right as Node, row, table);
  switch (String(node.operator).toLowerCase()) {
    case "=":
      return left === right;
    case "in":
      return (right as unknown[]).includes(left);
    case "and":
      return Boolean(left) && Boolean(right);
    case "or":
      return Boolean(left) || Boolean(right);
    default:
      throw new Error(`the fake knows no ${String(node.operator)}`);
  }
}
