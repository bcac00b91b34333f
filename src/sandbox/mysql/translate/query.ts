/** SELECT, UNION and WITH into SQLite: every query's columns are named o0, o1, ... */
import { errors } from "../errors.js";
import type { Expr, Limit, OrderItem, Query, Select, SelectItem, Union, With } from "../parse/ast.js";
import { Flags, type SqlType } from "../types/sql-type.js";
import { asBoolean, coerceTo, unify } from "./coerce.js";
import { orderCollate } from "./compare.js";
import { translate } from "./expression.js";
import { fromClause } from "./from.js";
import { literalValue } from "./literals.js";
import { Scope } from "./scope.js";
import { Coercibility, type Typed } from "./typed.js";

export interface OutputColumn {
  name: string;
  /** `sql` is what the query itself selects; outside, the column is `<name>.o<index>`. */
  typed: Typed;
}

export interface TranslatedQuery {
  sql: string;
  columns: OutputColumn[];
  /** An alias that is free for this query. */
  name: string;
}

/** MySQL's "all rows", where an OFFSET needs a LIMIT. */
const NO_LIMIT = "-1";

export function translateQuery(query: Query, outer: Scope): TranslatedQuery {
  const scope = outer.child();
  for (const table of query.with?.tables ?? []) addNamed(table, query.with?.recursive ?? false, scope);
  return query.kind === "select" ? select(query, scope) : union(query, scope);
}

function addNamed(table: With, recursive: boolean, scope: Scope): void {
  const isRecursive = recursive && table.query.kind === "union";
  const translated =
    isRecursive && table.query.kind === "union"
      ? recursiveQuery(table, table.query, scope)
      : translateQuery(table.query, scope);
  scope.named.set(table.name, {
    name: table.name,
    sql: translated.sql,
    columns: renamed(translated.columns, table.columns),
  });
}

function renamed(columns: OutputColumn[], names: string[] | undefined): OutputColumn[] {
  if (names && names.length !== columns.length) throw errors.columnCount(1);
  return columns.map((column, i) => ({ ...column, name: names?.[i] ?? column.name }));
}

/** The first part gives the columns' types; the second one sees the table by its name. */
function recursiveQuery(table: With, query: Union, scope: Scope): TranslatedQuery {
  const first = translateQuery(query.left, scope);
  const name = scope.context.nextAlias();
  const columns = renamed(first.columns, table.columns);
  const inner = scope.child();
  inner.named.set(table.name, { name: table.name, sql: "", recursiveName: name, columns });
  const rest = translateQuery(query.right, inner);
  const differs = columns.some(
    ({ typed }, i) => typed.type.representation !== rest.columns[i]?.typed.type.representation,
  );
  if (rest.columns.length !== columns.length) throw errors.unionColumns();
  if (differs) throw errors.unsupported("recursive query that changes a column's type");
  const parts = `${first.sql} UNION ${query.all ? "ALL " : ""}${rest.sql}`;
  const names = columns.map((_, i) => `o${i}`).join(", ");
  return {
    sql: `WITH RECURSIVE ${name}(${names}) AS (${parts}) SELECT * FROM ${name}`,
    columns,
    name: scope.context.nextAlias(),
  };
}

function select(query: Select, scope: Scope): TranslatedQuery {
  const from = query.from ? fromClause(query.from, scope) : undefined;
  const where = query.where && condition(query.where, scope, "where clause");
  scope.clause = "field list";
  const columns = query.items.flatMap((item) => selectItem(item, scope));
  scope.aliases = columns.map((column) => ({ name: column.name, typed: column.typed }));

  const groupBy = query.groupBy.map((expr) => groupItem(expr, scope, columns));
  scope.clause = "having clause";
  const having = query.having && asBoolean(translate(query.having, aliasScope(scope)));
  const orderBy = query.orderBy.map((item) => orderItem(item, scope, columns, "order clause"));

  const list = columns.map(({ typed }, i) => `${typed.sql}${query.distinct ? orderCollate(typed) : ""} AS o${i}`);
  const isAggregate =
    columns.some(({ typed }) => typed.isAggregate) || (query.having !== undefined && groupBy.length === 0);
  const clauses = [
    `SELECT ${query.distinct ? "DISTINCT " : ""}${list.join(", ")}`,
    from ? `FROM ${from}` : "",
    where ? `WHERE ${where}` : "",
    groupBy.length > 0 ? `GROUP BY ${groupBy.join(", ")}` : "",
    having ? `${groupBy.length > 0 || isAggregate ? "HAVING" : "WHERE"} ${having}` : "",
    orderBy.length > 0 ? `ORDER BY ${orderBy.join(", ")}` : "",
    limitClause(query.limit, scope),
  ];
  return { sql: clauses.filter((clause) => clause !== "").join(" "), columns, name: scope.context.nextAlias() };
}

export function condition(expr: Expr, scope: Scope, clause: string): string {
  scope.clause = clause;
  const translated = translate(expr, scope);
  if (translated.isAggregate && clause !== "having clause") throw errors.invalidGroupFunction();
  return asBoolean(translated);
}

function selectItem(item: SelectItem, scope: Scope): OutputColumn[] {
  const { expr } = item;
  if (expr.kind === "star") {
    if (scope.sources.length === 0) throw errors.syntax("*", 1);
    return scope.star(expr.table, expr.database).map(({ name, typed }) => ({ name, typed }));
  }
  const typed = translate(expr, scope);
  return [{ name: item.alias ?? columnName(expr, typed, scope), typed }];
}

/** Without an alias: a column's own name, or the expression as it was written. */
function columnName(expr: Expr, typed: Typed, scope: Scope): string {
  if (expr.kind === "column") return typed.origin?.database === "information_schema" ? typed.origin.orgName : expr.name;
  if (expr.kind === "string") return expr.value;
  return scope.context.sql.slice(expr.start, expr.end);
}

/** Aliases shadow columns in HAVING and ORDER BY. */
function aliasScope(scope: Scope): Scope {
  const child = scope.child();
  child.clause = scope.clause;
  child.add({ alias: "", columns: distinctAliases(scope).map(({ name, typed }) => ({ name, typed })) });
  return child;
}

function distinctAliases(scope: Scope): Scope["aliases"] {
  const seen = new Set<string>();
  return scope.aliases.filter(({ name }) => {
    const key = name.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function position(expr: Expr, columns: readonly OutputColumn[], clause: string): OutputColumn | undefined {
  const value = expr.kind === "number" ? literalValue(expr) : undefined;
  if (typeof value !== "bigint") return undefined;
  const column = columns[Number(value) - 1];
  if (!column) throw errors.unknownColumn(String(value), clause);
  return column;
}

function groupItem(expr: Expr, scope: Scope, columns: OutputColumn[]): string {
  scope.clause = "group statement";
  const byPosition = position(expr, columns, scope.clause);
  const typed = byPosition?.typed ?? groupColumn(expr, scope);
  if (typed.isAggregate) throw errors.invalidGroupFunction();
  // A constant would be read as a position.
  return typed.literal === undefined ? `${typed.sql}${orderCollate(typed)}` : `+(${typed.sql})`;
}

/** GROUP BY prefers the table's column to an alias of the same name. */
function groupColumn(expr: Expr, scope: Scope): Typed {
  try {
    return translate(expr, scope);
  } catch (error) {
    const alias = expr.kind === "column" && expr.table === undefined ? scope.findAlias(expr.name) : undefined;
    if (alias) return alias;
    throw error;
  }
}

export function orderItem(item: OrderItem, scope: Scope, columns: readonly OutputColumn[], clause: string): string {
  scope.clause = clause;
  const byPosition = position(item.expr, columns, clause);
  const typed = byPosition?.typed ?? translate(item.expr, aliasScope(scope));
  const value = typed.literal === undefined ? `${typed.sql}${orderCollate(typed)}` : `+(${typed.sql})`;
  return `${value}${item.descending ? " DESC" : ""}`;
}

export function limitClause(limit: Limit | undefined, scope: Scope): string {
  if (!limit) return "";
  const count = limitValue(limit.count, scope);
  return limit.offset ? `LIMIT ${count} OFFSET ${limitValue(limit.offset, scope)}` : `LIMIT ${count}`;
}

function limitValue(expr: Expr, scope: Scope): string {
  const value = literalValue(expr) ?? translate(expr, scope).literal;
  if (typeof value !== "bigint" || value < 0n) throw errors.syntax(scope.context.sql.slice(expr.start), 1);
  return value >= 1n << 63n ? NO_LIMIT : String(value);
}

function union(query: Union, scope: Scope): TranslatedQuery {
  const left = translateQuery(query.left, scope);
  const right = translateQuery(query.right, scope);
  if (left.columns.length !== right.columns.length) throw errors.unionColumns();
  const columns = left.columns.map((column, i): OutputColumn => {
    const type = unionType(column.typed, right.columns[i]?.typed ?? column.typed);
    return { name: column.name, typed: { sql: `o${i}`, type, coercibility: Coercibility.COLUMN } };
  });
  const part = (each: TranslatedQuery): string => {
    const list = columns.map(({ typed }, i) => {
      const inner = each.columns[i]?.typed ?? typed;
      return `${coerceTo({ ...inner, sql: `${each.name}.o${i}` }, typed.type)}${orderCollate(typed)} AS o${i}`;
    });
    return `SELECT ${list.join(", ")} FROM (${each.sql}) AS ${each.name}`;
  };
  const name = scope.context.nextAlias();
  let sql = `SELECT * FROM (${part(left)} UNION ${query.all ? "ALL " : ""}${part(right)}) AS ${name}`;
  if (query.orderBy.length > 0) {
    const order = new Scope(scope.context, scope);
    order.add({
      alias: "",
      columns: columns.map(({ name: column, typed }, i) => ({
        name: column,
        typed: { ...typed, sql: `${name}.o${i}` },
      })),
    });
    const positions = columns.map((column, i) => ({ ...column, typed: { ...column.typed, sql: `${name}.o${i}` } }));
    sql += ` ORDER BY ${query.orderBy.map((item) => orderItem(item, order, positions, "order clause")).join(", ")}`;
  }
  const limit = limitClause(query.limit, scope);
  return { sql: limit === "" ? sql : `${sql} ${limit}`, columns, name: scope.context.nextAlias() };
}

function unionType(left: Typed, right: Typed): SqlType {
  const type = unify([left, right]);
  const nullable = (left.type.flags & right.type.flags & Flags.NOT_NULL) === 0;
  return { ...type, flags: nullable ? type.flags & ~Flags.NOT_NULL : type.flags | Flags.NOT_NULL };
}
