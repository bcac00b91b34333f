import { type ColumnDefinition, readColumns } from "./columns.js";
import { type ForeignKey, readForeignKeys } from "./foreign-keys.js";
import { type KeyDefinition, readKeys } from "./keys.js";
import { readTableText } from "./table-text.js";

/** A table as its SHOW CREATE TABLE text tells. */
export interface TableParts {
  columns: ColumnDefinition[];
  /** Columns of the primary key in its order; empty when there is none. */
  primaryKey: string[];
  /** Without the primary key. */
  keys: KeyDefinition[];
  foreignKeys: ForeignKey[];
}

/** Reads a CREATE TABLE text as MySQL 5.7 to 9 and MariaDB 10 print it. */
export function readTable(sql: string): TableParts {
  const text = readTableText(sql);
  const keys = readKeys(text);
  const primary = keys.find((key) => key.kind === "primary");
  return {
    columns: readColumns(text),
    primaryKey: (primary?.columns ?? []).filter((column) => column !== undefined),
    keys: keys.filter((key) => key !== primary),
    foreignKeys: readForeignKeys(text),
  };
}

/**
 * Whether rows have an identity that Vitess can copy and follow them by: a primary key, or what it takes as an
 * equivalent, a unique key of whole columns that can't be NULL (go/vt/mysqlctl/schema.go,
 * GetPrimaryKeyEquivalentColumns, v14 and later).
 */
export function hasRowIdentity({ columns, primaryKey, keys }: TableParts): boolean {
  if (primaryKey.length > 0) return true;
  const solid = new Set(columns.filter((column) => !column.nullable).map((column) => column.name));
  return keys.some(
    (key) =>
      key.kind === "unique" && !key.partial && key.columns.every((name) => name !== undefined && solid.has(name)),
  );
}
