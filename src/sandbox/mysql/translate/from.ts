/** FROM: tables, views, subqueries and joins. */
import { columnFieldType, type Table } from "../catalog.js";
import { errors } from "../errors.js";
import type { TableRef } from "../parse/ast.js";
import { Flags } from "../types/sql-type.js";
import { isUtc } from "../types/time-zone.js";
import { compareSql } from "./compare.js";
import { condition, type OutputColumn, translateQuery } from "./query.js";
import { Scope, type Source, type TranslateContext } from "./scope.js";
import { Coercibility, sqlText, type Typed } from "./typed.js";

/** Adds the sources to the scope and returns what stands behind FROM. */
export function fromClause(ref: TableRef, scope: Scope): string {
  switch (ref.kind) {
    case "table":
      return tableSource(ref, scope);
    case "derived": {
      const translated = translateQuery(ref.query, scope.parent ?? scope);
      return querySource(`(${translated.sql})`, translated.columns, ref.alias, scope, ref.columns);
    }
    case "join":
      return join(ref, scope);
  }
}

function tableSource(ref: Extract<TableRef, { kind: "table" }>, scope: Scope): string {
  const { context } = scope;
  const { name } = ref.name;
  const named = ref.name.database === undefined ? scope.findNamed(name) : undefined;
  if (named) {
    const sql = named.recursiveName ?? `(${named.sql})`;
    return querySource(sql, named.columns, ref.alias ?? name, scope);
  }
  const database = ref.name.database ?? context.database;
  if (database === undefined) throw errors.noDatabase();
  const view = context.catalog.findView(database, name);
  if (view) {
    const inner = new Scope({ ...context, sql: view.queryText, database });
    const translated = translateQuery(view.query, inner);
    return querySource(`(${translated.sql})`, translated.columns, ref.alias ?? name, scope, view.columns);
  }
  context.prepareTable(database, name);
  const table = context.catalog.table(database, name);
  const sqlAlias = context.nextAlias();
  scope.add(sourceOf(table, ref.alias ?? name, sqlAlias, context));
  return `${table.sqlName} AS ${sqlAlias}`;
}

export function sourceOf(table: Table, alias: string, sqlAlias: string, context: TranslateContext): Source {
  return {
    alias,
    database: table.database,
    base: { table, sqlAlias },
    columns: table.columns.map((column) => ({
      name: column.name,
      invisible: column.invisible,
      typed: {
        sql: columnSql(`${sqlAlias}.${column.sqlName}`, column.type.base, context),
        type: columnFieldType(table, column),
        coercibility: Coercibility.COLUMN,
        origin: { database: table.database, table: alias, orgTable: table.name, orgName: column.name },
        ...(column.type.base === "timestamp" && { inUtc: `${sqlAlias}.${column.sqlName}` }),
      },
    })),
  };
}

/** Timestamps are kept in UTC and shown in the session's zone. */
function columnSql(sql: string, base: string, context: TranslateContext): string {
  return base === "timestamp" && !isUtc(context.timeZone) ? `my_in_zone(${sql}, ${sqlText(context.timeZone)})` : sql;
}

function querySource(
  sql: string,
  columns: readonly OutputColumn[],
  alias: string,
  scope: Scope,
  names?: string[],
): string {
  const sqlAlias = scope.context.nextAlias();
  scope.add({
    alias,
    columns: columns.map(({ name, typed }, i) => ({
      name: names?.[i] ?? name,
      typed: outside(typed, `${sqlAlias}.o${i}`),
    })),
  });
  return `${sql} AS ${sqlAlias}`;
}

/** A query's column seen from outside: no literal, no aggregate, same type. */
function outside(typed: Typed, sql: string): Typed {
  const { type, origin } = typed;
  const kept =
    type.flags & ~(Flags.PRIMARY_KEY | Flags.UNIQUE_KEY | Flags.MULTIPLE_KEY | Flags.PART_KEY | Flags.AUTO_INCREMENT);
  return { sql, type: { ...type, flags: kept }, coercibility: Coercibility.COLUMN, ...(origin && { origin }) };
}

function join(ref: Extract<TableRef, { kind: "join" }>, scope: Scope): string {
  const before = scope.sources.length;
  const left = fromClause(ref.left, scope);
  const between = scope.sources.length;
  const right = fromClause(ref.right, scope);
  const leftSources = scope.sources.slice(before, between);
  const rightSources = scope.sources.slice(between);
  const conditions: string[] = [];
  for (const name of ref.natural ? commonNames(leftSources, rightSources) : (ref.using ?? [])) {
    conditions.push(mergeColumns(name, leftSources, rightSources, ref.type === "right"));
  }
  if (ref.on) conditions.push(condition(ref.on, scope, "on clause"));
  const nullable = ref.type === "left" ? rightSources : ref.type === "right" ? leftSources : [];
  for (const source of nullable) {
    for (const column of source.columns) {
      const { type } = column.typed;
      column.typed = { ...column.typed, type: { ...type, flags: type.flags & ~Flags.NOT_NULL } };
    }
  }
  const word = ref.type === "left" ? "LEFT JOIN" : ref.type === "right" ? "RIGHT JOIN" : "JOIN";
  const rightSql = ref.right.kind === "join" ? `(${right})` : right;
  return `${left} ${word} ${rightSql}${conditions.length > 0 ? ` ON ${conditions.join(" AND ")}` : ref.type === "inner" ? "" : " ON 1"}`;
}

function commonNames(left: readonly Source[], right: readonly Source[]): string[] {
  const names = new Set(right.flatMap((source) => source.columns.map((column) => column.name.toLowerCase())));
  return left
    .flatMap((source) => source.columns.map((column) => column.name))
    .filter((name) => names.has(name.toLowerCase()));
}

/** USING's columns appear once; a right join shows the right side's. */
function mergeColumns(name: string, left: readonly Source[], right: readonly Source[], keepRight: boolean): string {
  const find = (sources: readonly Source[]): Source["columns"][number] => {
    const found = sources
      .flatMap((source) => source.columns)
      .find((column) => column.name.toLowerCase() === name.toLowerCase() && !column.merged);
    if (!found) throw errors.unknownColumn(name, "from clause");
    return found;
  };
  const [a, b] = [find(left), find(right)];
  const test = compareSql("=", a.typed, b.typed);
  (keepRight ? a : b).merged = true;
  return test;
}
