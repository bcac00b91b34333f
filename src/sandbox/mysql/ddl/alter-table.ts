/** ALTER TABLE: the new definition is built beside the old one, the rows are converted into it, and they change places. */
import { type Column, findColumn, type Table } from "../catalog.js";
import { collationNamed, defaultCollation, resolveCollation } from "../collations.js";
import { errors } from "../errors.js";
import type { AlterAction, ColumnPlace } from "../parse/ddl-ast.js";
import { MysqlError } from "../port.js";
import { duplicateEntry } from "../row-store.js";
import { RowWriter } from "../session/row-writer.js";
import { hasCharset } from "../types/column-type.js";
import type { Stored } from "../types/datum.js";
import { toDatum } from "../types/print.js";
import { columnSqlType } from "../types/sql-type.js";
import { storeValue } from "../types/store.js";
import {
  addCheck,
  addColumn,
  addForeignKey,
  addKey,
  type BuildContext,
  buildColumn,
  defaultFrom,
  finishTable,
} from "./build-table.js";
import { type DdlContext, renameTable } from "./run-ddl.js";

/** Throws MysqlError; the table is then as it was. */
export function alterTable(
  table: Table,
  actions: readonly AlterAction[],
  build: BuildContext,
  context: DdlContext,
): void {
  const { store } = context.statement;
  const altered = copyDefinition(table);
  /** Where each column's values come from. */
  const sources = new Map<Column, Column>(altered.columns.map((column, i) => [column, table.columns[i] as Column]));
  let renamed: Extract<AlterAction, { kind: "rename" }> | undefined;
  for (const action of actions) {
    if (action.kind === "rename") renamed = action;
    else applyAction(altered, action, sources, build);
  }
  finishTable(altered);
  altered.sqlName = build.catalog.newSqlName();
  store.create(altered);
  copyRows(table, altered, sources, context);
  store.drop(table);
  const { createdAt, database, name } = table;
  Object.assign(table, altered, { createdAt, database, name });
  if (renamed) renameTable({ kind: "tableName", database, name }, renamed.to, context);
}

function copyDefinition(table: Table): Table {
  const columns = table.columns.map((column) => ({ ...column, type: { ...column.type } }));
  const own = (column: Column | undefined): Column | undefined => columns[table.columns.indexOf(column as Column)];
  return {
    ...table,
    columns,
    keys: table.keys.map((key) => ({
      ...key,
      parts: key.parts.map((part) => {
        const column = own(part.column);
        return { ...part, ...(column && { column }) };
      }),
    })),
    foreignKeys: table.foreignKeys.map((foreignKey) => ({
      ...foreignKey,
      columns: foreignKey.columns.flatMap((column) => own(column) ?? []),
    })),
    checks: [...table.checks],
    options: { ...table.options },
  };
}

function applyAction(table: Table, action: AlterAction, sources: Map<Column, Column>, build: BuildContext): void {
  switch (action.kind) {
    case "addColumn":
      addColumn(table, action.column, build, placeOf(table, action.place, table.columns.length));
      for (const key of action.keys) addKey(table, key);
      return;
    case "changeColumn":
      changeColumn(table, action, sources, build);
      return;
    case "renameColumn":
      columnNamed(table, action.name).name = action.to;
      return;
    case "dropColumn":
      dropColumn(table, action.name);
      return;
    case "setDefault": {
      const column = columnNamed(table, action.name);
      column.default = action.value
        ? defaultFrom(column, action.value, action.isExpression, build)
        : { kind: column.nullable ? "null" : "none" };
      return;
    }
    case "addKey":
      addKey(table, action.key);
      return;
    case "dropKey": {
      const kept = table.keys.filter((key) => key.name.toLowerCase() !== action.name.toLowerCase());
      if (kept.length === table.keys.length) throw errors.cantDrop(action.name);
      table.keys = kept;
      return;
    }
    case "renameKey": {
      const key = table.keys.find((each) => each.name.toLowerCase() === action.name.toLowerCase());
      if (!key) throw new MysqlError(1176, "42000", `Key '${action.name}' doesn't exist in table '${table.name}'`);
      key.name = action.to;
      return;
    }
    case "addForeignKey":
      addForeignKey(table, action.foreignKey, build);
      return;
    case "dropForeignKey":
      table.foreignKeys = without(table.foreignKeys, action.name);
      return;
    case "addCheck":
      addCheck(table, action.check);
      return;
    case "dropCheck":
      if (table.foreignKeys.some((each) => each.name === action.name))
        table.foreignKeys = without(table.foreignKeys, action.name);
      else table.checks = without(table.checks, action.name);
      return;
    case "options": {
      const { autoIncrement, charset, collation, ...rest } = action.options;
      Object.assign(table.options, rest);
      if (autoIncrement !== undefined) table.nextAuto = autoIncrement;
      table.collation = resolveCollation(charset, collation, table.collation);
      return;
    }
    case "convert":
      table.collation = action.collation ? collationNamed(action.collation).name : defaultCollation(action.charset);
      for (const column of table.columns) if (hasCharset(column.type)) column.type.collation = table.collation;
      return;
    case "rename":
      return;
  }
}

function without<T extends { name: string }>(list: T[], name: string): T[] {
  const kept = list.filter((each) => each.name.toLowerCase() !== name.toLowerCase());
  if (kept.length === list.length) throw errors.cantDrop(name);
  return kept;
}

function columnNamed(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (!column) throw errors.unknownColumn(name, table.name);
  return column;
}

function placeOf(table: Table, place: ColumnPlace, otherwise: number): number {
  if (!place) return otherwise;
  return "first" in place ? 0 : table.columns.indexOf(columnNamed(table, place.after)) + 1;
}

function changeColumn(
  table: Table,
  action: Extract<AlterAction, { kind: "changeColumn" }>,
  sources: Map<Column, Column>,
  build: BuildContext,
): void {
  const old = columnNamed(table, action.name);
  const namesake = findColumn(table, action.column.name);
  if (namesake && namesake !== old) throw errors.duplicateColumn(action.column.name);
  const column = buildColumn(action.column, old.sqlName, table.collation, build);
  const isPrimary = table.keys.some((key) => key.kind === "primary" && key.parts.some((part) => part.column === old));
  if (isPrimary) {
    column.nullable = false;
    if (column.default.kind === "null") column.default = { kind: "none" };
  }
  const source = sources.get(old);
  if (source) sources.set(column, source);
  table.columns[table.columns.indexOf(old)] = column;
  for (const key of table.keys) for (const part of key.parts) if (part.column === old) part.column = column;
  for (const foreignKey of table.foreignKeys)
    foreignKey.columns = foreignKey.columns.map((each) => (each === old ? column : each));
  if (!action.place) return;
  table.columns.splice(table.columns.indexOf(column), 1);
  table.columns.splice(placeOf(table, action.place, table.columns.length), 0, column);
}

function dropColumn(table: Table, name: string): void {
  const column = findColumn(table, name);
  if (!column) throw errors.cantDrop(name);
  if (table.columns.length === 1) throw errors.cantDropAll();
  table.columns.splice(table.columns.indexOf(column), 1);
  for (const key of table.keys) key.parts = key.parts.filter((part) => part.column !== column);
  table.keys = table.keys.filter((key) => key.parts.length > 0);
}

function copyRows(from: Table, to: Table, sources: Map<Column, Column>, context: DdlContext): void {
  const { statement } = context;
  const writer = new RowWriter(to, statement);
  const moved = to.columns.map((column) => {
    const source = sources.get(column);
    return source
      ? {
          type: columnSqlType(source.type),
          at: from.columns.indexOf(source),
          same: JSON.stringify(source.type) === JSON.stringify(column.type),
          // Stored in UTC.
          suffix: source.type.base === "timestamp" && /^(datetime|timestamp)$/.test(column.type.base) ? "+00:00" : "",
        }
      : undefined;
  });
  const rows = statement.store.engine.prepare(
    `SELECT ${from.columns.map((column) => column.sqlName).join(", ")} FROM ${from.sqlName}`,
  );
  try {
    for (let number = 1; rows.step(); number++) {
      const row = to.columns.map((column, i): Stored => {
        const source = moved[i];
        if (column.autoIncrement && !source) return storeValue(column, to.nextAuto++, statement.storing(number));
        if (!source) return column.generated ? null : addedValue(column, writer, number, context);
        const stored = rows.value(source.at);
        if (stored === null && !column.nullable) throw new MysqlError(1138, "22004", "Invalid use of NULL value");
        if (source.same) return stored;
        const datum = toDatum(source.type, stored);
        const moment = typeof datum === "string" && !datum.startsWith("0000-00-00") ? datum + source.suffix : datum;
        return storeValue(column, moment, statement.storing(number));
      });
      writer.finish(row, number);
      const collision = statement.store.insert(to, row);
      if (collision) throw duplicateEntry(to, collision, row);
    }
  } finally {
    rows.finalize();
  }
}

/** A new NOT NULL column without default gets its type's zero in existing rows, strict or not. */
function addedValue(column: Column, writer: RowWriter, number: number, context: DdlContext): Stored {
  const { statement } = context;
  if (column.default.kind !== "none") return writer.defaultValue(column, number);
  const { ignore } = statement;
  statement.ignore = true;
  try {
    return writer.defaultValue(column, number);
  } finally {
    statement.ignore = ignore;
  }
}
