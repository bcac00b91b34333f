/** Parsed definitions into the catalog's tables, with what MySQL fills in and refuses. */
import {
  type Catalog,
  type Check,
  type Column,
  type ColumnDefault,
  type ForeignKey,
  findColumn,
  type Key,
  type KeyPart,
  type Table,
} from "../catalog.js";
import { resolveCollation } from "../collations.js";
import { errors } from "../errors.js";
import type { Expr } from "../parse/ast.js";
import type {
  CheckDefinition,
  ColumnDefinition,
  CreateTable,
  ForeignKeyDefinition,
  KeyDefinition,
  TableOptions,
} from "../parse/ddl-ast.js";
import { MysqlError } from "../port.js";
import { literalValue } from "../translate/literals.js";
import { hasCharset, isLob } from "../types/column-type.js";
import { printValue } from "../types/print.js";
import { columnSqlType } from "../types/sql-type.js";
import { storeValue } from "../types/store.js";

export interface BuildContext {
  catalog: Catalog;
  database: string;
  databaseCollation: string;
  mode(name: string): boolean;
  checkForeignKeys: boolean;
}

/** A table without storage. Throws MysqlError. */
export function buildTable(statement: CreateTable, context: BuildContext): Table {
  const { options } = statement;
  const collation = resolveCollation(options.charset, options.collation, context.databaseCollation);
  const table: Table = {
    database: context.database,
    name: statement.table.name,
    sqlName: context.catalog.newSqlName(),
    columns: [],
    keys: [],
    foreignKeys: [],
    checks: [],
    collation,
    options: keptOptions(options),
    nextAuto: options.autoIncrement ?? 1n,
    identity: "rowid",
    createdAt: new Date(),
    dataBytes: 0,
  };
  for (const definition of statement.columns) addColumn(table, definition, context);
  if (table.columns.length === 0) throw errors.noColumns();
  for (const definition of statement.keys) addKey(table, definition);
  for (const definition of statement.foreignKeys) addForeignKey(table, definition, context);
  for (const definition of statement.checks) addCheck(table, definition);
  finishTable(table);
  return table;
}

function keptOptions({ comment, rowFormat, keyBlockSize, engine }: TableOptions): TableOptions {
  return {
    ...(engine && { engine }),
    ...(comment && { comment }),
    ...(rowFormat && { rowFormat }),
    ...(keyBlockSize && { keyBlockSize }),
  };
}

/** What holds only for the whole table; throws MysqlError 1075. */
export function finishTable(table: Table): void {
  const autos = table.columns.filter((column) => column.autoIncrement);
  const isKey = autos.every((column) => table.keys.some((key) => key.parts[0]?.column === column));
  if (autos.length > 1 || !isKey) throw errors.oneAutoColumn();
  sortKeys(table);
}

/** MySQL's order: primary, unique without NULLs, unique, others, fulltext (sql_table.cc, sort_keys). */
function sortKeys(table: Table): void {
  const rank = (key: Key): number => {
    if (key.kind === "primary") return 0;
    if (key.kind === "unique") return key.parts.every((part) => part.column && !part.column.nullable) ? 1 : 2;
    return key.kind === "fulltext" ? 5 : key.implicit ? 4 : 3;
  };
  table.keys.sort((a, b) => rank(a) - rank(b));
}

export function addColumn(
  table: Table,
  definition: ColumnDefinition,
  context: BuildContext,
  at = table.columns.length,
): Column {
  if (findColumn(table, definition.name)) throw errors.duplicateColumn(definition.name);
  const column = buildColumn(definition, nextColumnName(table), table.collation, context);
  table.columns.splice(at, 0, column);
  return column;
}

function nextColumnName(table: Table): string {
  const numbers = table.columns.map((column) => Number(column.sqlName.slice(1)));
  return `c${Math.max(-1, ...numbers) + 1}`;
}

export function buildColumn(
  definition: ColumnDefinition,
  sqlName: string,
  tableCollation: string,
  context: BuildContext,
): Column {
  const type = { ...definition.type };
  if (hasCharset(type)) {
    const wantsBinary = type.collation === "binary";
    type.collation = resolveCollation(definition.charset, definition.collation, tableCollation);
    if (type.collation === "binary" || wantsBinary) toBinary(type);
    if (type.base === "varchar" && (type.length ?? 0) > 16383 && type.collation?.startsWith("utf8mb4")) {
      throw errors.columnTooLong(definition.name, 16383);
    }
  }
  const column: Column = {
    name: definition.name,
    sqlName,
    type,
    explicitCollation: definition.collation !== undefined,
    nullable: definition.nullable ?? true,
    default: { kind: "none" },
    onUpdateNow: definition.onUpdateNow,
    autoIncrement: definition.autoIncrement,
    ...(definition.generated && { generated: definition.generated }),
    invisible: definition.invisible,
    comment: definition.comment,
  };
  if (definition.autoIncrement) column.nullable = false;
  column.default = defaultOf(column, definition, context);
  return column;
}

/** CHARACTER SET binary turns text types into their binary counterparts. */
function toBinary(type: ColumnDefinition["type"]): void {
  const binary = {
    char: "binary",
    varchar: "varbinary",
    tinytext: "tinyblob",
    text: "blob",
    mediumtext: "mediumblob",
    longtext: "longblob",
  } as const;
  const base = type.base in binary ? binary[type.base as keyof typeof binary] : undefined;
  if (!base) return;
  type.base = base;
  delete type.collation;
}

function defaultOf(column: Column, definition: ColumnDefinition, context: BuildContext): ColumnDefault {
  const { default: expr } = definition;
  if (expr === undefined) return column.nullable && !column.generated ? { kind: "null" } : { kind: "none" };
  return defaultFrom(column, expr, definition.defaultIsExpression ?? false, context);
}

/** Throws MysqlError 1067 or 1101. */
export function defaultFrom(column: Column, expr: Expr, isExpression: boolean, context: BuildContext): ColumnDefault {
  if (isExpression) return { kind: "expression", expr };
  if (expr.kind === "call") {
    if (column.type.base !== "timestamp" && column.type.base !== "datetime") throw errors.invalidDefault(column.name);
    return { kind: "now" };
  }
  const value = literalValue(expr);
  if (value === null) {
    if (!column.nullable) throw errors.invalidDefault(column.name);
    return { kind: "null" };
  }
  if (value === undefined) throw errors.invalidDefault(column.name);
  if (isLob(column.type) || column.type.base === "json" || column.type.base === "geometry") {
    throw new MysqlError(
      1101,
      "42000",
      `BLOB, TEXT, GEOMETRY or JSON column '${column.name}' can't have a default value`,
    );
  }
  const refuse = (): never => {
    throw errors.invalidDefault(column.name);
  };
  const stored = storeValue(column, value, { row: 1, mode: context.mode, timeZone: "+00:00", complain: refuse });
  const printed = printValue(columnSqlType(column.type), stored);
  const text = column.type.base === "bit" ? bitText(printed) : (printed?.toString("utf8") ?? "");
  return { kind: "value", stored, text };
}

function bitText(bytes: Buffer | null): string {
  return bytes === null || bytes.length === 0 ? "0" : BigInt(`0x${bytes.toString("hex")}`).toString(2);
}

/** Throws MysqlError 1061, 1068 or 1072. */
export function addKey(table: Table, definition: KeyDefinition, implicit = false): Key {
  if (definition.kind === "primary" && table.keys.some((key) => key.kind === "primary")) throw errors.multiplePrimary();
  const parts = definition.parts.map((part): KeyPart => {
    if (part.expr) return { expr: part.expr, descending: part.descending };
    const column = findColumn(table, part.column ?? "");
    if (!column) throw errors.keyColumnMissing(part.column ?? "");
    const isPrefix =
      part.length !== undefined && !(column.type.length !== undefined && part.length >= column.type.length);
    if (isLob(column.type) && part.length === undefined && definition.kind !== "fulltext") {
      throw new MysqlError(
        1170,
        "42000",
        `BLOB/TEXT column '${column.name}' used in key specification without a key length`,
      );
    }
    return {
      column,
      ...(isPrefix && part.length !== undefined && { length: part.length }),
      descending: part.descending,
    };
  });
  if (definition.kind === "primary") for (const { column } of parts) if (column) makeNotNull(column);
  const name =
    definition.kind === "primary"
      ? "PRIMARY"
      : (definition.name ?? freeKeyName(table, parts[0]?.column?.name ?? "functional_index"));
  if (table.keys.some((key) => key.name.toLowerCase() === name.toLowerCase())) throw errors.duplicateKeyName(name);
  const key: Key = {
    name,
    kind: definition.kind,
    parts,
    ...(definition.using && { using: definition.using }),
    comment: definition.comment,
    invisible: definition.invisible,
    implicit,
  };
  dropImplicitKeys(table, key);
  table.keys.push(key);
  return key;
}

function makeNotNull(column: Column): void {
  column.nullable = false;
  if (column.default.kind === "null") column.default = { kind: "none" };
}

/** A key of the user's own replaces the one that was made for a foreign key. */
function dropImplicitKeys(table: Table, key: Key): void {
  if (key.implicit) return;
  table.keys = table.keys.filter(
    (each) => !each.implicit || !each.parts.every((part, i) => part.column === key.parts[i]?.column),
  );
}

/** "a", "a_2", "a_3", ... */
function freeKeyName(table: Table, base: string): string {
  const taken = new Set(table.keys.map((key) => key.name.toLowerCase()));
  const start = base.toLowerCase() === "primary" ? `${base}_2` : base;
  let name = start;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${base}_${i}`;
  return name;
}

/** Throws MysqlError 1824 for a parent that isn't there. */
export function addForeignKey(table: Table, definition: ForeignKeyDefinition, context: BuildContext): ForeignKey {
  const columns = definition.columns.map((name) => {
    const column = findColumn(table, name);
    if (!column) throw errors.keyColumnMissing(name);
    return column;
  });
  const parentDatabase = definition.parent.database ?? context.database;
  const isSelf = parentDatabase === table.database && definition.parent.name === table.name;
  const parent = isSelf ? table : context.catalog.find(parentDatabase, definition.parent.name);
  if (context.checkForeignKeys) {
    if (!parent) throw errors.foreignKeyParent(definition.parent.name);
    for (const name of definition.parentColumns) {
      if (!findColumn(parent, name)) {
        const message = `Failed to add the foreign key constraint. Missing column '${name}' for constraint '${definition.name ?? ""}' in the referenced table '${parent.name}'`;
        throw new MysqlError(3734, "HY000", message);
      }
    }
  }
  const name = definition.name ?? freeConstraintName(table, "ibfk", table.foreignKeys);
  const foreignKey: ForeignKey = {
    name,
    columns,
    parentDatabase,
    parentTable: definition.parent.name,
    parentColumns: definition.parentColumns,
    ...(definition.onDelete && { onDelete: definition.onDelete }),
    ...(definition.onUpdate && { onUpdate: definition.onUpdate }),
  };
  table.foreignKeys.push(foreignKey);
  const hasKey = table.keys.some((key) => columns.every((column, i) => key.parts[i]?.column === column));
  if (!hasKey) {
    const parts = definition.columns.map((column) => ({ column, descending: false }));
    const keyName = definition.name ?? freeKeyName(table, columns[0]?.name ?? "");
    addKey(table, { kind: "plain", name: keyName, parts, comment: "", invisible: false }, true);
  }
  return foreignKey;
}

export function addCheck(table: Table, definition: CheckDefinition): Check {
  const name = definition.name ?? freeConstraintName(table, "chk", table.checks);
  const check = { name, expr: definition.expr, enforced: definition.enforced };
  table.checks.push(check);
  return check;
}

function freeConstraintName(table: Table, kind: string, existing: readonly { name: string }[]): string {
  const pattern = new RegExp(`_${kind}_(\\d+)$`);
  const numbers = existing.map(({ name }) => Number(pattern.exec(name)?.[1] ?? 0));
  return `${table.name}_${kind}_${Math.max(0, ...numbers) + 1}`;
}
