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
export function hasRowIdentity(table: TableParts): boolean {
  return table.primaryKey.length > 0 || equivalentKeys(table).length > 0;
}

/**
 * The columns that streams find a row by: the primary key's, else an equivalent key's, else all of them
 * (go/vt/vttablet/tabletmanager/vreplication/vreplicator.go, buildColInfoMap, v14 and later). Which of several
 * equivalent keys a tablet takes depends on its version: here they all count.
 */
export function identityColumns(table: TableParts): string[] {
  if (table.primaryKey.length > 0) return table.primaryKey;
  const keys = equivalentKeys(table);
  const columns = keys.flatMap((key) => key.columns.filter((column) => column !== undefined));
  return keys.length > 0 ? [...new Set(columns)] : table.columns.map((column) => column.name);
}

function equivalentKeys({ columns, keys }: TableParts): KeyDefinition[] {
  const solid = new Set(columns.filter((column) => !column.nullable).map((column) => column.name));
  return keys.filter(
    (key) =>
      key.kind === "unique" && !key.partial && key.columns.every((name) => name !== undefined && solid.has(name)),
  );
}
