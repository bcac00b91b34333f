/** Row events of another server, written as they are: no defaults, no checks, values in table order. */

import type { Value } from "../../wire/result.js";
import { type Catalog, primaryKey, type Table } from "./catalog.js";
import { MysqlError } from "./port.js";
import { duplicateEntry, type RowKey, type RowStore } from "./row-store.js";
import { representationOf } from "./types/column-type.js";
import { Bits, type Datum, type Stored, unbiased } from "./types/datum.js";
import { storeValue } from "./types/store.js";

/** What a replica's applier reports when a row isn't there, or is there already. */
const ROW_MISSING = 1032;

export class RowApplier {
  constructor(
    readonly catalog: Catalog,
    private readonly store: RowStore,
  ) {}

  /** Throws MysqlError 1032 or 1062 when the table's rows aren't what the event expects. */
  apply(table: Table, before: readonly Value[] | undefined, after: readonly Value[] | undefined): void {
    const old = before && toStored(table, before);
    const row = after && toStored(table, after);
    if (row) countOn(table, row);
    if (!old) {
      const collision = row && this.store.insert(table, row);
      if (collision) throw duplicateEntry(table, collision, row);
      return;
    }
    const key = this.find(table, old);
    if (!row) {
      this.store.delete(table, key);
      return;
    }
    const collision = this.store.update(table, key, row);
    if (collision) throw duplicateEntry(table, collision, row);
  }

  /** By primary key; without one, the first row that is the same in every column. */
  private find(table: Table, row: readonly Stored[]): RowKey {
    const primary = primaryKey(table);
    if (primary) {
      const found = this.store.findByKey(table, primary, row);
      if (found) return found.key;
    } else {
      const where = table.columns.map((column, i) => `${column.sqlName} IS ?${i + 1}`).join(" AND ");
      const statement = this.store.lookup(
        table,
        "same row",
        `SELECT rowid FROM ${table.sqlName} WHERE ${where} LIMIT 1`,
      );
      statement.bind(row);
      const key = statement.step() ? statement.values() : undefined;
      statement.reset();
      if (key) return key;
    }
    throw new MysqlError(ROW_MISSING, "HY000", `Can't find record in '${table.name}'`);
  }
}

/** So that a replica that becomes the primary doesn't give a number twice. */
function countOn(table: Table, row: readonly Stored[]): void {
  const index = table.columns.findIndex((column) => column.autoIncrement);
  const column = table.columns[index];
  const stored = row[index];
  if (!column || typeof stored !== "bigint") return;
  const value = representationOf(column.type) === "uint" ? unbiased(stored) : stored;
  if (value >= table.nextAuto) table.nextAuto = value + 1n;
}

const lenient = { row: 1, mode: () => false, timeZone: "+00:00", complain: () => undefined };

function toStored(table: Table, image: readonly Value[]): Stored[] {
  return table.columns.map((column, i) => storeValue(column, toDatum(column, image[i] ?? null), lenient));
}

function toDatum(column: Table["columns"][number], value: Value): Datum {
  if (value === null) return null;
  const representation = representationOf(column.type);
  if (representation === "blob") return value;
  return representation === "bit" ? new Bits(value) : value.toString("utf8");
}
