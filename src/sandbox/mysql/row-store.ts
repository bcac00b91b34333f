/** Rows of tables in SQLite: their storage, and the statements that write single rows. */
import { type Column, findColumn, type Key, primaryKey, type Table } from "./catalog.js";
import { type Engine, SqliteError } from "./engine.js";
import { errors } from "./errors.js";
import type { Statement } from "./statement.js";
import { DECIMAL_ORDER } from "./translate/typed.js";
import { representationOf } from "./types/column-type.js";
import type { Stored } from "./types/datum.js";
import { printValue } from "./types/print.js";
import { columnSqlType } from "./types/sql-type.js";

/** A row's identity: the rowid, or the primary key's stored values. */
export type RowKey = readonly Stored[];

interface TableStatements {
  insert: Statement;
  update: Statement;
  delete: Statement;
}

export class RowStore {
  private readonly statements = new Map<string, TableStatements>();
  private readonly lookups = new Map<string, Statement>();

  constructor(readonly engine: Engine) {}

  /** Chooses the table's row identity and makes its storage. */
  create(table: Table, ifMissing = false): void {
    const primary = primaryKey(table);
    const [first] = primary?.parts ?? [];
    const isWhole = primary?.parts.every((part) => part.column && part.length === undefined) ?? false;
    const single = isWhole && primary?.parts.length === 1 ? first?.column : undefined;
    const isInteger = single !== undefined && ["int", "uint"].includes(representationOf(single.type));
    table.identity = isWhole && !isInteger ? "primary" : "rowid";
    const columns = table.columns.map(
      (column) => `${column.sqlName} ${declaration(column)}${column === single && isInteger ? " PRIMARY KEY" : ""}`,
    );
    const key =
      table.identity === "primary"
        ? [`PRIMARY KEY (${(primary?.parts ?? []).map((part) => part.column?.sqlName).join(", ")})`]
        : [];
    this.engine.exec(
      `CREATE TABLE ${ifMissing ? "IF NOT EXISTS " : ""}${table.sqlName} (${[...columns, ...key].join(", ")})${table.identity === "primary" ? " WITHOUT ROWID" : ""}`,
    );
    for (const [i, each] of table.keys.entries()) {
      if (each.kind === "unique" || (each.kind === "primary" && !isWhole)) this.createUniqueIndex(table, each, i);
    }
  }

  /** Functional key parts can't be indexed here: such a key stays a name. */
  private createUniqueIndex(table: Table, key: Key, number: number): void {
    const parts = key.parts.map((part) => (part.column ? indexPart(part.column, part.length) : undefined));
    if (parts.includes(undefined)) return;
    this.engine.exec(`CREATE UNIQUE INDEX ${table.sqlName}_${number} ON ${table.sqlName} (${parts.join(", ")})`);
  }

  drop(table: Table): void {
    this.forget(table);
    this.engine.exec(`DROP TABLE ${table.sqlName}`);
  }

  /** Ends the table's prepared statements, which would keep it from being changed. */
  forget(table: Table): void {
    const known = this.statements.get(table.sqlName);
    for (const statement of known ? [known.insert, known.update, known.delete] : []) statement.finalize();
    this.statements.delete(table.sqlName);
    for (const [name, statement] of this.lookups) {
      if (!name.startsWith(`${table.sqlName}:`)) continue;
      statement.finalize();
      this.lookups.delete(name);
    }
  }

  /** The columns that identify a row, behind `prefix`. */
  keyColumns(table: Table, prefix = ""): string[] {
    if (table.identity === "rowid") return [`${prefix}rowid`];
    return (primaryKey(table)?.parts ?? []).map((part) => `${prefix}${part.column?.sqlName}`);
  }

  rowCount(table: Table): number {
    const statement = this.lookup(table, "count", `SELECT count(*) FROM ${table.sqlName}`);
    statement.step();
    const count = Number(statement.value(0));
    statement.reset();
    return count;
  }

  /** A prepared statement that belongs to the table and dies with its storage. */
  lookup(table: Table, name: string, sql: string): Statement {
    const key = `${table.sqlName}:${name}`;
    let statement = this.lookups.get(key);
    if (!statement) {
      statement = this.engine.prepare(sql);
      this.lookups.set(key, statement);
    }
    return statement;
  }

  private prepared(table: Table): TableStatements {
    const known = this.statements.get(table.sqlName);
    if (known) return known;
    const names = table.columns.map((column) => column.sqlName);
    const where = this.keyColumns(table)
      .map((name, i) => `${name} = ?${names.length + i + 1}`)
      .join(" AND ");
    const deleteWhere = this.keyColumns(table)
      .map((name, i) => `${name} = ?${i + 1}`)
      .join(" AND ");
    const made: TableStatements = {
      insert: this.engine.prepare(
        `INSERT INTO ${table.sqlName} (${names.join(", ")}) VALUES (${names.map((_, i) => `?${i + 1}`).join(", ")})`,
      ),
      update: this.engine.prepare(
        `UPDATE ${table.sqlName} SET ${names.map((name, i) => `${name} = ?${i + 1}`).join(", ")} WHERE ${where}`,
      ),
      delete: this.engine.prepare(`DELETE FROM ${table.sqlName} WHERE ${deleteWhere}`),
    };
    this.statements.set(table.sqlName, made);
    return made;
  }

  /** `row` in table order. Returns the key that it collides with, undefined when it is in. */
  insert(table: Table, row: readonly Stored[]): Key | undefined {
    try {
      this.prepared(table).insert.run(row);
      return undefined;
    } catch (error) {
      return this.collision(table, error);
    }
  }

  update(table: Table, key: RowKey, row: readonly Stored[]): Key | undefined {
    try {
      this.prepared(table).update.run([...row, ...key]);
      return undefined;
    } catch (error) {
      return this.collision(table, error);
    }
  }

  delete(table: Table, key: RowKey): void {
    this.prepared(table).delete.run(key);
  }

  /** SQLite names the columns, or the index, of a unique key that was hurt. */
  private collision(table: Table, error: unknown): Key {
    if (!(error instanceof SqliteError)) throw error;
    const index = /^UNIQUE constraint failed: index '\w+_(\d+)'/.exec(error.message)?.[1];
    const byIndex = index === undefined ? undefined : table.keys[Number(index)];
    if (byIndex) return byIndex;
    const list = /^UNIQUE constraint failed: (.*)$/.exec(error.message)?.[1];
    const names = (list ?? "").split(", ").map((name) => name.slice(name.indexOf(".") + 1));
    const found = table.keys.find((key) => {
      if (key.kind !== "primary" && key.kind !== "unique") return false;
      const columns = key.parts.map((part) => part.column?.sqlName);
      return columns.length === names.length && columns.every((name, i) => name === names[i]);
    });
    if (found) return found;
    throw error;
  }

  /** The row that `row` collides with in `key`. */
  findByKey(table: Table, key: Key, row: readonly Stored[]): { key: RowKey; row: Stored[] } | undefined {
    const parts = key.parts.flatMap((part) => (part.column ? [{ column: part.column, length: part.length }] : []));
    const names = this.keyColumns(table);
    const all = [...names, ...table.columns.map((column) => column.sqlName)].join(", ");
    const where = parts.map(({ column, length }, i) => {
      const value = length === undefined ? `?${i + 1}` : `substr(?${i + 1}, 1, ${length})`;
      return `${indexPart(column, length)} = ${value}`;
    });
    const statement = this.lookup(
      table,
      `key ${key.name}`,
      `SELECT ${all} FROM ${table.sqlName} WHERE ${where.join(" AND ")}`,
    );
    statement.bind(parts.map(({ column }) => row[table.columns.indexOf(column)] ?? null));
    const values = statement.step() ? statement.values() : undefined;
    statement.reset();
    return values && { key: values.slice(0, names.length), row: values.slice(names.length) };
  }
}

function indexPart(column: Column, length: number | undefined): string {
  if (length === undefined) return column.sqlName;
  const collate = representationOf(column.type) === "text" ? ` COLLATE ${column.type.collation}` : "";
  return `substr(${column.sqlName}, 1, ${length})${collate}`;
}

function declaration(column: Column): string {
  const { type } = column;
  switch (representationOf(type)) {
    case "text":
      return `TEXT COLLATE ${type.collation}`;
    case "decimal":
      return `TEXT COLLATE ${DECIMAL_ORDER}`;
    case "date":
    case "datetime":
    case "json":
      return "TEXT";
    case "double":
      return "REAL";
    case "blob":
    case "bit":
      return "BLOB";
    default:
      return "INTEGER";
  }
}

/** "Duplicate entry '1-a' for key 't.PRIMARY'" */
export function duplicateEntry(table: Table, key: Key, row: readonly Stored[]): Error {
  const values = key.parts.map(({ column, length }) => {
    if (!column) return "";
    const value = printValue(columnSqlType(column.type), row[table.columns.indexOf(column)] ?? null);
    if (value === null) return "NULL";
    const text = value.toString("utf8");
    return length === undefined ? text : Array.from(text).slice(0, length).join("");
  });
  return errors.duplicateEntry(values.join("-").slice(0, 64), `${table.name}.${key.name}`);
}

export function columnIndex(table: Table, name: string, clause: string): number {
  const column = findColumn(table, name);
  if (!column) throw errors.unknownColumn(name, clause);
  return table.columns.indexOf(column);
}
