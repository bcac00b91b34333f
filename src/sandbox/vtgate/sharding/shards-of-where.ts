import type { Expr, TableRef } from "../../mysql/parse/ast.js";
import { type Literal, literalOf } from "./literal.js";
import { destinationOf, type ShardedTable, shardsOf } from "./placement.js";

/**
 * The shards that rows for a WHERE can be in: `=` or IN with constants on the vindex columns chooses, every other
 * condition leaves all of them (go/vt/vtgate/planbuilder/operators/sharded_routing.go). Of a vindex over several
 * columns the first ones do when the vindex makes a range of them. `names` are those that the table goes by in the
 * query; they and columns are compared without regard to case.
 */
export function shardsOfWhere(
  where: Expr | undefined,
  table: ShardedTable,
  names: readonly string[],
  shards: readonly string[],
): readonly string[] {
  const conditions = conjuncts(where);
  let rows: Literal[][] = [[]];
  for (const column of table.columns) {
    const values = valuesOf(conditions, column, names);
    if (values === undefined) break;
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  if (rows[0]?.length === 0) return shards;
  const found = new Set(rows.flatMap((row) => shardsOf(destinationOf(table, row), shards)));
  return shards.filter((shard) => found.has(shard));
}

function conjuncts(expr: Expr | undefined): Expr[] {
  if (expr === undefined) return [];
  if (expr.kind === "binary" && expr.op === "and") return [...conjuncts(expr.left), ...conjuncts(expr.right)];
  return [expr];
}

/** What a column must be equal to; undefined when nothing says it. NULL is equal to nothing. */
function valuesOf(conditions: Expr[], column: string, names: readonly string[]): Literal[] | undefined {
  const isColumn = (expr: Expr) =>
    expr.kind === "column" &&
    expr.name.toLowerCase() === column.toLowerCase() &&
    (expr.table === undefined || names.includes(expr.table.toLowerCase()));
  for (const condition of conditions) {
    const given = comparedWith(condition, isColumn)?.map(literalOf);
    if (given === undefined) continue;
    const literals = given.filter((literal) => literal !== undefined);
    if (literals.length === given.length) return literals.filter(({ value }) => value !== null);
  }
  return undefined;
}

function comparedWith(condition: Expr, isColumn: (expr: Expr) => boolean): Expr[] | undefined {
  if (condition.kind === "binary" && condition.op === "=") {
    if (isColumn(condition.left)) return [condition.right];
    return isColumn(condition.right) ? [condition.left] : undefined;
  }
  if (condition.kind !== "in" || condition.not || !Array.isArray(condition.list)) return undefined;
  return isColumn(condition.operand) ? condition.list : undefined;
}

/** What columns of a table can be qualified with, in lower case. */
export function namesOf({ name, alias }: Extract<TableRef, { kind: "table" }>): string[] {
  return [(alias ?? name.name).toLowerCase()];
}
