import type { Column, Key, Table } from "../catalog.js";
import { errors } from "../errors.js";
import type { Assignment, Expr, Insert } from "../parse/ast.js";
import { duplicateEntry } from "../row-store.js";
import type { Statement } from "../statement.js";
import { coerceTo } from "../translate/coerce.js";
import { translate } from "../translate/expression.js";
import { sourceOf } from "../translate/from.js";
import { literalValue } from "../translate/literals.js";
import { translateQuery } from "../translate/query.js";
import { Scope } from "../translate/scope.js";
import { Coercibility, sqlStored, type Typed } from "../translate/typed.js";
import type { Datum, Stored } from "../types/datum.js";
import { toDatum } from "../types/print.js";
import { columnSqlType } from "../types/sql-type.js";
import { storeValue } from "../types/store.js";
import { type GivenValues, RowWriter, sameRow } from "./row-writer.js";
import type { StatementContext } from "./statement-context.js";

export interface WriteResult {
  rowsAffected: number;
  /** The first value that AUTO_INCREMENT gave; 0 when it gave none. */
  insertId: bigint;
}

/** INSERT and REPLACE. Throws MysqlError; the caller undoes what the statement did until then. */
export function runInsert(insert: Insert, table: Table, context: StatementContext): WriteResult {
  context.ignore = insert.ignore;
  const writer = new RowWriter(table, context);
  const positions = targetColumns(insert, writer);
  const onDuplicate = insert.onDuplicate.length > 0 ? new DuplicateUpdate(insert, writer, context) : undefined;
  const result: WriteResult = { rowsAffected: 0, insertId: 0n };
  let number = 0;
  try {
    for (const given of rows(insert, writer, positions, context)) {
      number++;
      const { row, auto } = writer.build(given, number);
      if (auto !== undefined && result.insertId === 0n) result.insertId = auto;
      if (insert.replace) result.rowsAffected += replaceRow(writer, row, context);
      else result.rowsAffected += insertRow(writer, row, number, onDuplicate, context);
    }
    return result;
  } finally {
    onDuplicate?.close();
  }
}

function targetColumns(insert: Insert, writer: RowWriter): number[] {
  const { columns } = writer.table;
  if (!insert.columns || insert.columns.length === 0) {
    return columns.flatMap((column, i) => (column.invisible ? [] : [i]));
  }
  const positions = insert.columns.map((name) => writer.indexOf(name));
  const twice = positions.find((position, i) => positions.indexOf(position) !== i);
  if (twice !== undefined) throw errors.columnTwice(columns[twice]?.name ?? "");
  return positions;
}

function* rows(
  insert: Insert,
  writer: RowWriter,
  positions: number[],
  context: StatementContext,
): Iterable<GivenValues> {
  const { table } = writer;
  const place = (values: readonly (Datum | undefined)[], number: number): GivenValues => {
    // `INSERT INTO t () VALUES ()` takes every default.
    const isAllDefaults = values.length === 0 && (insert.columns === undefined || insert.columns.length === 0);
    if (values.length !== positions.length && !isAllDefaults) throw errors.columnCount(number);
    const given: GivenValues = new Array(table.columns.length);
    for (let i = 0; i < values.length; i++) {
      const position = positions[i] ?? 0;
      const column = table.columns[position];
      if (column?.generated && values[i] !== undefined) throw errors.generatedValue(column.name, table.name);
      given[position] = values[i];
    }
    return given;
  };
  if ("query" in insert.source) {
    const all = selectRows(insert, context);
    for (const [i, values] of all.entries()) yield place(values, i + 1);
    return;
  }
  for (const [i, exprs] of insert.source.rows.entries())
    yield place(rowValues(exprs, positions, table, context), i + 1);
}

/** All rows before the first is written: the query may read the table. */
function selectRows(insert: Insert, context: StatementContext): Datum[][] {
  if (!("query" in insert.source)) return [];
  const translated = translateQuery(insert.source.query, new Scope(context.translation));
  const types = translated.columns.map(({ typed }) => typed.type);
  const statement = context.store.engine.prepare(translated.sql);
  try {
    const found: Datum[][] = [];
    while (statement.step()) found.push(types.map((type, i) => toDatum(type, statement.value(i))));
    return found;
  } finally {
    statement.finalize();
  }
}

/** Literals as they are; DEFAULT as undefined; everything else through one SELECT. */
function rowValues(
  exprs: readonly Expr[],
  positions: readonly number[],
  table: Table,
  context: StatementContext,
): (Datum | undefined)[] {
  const values: (Datum | undefined)[] = [];
  const computed: { index: number; expr: Expr }[] = [];
  for (const [index, expr] of exprs.entries()) {
    if (expr.kind === "default" && expr.column === undefined) {
      values.push(undefined);
      continue;
    }
    const value = literalValue(expr);
    values.push(value ?? null);
    if (value === undefined) computed.push({ index, expr });
  }
  if (computed.length === 0) return values;
  const scope = new Scope(context.translation);
  // A column named in VALUES is the row's own value, if it stands to the left.
  scope.add({
    alias: table.name,
    database: table.database,
    columns: exprs.flatMap((_, i) => {
      const column = table.columns[positions[i] ?? -1];
      const stored = column
        ? storeValue(column, values[i] ?? null, { ...context.storing(1), complain: () => undefined })
        : null;
      return column ? [{ name: column.name, typed: storedTyped(column, stored) }] : [];
    }),
  });
  const typed = computed.map(({ expr }) => translate(expr, scope));
  const evaluated = context.valuesOf(typed);
  for (const [i, { index }] of computed.entries()) values[index] = evaluated[i] ?? null;
  return values;
}

function storedTyped(column: Column, stored: Stored): Typed {
  return { sql: sqlStored(stored), type: columnSqlType(column.type), coercibility: Coercibility.COLUMN };
}

function insertRow(
  writer: RowWriter,
  row: Stored[],
  number: number,
  onDuplicate: DuplicateUpdate | undefined,
  context: StatementContext,
): number {
  const collision = writer.insert(row);
  if (!collision) return 1;
  if (onDuplicate) return onDuplicate.apply(collision, row, number);
  const error = duplicateEntry(writer.table, collision, row);
  if (!context.ignore) throw error;
  context.warn(error as Parameters<StatementContext["warn"]>[0]);
  return 0;
}

/** Every row that collides goes first. */
function replaceRow(writer: RowWriter, row: Stored[], context: StatementContext): number {
  let affected = 1;
  for (let collision = writer.insert(row); collision; collision = writer.insert(row)) {
    const found = context.store.findByKey(writer.table, collision, row);
    if (!found) throw duplicateEntry(writer.table, collision, row);
    if (sameRow(found.row, row)) return affected;
    writer.delete(found.key, found.row);
    affected++;
  }
  return affected;
}

/** ON DUPLICATE KEY UPDATE, translated once: the new row's values are parameters, then the old row's key. */
class DuplicateUpdate {
  private readonly statement: Statement;
  private readonly targets: { index: number; type: Typed["type"] | undefined }[];

  constructor(
    insert: Insert,
    private readonly writer: RowWriter,
    private readonly context: StatementContext,
  ) {
    const { table, types } = writer;
    const scope = new Scope(context.translation);
    const source = sourceOf(table, table.name, "old", context.translation);
    scope.add(source);
    const values = table.columns.map((column, i) => ({
      name: column.name,
      typed: { sql: `?${i + 1}`, type: types[i] ?? columnSqlType(column.type), coercibility: Coercibility.COLUMN },
    }));
    scope.insertValues = (name) => values.find((value) => value.name.toLowerCase() === name.toLowerCase())?.typed;
    if (insert.rowAlias) {
      const { name, columns } = insert.rowAlias;
      scope.add({
        alias: name,
        columns: values.map((value, i) => ({ ...value, name: columns?.[i] ?? value.name, merged: !columns })),
      });
    }
    const expressions: string[] = [];
    this.targets = insert.onDuplicate.map(({ column, value }: Assignment) => {
      const index = writer.indexOf(column.name);
      if (value.kind === "default") {
        expressions.push("NULL");
        return { index, type: undefined };
      }
      const typed = translate(value, scope);
      expressions.push(typed.sql);
      const target = source.columns[index];
      // Later assignments see the earlier ones' results.
      if (target) target.typed = { ...target.typed, sql: coerceTo(typed, target.typed.type) };
      return { index, type: typed.type };
    });
    const where = context.store
      .keyColumns(table, "old.")
      .map((name, i) => `${name} = ?${table.columns.length + i + 1}`);
    const sql = `SELECT ${expressions.join(", ")} FROM ${table.sqlName} AS old WHERE ${where.join(" AND ")}`;
    this.statement = context.store.engine.prepare(sql);
  }

  close(): void {
    this.statement.finalize();
  }

  /** Rows affected as MySQL counts them: 2 for a changed row, 0 for one that stays. */
  apply(collision: Key, row: readonly Stored[], number: number): number {
    const { table } = this.writer;
    const found = this.context.store.findByKey(table, collision, row);
    if (!found) throw duplicateEntry(table, collision, row);
    const { statement } = this;
    const after = [...found.row];
    const touched = new Set<number>();
    try {
      statement.bind([...row, ...found.key]);
      statement.step();
      for (const [i, { index, type }] of this.targets.entries()) {
        const column = table.columns[index];
        if (!column) continue;
        touched.add(index);
        const datum = type ? toDatum(type, statement.value(i)) : undefined;
        if (datum === undefined) after[index] = this.writer.defaultValue(column, number);
        else if (datum === null) after[index] = column.nullable ? null : this.writer.nullFor(column, number);
        else after[index] = storeValue(column, datum, this.context.storing(number));
      }
    } finally {
      statement.reset();
    }
    this.writer.finish(after, number);
    if (sameRow(found.row, after)) return 0;
    for (const [index, column] of table.columns.entries()) {
      if (column.onUpdateNow && !touched.has(index)) after[index] = this.writer.now(column);
    }
    this.writer.update(found.key, found.row, after);
    return 2;
  }
}
