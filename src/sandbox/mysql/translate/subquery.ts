import { errors } from "../errors.js";
import type { Expr, Query } from "../parse/ast.js";
import { type ComparisonOperator, comparable, compareSql } from "./compare.js";
import { translate } from "./expression.js";
import { type TranslatedQuery, translateQuery } from "./query.js";
import type { Scope } from "./scope.js";
import { computed, type Typed } from "./typed.js";

function single(query: TranslatedQuery): Typed {
  const [column] = query.columns;
  if (query.columns.length !== 1 || !column) throw errors.operandColumns(1);
  return column.typed;
}

/** A subquery as a value. More than one row is MySQL's error 1242. */
export function subqueryValue(query: Query, scope: Scope): Typed {
  const translated = translateQuery(query, scope);
  const column = single(translated);
  const { name } = translated;
  // The second row, if there is one, makes my_single_row throw.
  const guarded = `(SELECT my_single_row(count(*) OVER (), ${name}.o0) FROM (${translated.sql}) AS ${name} LIMIT 1)`;
  return computed(guarded, column.type, [{ ...column, isAggregate: false }]);
}

export function existsSql(query: Query, scope: Scope): string {
  return `EXISTS (${translateQuery(query, scope).sql})`;
}

export function inQuery(operand: Expr, query: Query, not: boolean, scope: Scope): string {
  const translated = translateQuery(query, scope);
  const items = operand.kind === "row" ? operand.items : [operand];
  if (items.length !== translated.columns.length) throw errors.operandColumns(items.length);
  const pairs = items.map((item, i) => {
    const column = translated.columns[i];
    if (!column) throw errors.operandColumns(items.length);
    return comparable(translate(item, scope), { ...column.typed, sql: `${translated.name}.o${i}` });
  });
  const selected = pairs.map((pair) => `${pair.right}${pair.collate}`).join(", ");
  const rows = `SELECT ${selected} FROM (${translated.sql}) AS ${translated.name}`;
  const left = pairs.map((pair) => `${pair.left}${pair.collate}`).join(", ");
  return `((${left}) ${not ? "NOT " : ""}IN (${rows}))`;
}

/** `a > ALL (...)`, `a = ANY (...)`. NULLs among the rows make the answer NULL, unless another row decides. */
export function quantified(expr: Extract<Expr, { kind: "quantified" }>, operand: Typed, scope: Scope): string {
  const translated = translateQuery(expr.query, scope);
  const column = { ...single(translated), sql: `${translated.name}.o0` };
  const from = `FROM (${translated.sql}) AS ${translated.name}`;
  const test = compareSql(expr.op as ComparisonOperator, operand, column);
  const fold = expr.quantifier === "any" ? "max" : "min";
  const whenEmpty = expr.quantifier === "any" ? 0 : 1;
  const decided = `(SELECT ${fold}(${test}) ${from}) = ${1 - whenEmpty}`;
  const unknown = `EXISTS (SELECT 1 ${from} WHERE ${test} IS NULL)`;
  return `(CASE WHEN ${decided} THEN ${1 - whenEmpty} WHEN ${unknown} THEN NULL ELSE ${whenEmpty} END)`;
}
