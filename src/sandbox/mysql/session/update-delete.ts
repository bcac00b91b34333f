import type { Table } from "../catalog.js";
import { errors } from "../errors.js";
import type { Delete, TableName, TableRef, Update } from "../parse/ast.js";
import type { RowKey } from "../row-store.js";
import { coerceTo } from "../translate/coerce.js";
import { translate } from "../translate/expression.js";
import { fromClause } from "../translate/from.js";
import { condition, limitClause, orderItem } from "../translate/query.js";
import { Scope, type Source } from "../translate/scope.js";
import type { Stored } from "../types/datum.js";
import { toDatum } from "../types/print.js";
import type { SqlType } from "../types/sql-type.js";
import { storeValue } from "../types/store.js";
import type { WriteResult } from "./insert.js";
import { RowWriter } from "./row-writer.js";
import type { StatementContext } from "./statement-context.js";

/** A table whose rows are changed: its place among the sources and its columns in the SELECT. */
interface Target {
  table: Table;
  source: Source;
  writer: RowWriter;
  /** "a1": the table's alias in SQLite. */
  sqlAlias: string;
}

/** UPDATE of one or several tables. */
export function runUpdate(update: Update, context: StatementContext): WriteResult {
  context.ignore = update.ignore;
  const scope = new Scope(context.translation);
  const from = fromClause(update.table, scope);
  const where = update.where && condition(update.where, scope, "where clause");
  const order = update.orderBy.map((item) => orderItem(item, scope, [], "order clause"));
  scope.clause = "field list";
  const targets = new Map<Source, Target>();
  const assignments: { target: Target; index: number; type: SqlType | undefined }[] = [];
  const expressions: string[] = [];
  for (const { column, value } of update.set) {
    const source = sourceWith(scope, column.name, column.table);
    const target = targets.get(source) ?? makeTarget(source, context);
    targets.set(source, target);
    const index = target.writer.indexOf(column.name);
    const definition = target.table.columns[index];
    if (definition?.generated && value.kind !== "default")
      throw errors.generatedValue(definition.name, target.table.name);
    if (value.kind === "default") {
      assignments.push({ target, index, type: undefined });
      expressions.push("NULL");
      continue;
    }
    const typed = translate(value, scope);
    assignments.push({ target, index, type: typed.type });
    expressions.push(typed.sql);
    const seen = source.columns[index];
    // Assignments are made from left to right: later ones see this one's result.
    if (seen) seen.typed = { ...seen.typed, sql: coerceTo(typed, seen.typed.type) };
  }
  const found = selectTargets(
    [...targets.values()],
    from,
    where,
    order,
    limitClause(update.limit, scope),
    expressions,
    context,
  );
  let changed = 0;
  const done = new Set<string>();
  for (const [number, { rows, values }] of found.entries()) {
    for (const target of targets.values()) {
      const row = rows.get(target);
      // A joined row is updated once, and not at all where an outer join found none.
      if (!row || !isFirst(done, target, row.key)) continue;
      const after = [...row.row];
      const own = assignments.flatMap((assignment, i) =>
        assignment.target === target ? [{ ...assignment, value: values[i] ?? null }] : [],
      );
      for (const { index, type, value } of own) {
        const column = target.table.columns[index];
        if (!column || column.generated) continue;
        const datum = type ? toDatum(type, value) : undefined;
        if (datum === undefined) after[index] = target.writer.defaultValue(column, number + 1);
        else if (datum === null) after[index] = column.nullable ? null : target.writer.nullFor(column, number + 1);
        else after[index] = storeValue(column, datum, context.storing(number + 1));
      }
      if (updateRow(target, row.key, row.row, after, new Set(own.map(({ index }) => index)), number + 1, context))
        changed++;
    }
  }
  return { rowsAffected: changed, insertId: 0n };
}

function updateRow(
  target: Target,
  key: RowKey,
  before: Stored[],
  after: Stored[],
  set: Set<number>,
  number: number,
  context: StatementContext,
): boolean {
  const { writer, table } = target;
  writer.finish(after, number);
  const isChanged = after.some((value, i) => !sameValue(value, before[i] ?? null));
  if (!isChanged) return false;
  for (const [index, column] of table.columns.entries()) {
    if (column.onUpdateNow && !set.has(index)) after[index] = writer.now(column);
  }
  try {
    return writer.update(key, before, after);
  } catch (error) {
    if (!context.ignore || !(error instanceof Error) || !("errno" in error)) throw error;
    context.warn(error as Parameters<StatementContext["warn"]>[0]);
    return false;
  }
}

function sameValue(a: Stored, b: Stored): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}

/** DELETE from one or several tables. */
export function runDelete(remove: Delete, context: StatementContext): WriteResult {
  const scope = new Scope(context.translation);
  const from = fromClause(remove.from, scope);
  const where = remove.where && condition(remove.where, scope, "where clause");
  const order = remove.orderBy.map((item) => orderItem(item, scope, [], "order clause"));
  const sources = remove.targets ? remove.targets.map((name) => namedSource(scope, name)) : scope.sources.slice(0, 1);
  const targets = sources.map((source) => makeTarget(source, context));
  let deleted = 0;
  const done = new Set<string>();
  for (const { rows } of selectTargets(targets, from, where, order, limitClause(remove.limit, scope), [], context)) {
    for (const [target, { key, row }] of rows) {
      if (!isFirst(done, target, key)) continue;
      target.writer.delete(key, row);
      deleted++;
    }
  }
  return { rowsAffected: deleted, insertId: 0n };
}

function isFirst(done: Set<string>, target: Target, key: RowKey): boolean {
  const name = `${target.sqlAlias}:${key.map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString("hex") : String(part))).join("\0")}`;
  if (done.has(name)) return false;
  done.add(name);
  return true;
}

function sourceWith(scope: Scope, column: string, table: string | undefined): Source {
  const wanted = column.toLowerCase();
  const found = scope.sources.filter(
    (source) =>
      (table === undefined || source.alias === table) &&
      source.columns.some((each) => each.name.toLowerCase() === wanted),
  );
  if (found.length > 1) throw errors.ambiguousColumn(column, "field list");
  const [source] = found;
  if (!source) throw errors.unknownColumn(table === undefined ? column : `${table}.${column}`, "field list");
  return source;
}

function namedSource(scope: Scope, name: TableName): Source {
  const source = scope.sources.find(
    (each) => each.alias === name.name && (name.database === undefined || each.database === name.database),
  );
  if (!source) throw errors.unknownTableInList(name.name, "MULTI DELETE");
  return source;
}

function makeTarget(source: Source, context: StatementContext): Target {
  if (!source.base) throw errors.unsupported("writing to a view or a derived table");
  const { table, sqlAlias } = source.base;
  return { table, source, sqlAlias, writer: new RowWriter(table, context) };
}

interface FoundRow {
  rows: Map<Target, { key: RowKey; row: Stored[] }>;
  values: Stored[];
}

/** All rows before the first is written: SQLite must not meet its own changes while it scans. */
function selectTargets(
  targets: readonly Target[],
  from: string,
  where: string | undefined,
  order: readonly string[],
  limit: string,
  expressions: readonly string[],
  context: StatementContext,
): FoundRow[] {
  const columns = targets.flatMap(({ table, sqlAlias }) => [
    ...context.store.keyColumns(table, `${sqlAlias}.`),
    ...table.columns.map((column) => `${sqlAlias}.${column.sqlName}`),
  ]);
  const clauses = [
    `SELECT ${[...columns, ...expressions].join(", ")} FROM ${from}`,
    where ? `WHERE ${where}` : "",
    order.length > 0 ? `ORDER BY ${order.join(", ")}` : "",
    limit,
  ];
  const statement = context.store.engine.prepare(clauses.filter((clause) => clause !== "").join(" "));
  try {
    const found: FoundRow[] = [];
    while (statement.step()) {
      const values = statement.values();
      const rows: FoundRow["rows"] = new Map();
      let at = 0;
      for (const target of targets) {
        const keyLength = context.store.keyColumns(target.table).length;
        const key = values.slice(at, at + keyLength);
        at += keyLength;
        const row = values.slice(at, at + target.table.columns.length);
        at += target.table.columns.length;
        if (key.some((part) => part !== null)) rows.set(target, { key, row });
      }
      found.push({ rows, values: values.slice(at) });
    }
    return found;
  } finally {
    statement.finalize();
  }
}

/** The tables a statement writes to, as far as they can be named before it is translated. */
export function firstTable(ref: TableRef): TableName | undefined {
  if (ref.kind === "table") return ref.name;
  return ref.kind === "join" ? firstTable(ref.left) : undefined;
}
