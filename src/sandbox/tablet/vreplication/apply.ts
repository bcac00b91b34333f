/** Source rows as statements on the target's table (vreplication/replicator_plan.go). */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { quoteIdentifierIfNeeded, sqlString } from "../../../wire/sql.js";
import type { ColumnSchema, Session, TableSchema } from "../../mysql/port.js";
import { columnNamed, keyColumns, sqlLiteral } from "../values.js";
import type { LastKey } from "./copy-state.js";

export type Row = readonly Value[];

export interface PlanOptions {
  /** Clocks of DATETIME columns: read as `from`, stored as `to` (table_plan_builder.go, v14). */
  timeZones?: { from: string; to: string };
  /** What identified the table's rows when the stream started; else what does now. */
  key?: readonly string[];
  /** Values of ENUM columns are numbers. */
  enumNumbers?: boolean;
}

/** How rows with `fields` go into `table`. Generated columns compute themselves. */
export class TablePlan {
  readonly #written: { name: string; field: Field; index: number }[];
  readonly #key: { name: string; field: Field; index: number; column: ColumnSchema | undefined }[];
  readonly #name: string;
  readonly #keyIsUnique: boolean;
  readonly #zones: string | undefined;
  readonly #enumNumbers: boolean;

  constructor(
    readonly table: TableSchema,
    fields: readonly Field[],
    { timeZones, key, enumNumbers = false }: PlanOptions = {},
  ) {
    this.#enumNumbers = enumNumbers;
    const columns = fields.map((field, index) => ({ name: field.name ?? "", field, index }));
    this.#name = quoteIdentifierIfNeeded(table.name);
    this.#written = columns.filter(({ name }) => columnNamed(table, name)?.generated !== true);
    this.#zones = timeZones && `${sqlString(timeZones.from)}, ${sqlString(timeZones.to)}`;
    const wanted = (key ?? keyColumns(table)).map((name) => name.toLowerCase());
    this.#key = columns
      .filter(({ name }) => wanted.includes(name.toLowerCase()))
      .map((column) => ({ ...column, column: columnNamed(table, column.name) }));
    this.#keyIsUnique = key !== undefined || table.primaryKey.length > 0 || table.primaryKeyEquivalent.length > 0;
  }

  insert(rows: readonly Row[]): string {
    return this.#insert(rows, (column, row) => this.#stored(column, row));
  }

  /** A row before the last key of a copy under way: its clocks are left as the source has them, as in Vitess. */
  insertCopied(row: Row): string {
    return this.#insert([row], (column) => this.#literal(column, row));
  }

  #insert(rows: readonly Row[], value: (column: { name: string; field: Field; index: number }, row: Row) => string) {
    const names = this.#written.map(({ name }) => quoteIdentifierIfNeeded(name)).join(",");
    const values = rows.map((row) => `(${this.#written.map((column) => value(column, row)).join(",")})`);
    return `insert into ${this.#name}(${names}) values ${values.join(", ")}`;
  }

  /** A changed key is another row: the old one goes and a new one comes (replicator_plan.go, applyChange). */
  changesKey(before: Row, after: Row): boolean {
    return this.#keyIsUnique && this.#key.some(({ index }) => !same(before[index], after[index]));
  }

  /**
   * All columns but the key's, changed or not: binary logs have whole rows (replicator_plan.go, generateUpdateStatement).
   * Where every column identifies the row, those that changed.
   */
  update(before: Row, after: Row): string {
    const others = this.#written.filter(({ index }) => !this.#key.some((column) => column.index === index));
    const changed = this.#written.filter(({ index }) => !same(before[index], after[index]));
    const written = others.length > 0 ? others : changed;
    const sets = written.map((column) => `${quoteIdentifierIfNeeded(column.name)}=${this.#stored(column, after)}`);
    return `update ${this.#name} set ${sets.join(", ")}${this.#where(before)}`;
  }

  delete(before: Row): string {
    return `delete from ${this.#name}${this.#where(before)}`;
  }

  /** Does the row lie in the part that was copied, up to and including `last`? MySQL compares, by its collations. */
  isCopied(session: Session, row: Row, last: LastKey): boolean {
    const terms = last.fields.map(({ name }, i) => {
      const key = this.#key.find((column) => column.name.toLowerCase() === name?.toLowerCase());
      if (key === undefined) throw new Error(`column ${name} of lastpk is not in table ${this.table.name}`);
      const collate = key.column?.collation === undefined ? "" : ` collate ${key.column.collation}`;
      return { value: `${this.#literal(key, row)}${collate}`, bound: sqlLiteral(last.row[i], key.field) };
    });
    const alternatives = terms.map(({ value, bound }, i) => {
      const equal = terms.slice(0, i).map((term) => `${term.value} = ${term.bound}`);
      const operator = i === terms.length - 1 ? "<=" : "<";
      return `(${[...equal, `${value} ${operator} ${bound}`].join(" and ")})`;
    });
    const { rows } = session.execute(`select 1 from dual where ${alternatives.join(" or ")}`);
    return rows.length > 0;
  }

  /**
   * Among equal rows without a key, one is as good as another, but only one is meant. Without a key a FLOAT or a
   * JSON column finds nothing: neither equals its own text, in MySQL as here.
   */
  #where(row: Row): string {
    const conditions = this.#key.map((column) => {
      const operator = this.#keyIsUnique ? "=" : "<=>";
      return `${quoteIdentifierIfNeeded(column.name)}${operator}${this.#literal(column, row)}`;
    });
    return ` where ${conditions.join(" and ")}${this.#keyIsUnique ? "" : " limit 1"}`;
  }

  /** What is written, as opposed to compared. */
  #stored(column: { field: Field; index: number }, row: Row): string {
    const literal = this.#literal(column, row);
    return this.#zones === undefined || column.field.type !== "DATETIME"
      ? literal
      : `convert_tz(${literal}, ${this.#zones})`;
  }

  #literal({ field, index }: { field: Field; index: number }, row: Row): string {
    const value = row[index];
    const isNumber = this.#enumNumbers && field.type === "ENUM" && value != null;
    return isNumber ? value.toString("latin1") : sqlLiteral(value, field);
  }
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === null || b === null || a === undefined || b === undefined) return a === b;
  return a.equals(b);
}
