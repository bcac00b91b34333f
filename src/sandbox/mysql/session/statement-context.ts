/** What one statement carries through its execution: clock, warnings, IGNORE, and the log. */
import type { Value } from "../../../wire/result.js";
import type { Table } from "../catalog.js";
import type { MysqlError } from "../port.js";
import type { RowStore } from "../row-store.js";
import type { TranslateContext } from "../translate/scope.js";
import type { Typed } from "../translate/typed.js";
import type { Datum } from "../types/datum.js";
import { toDatum } from "../types/print.js";
import type { StoreContext } from "../types/store.js";
import type { Moment } from "../types/temporal.js";
import { toZone } from "../types/time-zone.js";

export interface StatementLog {
  row(table: Table, before: Value[] | undefined, after: Value[] | undefined): void;
}

export class StatementContext {
  readonly warnings: MysqlError[] = [];
  /** INSERT IGNORE, UPDATE IGNORE: errors become warnings. */
  ignore = false;

  constructor(
    readonly translation: TranslateContext,
    readonly store: RowStore,
    private readonly log: StatementLog,
  ) {}

  get isStrict(): boolean {
    return !this.ignore && (this.translation.mode("STRICT_TRANS_TABLES") || this.translation.mode("STRICT_ALL_TABLES"));
  }

  warn(error: MysqlError): void {
    this.warnings.push(error);
  }

  /** Throws in strict mode, warns otherwise. */
  complain(error: MysqlError): void {
    if (this.isStrict) throw error;
    this.warn(error);
  }

  storing(row: number): StoreContext {
    return {
      row,
      mode: (name) => this.translation.mode(name),
      timeZone: this.translation.timeZone,
      complain: (error) => this.complain(error),
    };
  }

  get localNow(): Moment {
    return toZone(this.translation.now, this.translation.timeZone);
  }

  logRow(table: Table, before: Value[] | undefined, after: Value[] | undefined): void {
    this.log.row(table, before, after);
  }

  /** The value of an expression that needs no row. */
  valueOf(typed: Typed): Datum {
    if (typed.literal !== undefined) return typed.literal;
    return this.valuesOf([typed])[0] ?? null;
  }

  valuesOf(typed: readonly Typed[]): Datum[] {
    const statement = this.store.engine.prepare(`SELECT ${typed.map(({ sql }) => sql).join(", ")}`);
    try {
      statement.step();
      return typed.map(({ type }, i) => toDatum(type, statement.value(i)));
    } finally {
      statement.finalize();
    }
  }
}
