/** CREATE, ALTER, DROP and their like, carried out on the catalog and the storage. */
import { type Database, findColumn, type Table } from "../catalog.js";
import { resolveCollation } from "../collations.js";
import { errors } from "../errors.js";
import type { TableName } from "../parse/ast.js";
import type { CreateTable, Ddl } from "../parse/ddl-ast.js";
import { RowWriter } from "../session/row-writer.js";
import type { StatementContext } from "../session/statement-context.js";
import { translateQuery } from "../translate/query.js";
import { Scope } from "../translate/scope.js";
import { toDatum } from "../types/print.js";
import { alterTable } from "./alter-table.js";
import { type BuildContext, buildTable } from "./build-table.js";
import { columnsOfQuery } from "./query-columns.js";

export interface DdlContext {
  statement: StatementContext;
  database: string | undefined;
  checkForeignKeys: boolean;
  serverCollation: string;
}

/** Throws MysqlError; the caller undoes what SQLite did until then. */
export function runDdl(ddl: Ddl, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  const { store } = context.statement;
  switch (ddl.kind) {
    case "createDatabase":
      createDatabase(ddl, context);
      return;
    case "dropDatabase":
      dropDatabase(ddl, context);
      return;
    case "createTable":
      createTable(ddl, context);
      return;
    case "dropTable":
      dropTables(ddl, context);
      return;
    case "truncate": {
      const table = catalog.table(databaseOf(ddl.table, context), ddl.table.name);
      store.forget(table);
      store.engine.exec(`DELETE FROM ${table.sqlName}`);
      table.nextAuto = 1n;
      table.dataBytes = 0;
      return;
    }
    case "alterTable": {
      const table = catalog.table(databaseOf(ddl.table, context), ddl.table.name);
      alterTable(table, ddl.actions, buildContext(table.database, context), context);
      return;
    }
    case "renameTable":
      for (const { from, to } of ddl.renames) renameTable(from, to, context);
      return;
    case "createView":
      createView(ddl, context);
      return;
    case "dropView": {
      const missing = ddl.views.filter((view) => !catalog.findView(databaseOf(view, context), view.name));
      if (missing.length > 0 && !ddl.ifExists)
        throw errors.unknownTables(missing.map((view) => qualified(view, context)).join(","));
      for (const view of ddl.views) catalog.databases.get(databaseOf(view, context))?.views.delete(view.name);
    }
  }
}

function databaseOf(name: TableName, context: Pick<DdlContext, "database">): string {
  const database = name.database ?? context.database;
  if (database === undefined) throw errors.noDatabase();
  return database;
}

function qualified(name: TableName, context: DdlContext): string {
  return `${databaseOf(name, context)}.${name.name}`;
}

function buildContext(database: string, context: DdlContext): BuildContext {
  const { translation } = context.statement;
  return {
    catalog: translation.catalog,
    database,
    databaseCollation: translation.catalog.database(database).collation,
    mode: (name) => translation.mode(name),
    checkForeignKeys: context.checkForeignKeys,
  };
}

function createDatabase(ddl: Extract<Ddl, { kind: "createDatabase" }>, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  if (catalog.databases.has(catalog.canonical(ddl.name))) {
    if (!ddl.ifNotExists) throw errors.databaseExists(ddl.name);
    context.statement.warn(errors.databaseExists(ddl.name));
    return;
  }
  const collation = resolveCollation(ddl.charset, ddl.collation, context.serverCollation);
  catalog.databases.set(ddl.name, { name: ddl.name, collation, tables: new Map(), views: new Map() });
}

function dropDatabase(ddl: Extract<Ddl, { kind: "dropDatabase" }>, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  const database = catalog.databases.get(ddl.name);
  if (!database) {
    if (!ddl.ifExists) throw errors.databaseMissing(ddl.name);
    context.statement.warn(errors.databaseMissing(ddl.name));
    return;
  }
  for (const table of database.tables.values()) context.statement.store.drop(table);
  catalog.databases.delete(ddl.name);
}

function createTable(ddl: CreateTable, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  const database = catalog.database(databaseOf(ddl.table, context));
  if (exists(database, ddl.table.name)) {
    if (!ddl.ifNotExists) throw errors.tableExists(ddl.table.name);
    context.statement.warn(errors.tableExists(ddl.table.name));
    return;
  }
  if (ddl.like) {
    const original = catalog.table(databaseOf(ddl.like, context), ddl.like.name);
    const copy = copyTable(original, database.name, ddl.table.name, catalog.newSqlName());
    context.statement.store.create(copy);
    database.tables.set(copy.name, copy);
    return;
  }
  if (ddl.query) {
    createFromQuery(ddl, database, context);
    return;
  }
  const table = buildTable(ddl, buildContext(database.name, context));
  context.statement.store.create(table);
  database.tables.set(table.name, table);
}

/** CREATE TABLE ... SELECT: the query's columns behind the written ones. */
function createFromQuery(ddl: CreateTable, database: Database, context: DdlContext): void {
  const { statement } = context;
  if (!ddl.query) return;
  const translated = translateQuery(ddl.query, new Scope(statement.translation));
  const written = new Set(ddl.columns.map((column) => column.name.toLowerCase()));
  const added = columnsOfQuery(translated.columns).filter((column) => !written.has(column.name.toLowerCase()));
  const table = buildTable({ ...ddl, columns: [...ddl.columns, ...added] }, buildContext(database.name, context));
  statement.store.create(table);
  const writer = new RowWriter(table, statement);
  const positions = translated.columns.map((column) => writer.indexOf(column.name));
  const rows = statement.store.engine.prepare(translated.sql);
  try {
    for (let number = 1; rows.step(); number++) {
      const given = new Array(table.columns.length);
      for (const [i, { typed }] of translated.columns.entries())
        given[positions[i] ?? 0] = toDatum(typed.type, rows.value(i));
      writer.insert(writer.build(given, number).row);
    }
  } finally {
    rows.finalize();
  }
  database.tables.set(table.name, table);
}

function exists(database: Database, name: string): boolean {
  return database.tables.has(name) || database.views.has(name);
}

/** LIKE copies columns, keys and checks; foreign keys and the auto-increment counter stay behind. */
function copyTable(original: Table, database: string, name: string, sqlName: string): Table {
  const columns = original.columns.map((column) => ({ ...column, type: { ...column.type } }));
  const keys = original.keys.map((key) => ({
    ...key,
    parts: key.parts.map((part) => {
      const column = part.column && findColumn({ columns }, part.column.name);
      return { ...part, ...(column && { column }) };
    }),
  }));
  const checks = original.checks.map((check, i) => ({ ...check, name: `${name}_chk_${i + 1}` }));
  return {
    ...original,
    database,
    name,
    sqlName,
    columns,
    keys,
    checks,
    foreignKeys: [],
    nextAuto: 1n,
    createdAt: new Date(),
    dataBytes: 0,
  };
}

function dropTables(ddl: Extract<Ddl, { kind: "dropTable" }>, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  const missing = ddl.tables.filter((name) => !catalog.find(databaseOf(name, context), name.name));
  if (missing.length > 0) {
    const unknown = errors.unknownTables(missing.map((name) => qualified(name, context)).join(","));
    if (!ddl.ifExists) throw unknown;
    context.statement.warn(unknown);
  }
  const tables = ddl.tables.flatMap((name) => catalog.find(databaseOf(name, context), name.name) ?? []);
  if (context.checkForeignKeys) refuseParents(tables, context);
  for (const table of tables) {
    context.statement.store.drop(table);
    catalog.database(table.database).tables.delete(table.name);
  }
}

/** A parent goes only together with its children. */
function refuseParents(tables: readonly Table[], context: DdlContext): void {
  for (const database of context.statement.translation.catalog.databases.values()) {
    for (const child of database.tables.values()) {
      if (tables.includes(child)) continue;
      for (const foreignKey of child.foreignKeys) {
        const parent = tables.find(
          (table) => table.database === foreignKey.parentDatabase && table.name === foreignKey.parentTable,
        );
        if (parent) throw errors.referencedParent(parent.name, foreignKey.name, child.name);
      }
    }
  }
}

export function renameTable(from: TableName, to: TableName, context: DdlContext): void {
  const { catalog } = context.statement.translation;
  const table = catalog.table(databaseOf(from, context), from.name);
  const target = catalog.database(
    databaseOf({ ...to, database: to.database ?? from.database ?? context.database ?? "" }, context),
  );
  if (exists(target, to.name)) throw errors.tableExists(to.name);
  for (const database of catalog.databases.values()) {
    for (const child of database.tables.values()) {
      for (const foreignKey of child.foreignKeys) {
        if (foreignKey.parentDatabase !== table.database || foreignKey.parentTable !== table.name) continue;
        foreignKey.parentDatabase = target.name;
        foreignKey.parentTable = to.name;
      }
    }
  }
  catalog.database(table.database).tables.delete(table.name);
  // Names that MySQL made of the table's name follow it.
  for (const constraint of [...table.foreignKeys, ...table.checks]) {
    const suffix = /^(.*)(_(?:ibfk|chk)_\d+)$/.exec(constraint.name);
    if (suffix?.[1] === table.name) constraint.name = `${to.name}${suffix[2]}`;
  }
  table.database = target.name;
  table.name = to.name;
  target.tables.set(table.name, table);
}

function createView(ddl: Extract<Ddl, { kind: "createView" }>, context: DdlContext): void {
  const { translation } = context.statement;
  const database = translation.catalog.database(databaseOf(ddl.view, context));
  const { name } = ddl.view;
  if (database.tables.has(name) || (database.views.has(name) && !ddl.orReplace)) throw errors.tableExists(name);
  // Unknown tables and columns are refused now.
  translateQuery(ddl.query, new Scope({ ...translation, database: database.name }));
  database.views.set(name, {
    database: database.name,
    name,
    ...(ddl.columns && { columns: ddl.columns }),
    query: ddl.query,
    queryText: ddl.queryText,
  });
}
