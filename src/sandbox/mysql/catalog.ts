/** Databases, tables, columns and keys: what CREATE and ALTER leave behind. Rows are SQLite's. */
import { errors } from "./errors.js";
import type { Expr, Query } from "./parse/ast.js";
import type { TableOptions } from "./parse/ddl-ast.js";
import type { ColumnType } from "./types/column-type.js";
import type { Stored } from "./types/datum.js";
import { columnSqlType, Flags, type SqlType } from "./types/sql-type.js";

export type ColumnDefault =
  | { kind: "none" }
  | { kind: "null" }
  /** As stored, and as SHOW CREATE prints it between quotes (or b'101'). */
  | { kind: "value"; stored: Stored; text: string }
  | { kind: "now" }
  | { kind: "expression"; expr: Expr };

export interface Column {
  name: string;
  /** The column's name in SQLite: renaming a column touches no row. */
  sqlName: string;
  type: ColumnType;
  /** COLLATE was written at the column. */
  explicitCollation: boolean;
  nullable: boolean;
  default: ColumnDefault;
  onUpdateNow: boolean;
  autoIncrement: boolean;
  generated?: { expr: Expr; stored: boolean };
  invisible: boolean;
  comment: string;
}

export interface KeyPart {
  column?: Column;
  expr?: Expr;
  length?: number;
  descending: boolean;
}

export interface Key {
  name: string;
  kind: "primary" | "unique" | "plain" | "fulltext" | "spatial";
  parts: KeyPart[];
  using?: string;
  comment: string;
  invisible: boolean;
  /** Made for a foreign key that had none; a later key on the same columns replaces it. */
  implicit: boolean;
}

export interface ForeignKey {
  name: string;
  columns: Column[];
  parentDatabase: string;
  parentTable: string;
  parentColumns: string[];
  onDelete?: string;
  onUpdate?: string;
}

export interface Check {
  name: string;
  expr: Expr;
  enforced: boolean;
}

export interface Table {
  database: string;
  name: string;
  /** The table's name in SQLite. */
  sqlName: string;
  columns: Column[];
  keys: Key[];
  foreignKeys: ForeignKey[];
  checks: Check[];
  collation: string;
  options: TableOptions;
  /** The value that AUTO_INCREMENT gives next. */
  nextAuto: bigint;
  /** How a row is found again: a rowid, or the primary key of a table without rowids. */
  identity: "rowid" | "primary";
  createdAt: Date;
  /** Bytes of the rows' values, about. */
  dataBytes: number;
}

export interface View {
  database: string;
  name: string;
  columns?: string[];
  query: Query;
  queryText: string;
}

export interface Database {
  name: string;
  collation: string;
  tables: Map<string, Table>;
  views: Map<string, View>;
}

export class Catalog {
  readonly databases = new Map<string, Database>();
  /** Goes up with every change: translated statements of older versions are not used again. */
  version = 0;
  private nextTable = 1;

  newSqlName(): string {
    return `t${this.nextTable++}`;
  }

  changed(): void {
    this.version++;
  }

  /** Throws MysqlError 1049. */
  database(name: string): Database {
    const database = this.databases.get(this.canonical(name));
    if (!database) throw errors.unknownDatabase(name);
    return database;
  }

  /** information_schema's name is not case sensitive. */
  canonical(name: string): string {
    return name.toLowerCase() === "information_schema" ? "information_schema" : name;
  }

  find(database: string, name: string): Table | undefined {
    const found = this.databases.get(this.canonical(database));
    return found?.tables.get(found.name === "information_schema" ? name.toUpperCase() : name);
  }

  findView(database: string, name: string): View | undefined {
    return this.databases.get(database)?.views.get(name);
  }

  /** Throws MysqlError 1049 or 1146. */
  table(database: string, name: string): Table {
    const table = this.find(database, name);
    if (table) return table;
    this.database(database);
    throw errors.noSuchTable(database, name);
  }
}

export function findColumn(table: Pick<Table, "columns">, name: string): Column | undefined {
  const wanted = name.toLowerCase();
  return table.columns.find((column) => column.name.toLowerCase() === wanted);
}

export function primaryKey(table: Table): Key | undefined {
  return table.keys.find((key) => key.kind === "primary");
}

export function keyColumns(key: Key): Column[] {
  return key.parts.flatMap((part) => (part.column ? [part.column] : []));
}

/** The column's type with the flags that keys and defaults add to its field (sql/table.cc, open_table_from_share). */
export function columnFieldType(table: Table, column: Column): SqlType {
  const type = columnSqlType(column.type);
  let flags = type.flags;
  if (!column.nullable) flags |= Flags.NOT_NULL;
  if (column.autoIncrement) flags |= Flags.AUTO_INCREMENT;
  if (column.default.kind === "now" || column.onUpdateNow) flags |= Flags.TIMESTAMP;
  if (column.onUpdateNow) flags |= Flags.ON_UPDATE_NOW;
  if (column.default.kind === "none" && !column.nullable && !column.autoIncrement && !column.generated)
    flags |= Flags.NO_DEFAULT;
  for (const key of table.keys) {
    const at = key.parts.findIndex((part) => part.column === column);
    if (at < 0) continue;
    flags |= Flags.PART_KEY;
    if (key.kind === "primary") flags |= Flags.PRIMARY_KEY;
    else if (at === 0) flags |= key.kind === "unique" && key.parts.length === 1 ? Flags.UNIQUE_KEY : Flags.MULTIPLE_KEY;
  }
  return { ...type, flags };
}
