import type { ColumnType } from "../types/column-type.js";
import type { Expr, Query, TableName } from "./ast.js";

export interface ColumnDefinition {
  name: string;
  type: ColumnType;
  charset?: string;
  /** COLLATE was written at the column: SHOW CREATE then repeats it. */
  collation?: string;
  /** undefined: neither NULL nor NOT NULL was written. */
  nullable?: boolean;
  default?: Expr;
  /** `DEFAULT (expr)`, shown in parentheses. */
  defaultIsExpression?: boolean;
  onUpdateNow: boolean;
  autoIncrement: boolean;
  generated?: { expr: Expr; stored: boolean };
  invisible: boolean;
  comment: string;
  key?: "primary" | "unique";
  checks: CheckDefinition[];
}

export interface KeyPart {
  /** A column, or the expression of a functional key part. */
  column?: string;
  expr?: Expr;
  length?: number;
  descending: boolean;
}

export interface KeyDefinition {
  kind: "primary" | "unique" | "plain" | "fulltext" | "spatial";
  name?: string;
  parts: KeyPart[];
  using?: string;
  comment: string;
  invisible: boolean;
}

export interface ForeignKeyDefinition {
  name?: string;
  columns: string[];
  parent: TableName;
  parentColumns: string[];
  onDelete?: string;
  onUpdate?: string;
}

export interface CheckDefinition {
  name?: string;
  expr: Expr;
  enforced: boolean;
}

export interface TableOptions {
  engine?: string;
  autoIncrement?: bigint;
  charset?: string;
  collation?: string;
  comment?: string;
  rowFormat?: string;
  keyBlockSize?: number;
}

export interface CreateTable {
  kind: "createTable";
  table: TableName;
  temporary: boolean;
  ifNotExists: boolean;
  columns: ColumnDefinition[];
  keys: KeyDefinition[];
  foreignKeys: ForeignKeyDefinition[];
  checks: CheckDefinition[];
  options: TableOptions;
  like?: TableName;
  query?: Query;
}

export type ColumnPlace = { first: true } | { after: string } | undefined;

export type AlterAction =
  | { kind: "addColumn"; column: ColumnDefinition; place: ColumnPlace; keys: KeyDefinition[] }
  | { kind: "changeColumn"; name: string; column: ColumnDefinition; place: ColumnPlace }
  | { kind: "renameColumn"; name: string; to: string }
  | { kind: "dropColumn"; name: string }
  | { kind: "setDefault"; name: string; value?: Expr; isExpression: boolean }
  | { kind: "addKey"; key: KeyDefinition }
  | { kind: "dropKey"; name: string }
  | { kind: "renameKey"; name: string; to: string }
  | { kind: "addForeignKey"; foreignKey: ForeignKeyDefinition }
  | { kind: "dropForeignKey"; name: string }
  | { kind: "addCheck"; check: CheckDefinition }
  | { kind: "dropCheck"; name: string }
  | { kind: "rename"; to: TableName }
  | { kind: "options"; options: TableOptions }
  | { kind: "convert"; charset: string; collation?: string };

export type Ddl =
  | CreateTable
  | { kind: "createDatabase"; name: string; ifNotExists: boolean; charset?: string; collation?: string }
  | { kind: "dropDatabase"; name: string; ifExists: boolean }
  | { kind: "dropTable"; tables: TableName[]; ifExists: boolean }
  | { kind: "truncate"; table: TableName }
  | { kind: "alterTable"; table: TableName; actions: AlterAction[] }
  | { kind: "renameTable"; renames: { from: TableName; to: TableName }[] }
  | { kind: "createView"; view: TableName; orReplace: boolean; columns?: string[]; query: Query; queryText: string }
  | { kind: "dropView"; views: TableName[]; ifExists: boolean };
