/** Builds rows for a table, writes them, and notes the change for the binary log. */
import type { Column, Key, Table } from "../catalog.js";
import { errors } from "../errors.js";
import type { Expr } from "../parse/ast.js";
import { columnIndex, duplicateEntry, type RowKey } from "../row-store.js";
import type { Statement } from "../statement.js";
import { asBoolean } from "../translate/coerce.js";
import { translate } from "../translate/expression.js";
import { Scope } from "../translate/scope.js";
import { Coercibility, type Typed } from "../translate/typed.js";
import { isInteger, representationOf } from "../types/column-type.js";
import { biased, type Datum, type Stored, unbiased } from "../types/datum.js";
import { printValue, toDatum } from "../types/print.js";
import { columnSqlType } from "../types/sql-type.js";
import { storeValue } from "../types/store.js";
import { formatDatetime, roundFraction } from "../types/temporal.js";
import type { StatementContext } from "./statement-context.js";

/** Values by the column's place in the table; absent ones take their default. */
export type GivenValues = (Datum | undefined)[];

export class RowWriter {
  /** Columns whose values are computed, with their statements. */
  private readonly generated: { column: Column; index: number; type: Typed["type"]; statement: Statement }[];
  private readonly checks: { name: string; statement: Statement }[];
  readonly types: ReturnType<typeof columnSqlType>[];

  constructor(
    readonly table: Table,
    private readonly context: StatementContext,
  ) {
    this.types = table.columns.map((column) => columnSqlType(column.type));
    this.generated = table.columns.flatMap((column, index) => {
      if (!column.generated) return [];
      return [
        { column, index, ...this.overRow(`generated ${column.sqlName}`, column.generated.expr, (typed) => typed.sql) },
      ];
    });
    this.checks = table.checks
      .filter((check) => check.enforced)
      .map((check) => ({ name: check.name, ...this.overRow(`check ${check.name}`, check.expr, asBoolean) }));
  }

  /** An expression over one row, whose columns are the statement's parameters. */
  private overRow(
    name: string,
    expr: Expr,
    finish: (typed: Typed) => string,
  ): { type: Typed["type"]; statement: Statement } {
    const scope = new Scope(this.context.translation);
    scope.add({
      alias: this.table.name,
      database: this.table.database,
      columns: this.table.columns.map((column, i) => ({
        name: column.name,
        typed: {
          sql: `?${i + 1}`,
          type: this.types[i] ?? columnSqlType(column.type),
          coercibility: Coercibility.COLUMN,
        },
      })),
    });
    const typed = translate(expr, scope);
    return { type: typed.type, statement: this.context.store.lookup(this.table, name, `SELECT ${finish(typed)}`) };
  }

  private evaluate(statement: Statement, row: readonly Stored[]): Stored {
    try {
      // The expression may not look as far as the last column.
      statement.bind(row.slice(0, statement.parameterCount));
      return statement.step() ? statement.value(0) : null;
    } finally {
      statement.reset();
    }
  }

  /** A complete row in table order. `number` counts the statement's rows from 1, for messages. */
  build(given: GivenValues, number: number): { row: Stored[]; auto: bigint | undefined } {
    const store = this.context.storing(number);
    let auto: bigint | undefined;
    const row = this.table.columns.map((column, i): Stored => {
      if (column.generated) return null;
      const datum = given[i];
      if (column.autoIncrement) {
        const value = this.autoValue(column, datum, number);
        if (value.generated) auto = value.number;
        return value.stored;
      }
      if (datum === undefined) return this.defaultValue(column, number);
      if (datum === null && !column.nullable) return this.nullFor(column, number);
      return storeValue(column, datum, store);
    });
    this.finish(row, number);
    return { row, auto };
  }

  /** Computes generated columns and holds the row against the table's checks. */
  finish(row: Stored[], number: number): void {
    for (const { column, index, type, statement } of this.generated) {
      const value = storeValue(column, toDatum(type, this.evaluate(statement, row)), this.context.storing(number));
      if (value === null && !column.nullable) throw errors.nullNotAllowed(column.name);
      row[index] = value;
    }
    for (const { name, statement } of this.checks) {
      if (this.evaluate(statement, row) === 0n) this.context.complain(errors.checkViolated(name));
    }
  }

  /** NULL for a column that takes none: an error, or with IGNORE the type's zero. */
  nullFor(column: Column, number: number): Stored {
    if (!this.context.ignore) throw errors.nullNotAllowed(column.name);
    this.context.warn(errors.nullNotAllowed(column.name));
    return implicitDefault(column, this.context, number);
  }

  defaultValue(column: Column, number: number): Stored {
    switch (column.default.kind) {
      case "value":
        return column.default.stored;
      case "now":
        return this.now(column);
      case "expression": {
        const scope = new Scope(this.context.translation);
        const typed = translate(column.default.expr, scope);
        return storeValue(column, this.context.valueOf(typed), this.context.storing(number));
      }
      case "null":
        return null;
      default:
        if (column.nullable) return null;
        if (column.type.base === "enum") return 1n;
        this.context.complain(errors.noDefault(column.name));
        return implicitDefault(column, this.context, number);
    }
  }

  /** CURRENT_TIMESTAMP for the column: the session's clock, or UTC for timestamps. */
  now(column: Column): string {
    const moment = column.type.base === "timestamp" ? this.context.translation.now : this.context.localNow;
    const digits = column.type.scale ?? 0;
    const unit = 10 ** (6 - digits);
    return formatDatetime(
      roundFraction({ ...moment, microsecond: Math.floor(moment.microsecond / unit) * unit }, digits),
    );
  }

  private autoValue(
    column: Column,
    datum: Datum | undefined,
    number: number,
  ): { stored: Stored; number: bigint; generated: boolean } {
    const given =
      datum === undefined || datum === null ? null : storeValue(column, datum, this.context.storing(number));
    const value = given === null ? 0n : wholeNumber(column, given);
    const isGiven = value !== 0n || (given !== null && this.context.translation.mode("NO_AUTO_VALUE_ON_ZERO"));
    if (isGiven && given !== null) {
      if (value >= this.table.nextAuto) this.table.nextAuto = value + 1n;
      return { stored: given, number: value, generated: false };
    }
    const next = this.table.nextAuto;
    const stored = storeValue(column, next, this.context.storing(number));
    this.table.nextAuto = next + 1n;
    return { stored, number: next, generated: true };
  }

  /** The key that the row collides with; undefined: it is in. */
  insert(row: readonly Stored[]): Key | undefined {
    const collision = this.context.store.insert(this.table, row);
    if (!collision) this.log(undefined, row);
    return collision;
  }

  /** Throws MysqlError 1062. Nothing happens to a row that stays the same. */
  update(key: RowKey, before: readonly Stored[], after: readonly Stored[]): boolean {
    if (sameRow(before, after)) return false;
    const collision = this.context.store.update(this.table, key, after);
    if (collision) throw duplicateEntry(this.table, collision, after);
    this.log(before, after);
    return true;
  }

  delete(key: RowKey, row: readonly Stored[]): void {
    this.context.store.delete(this.table, key);
    this.log(row, undefined);
  }

  private log(before: readonly Stored[] | undefined, after: readonly Stored[] | undefined): void {
    const image = (row: readonly Stored[] | undefined) =>
      row?.map((value, i) =>
        printValue(this.types[i] ?? columnSqlType({ base: "int", unsigned: false, zerofill: false }), value),
      );
    this.context.logRow(this.table, image(before), image(after));
  }

  indexOf(name: string): number {
    return columnIndex(this.table, name, "field list");
  }
}

function wholeNumber(column: Column, stored: Stored): bigint {
  if (typeof stored === "bigint") return representationOf(column.type) === "uint" ? unbiased(stored) : stored;
  return BigInt(Math.trunc(Number(stored)));
}

/** What non-strict mode stores where nothing is given (manual, "Data Type Default Values"). */
function implicitDefault(column: Column, context: StatementContext, number: number): Stored {
  const { base } = column.type;
  const loose = { ...context.storing(number), mode: () => false, complain: () => undefined };
  if (isInteger(column.type)) return representationOf(column.type) === "uint" ? biased(0n) : 0n;
  if (base === "enum") return 1n;
  if (base === "date" || base === "datetime" || base === "timestamp")
    return storeValue(column, "0000-00-00 00:00:00", loose);
  if (base === "json") return "null";
  if (["decimal", "float", "double", "year", "bit", "set"].includes(base)) return storeValue(column, 0n, loose);
  return base === "time" ? 0n : storeValue(column, "", loose);
}

export function sameRow(a: readonly Stored[], b: readonly Stored[]): boolean {
  return a.every((value, i) => {
    const other = b[i] ?? null;
    if (value instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(value, other) === 0;
    return value === other;
  });
}
