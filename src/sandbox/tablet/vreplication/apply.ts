/** Source rows as statements on the target's table (vreplication/replicator_plan.go). */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { quoteIdentifier } from "../../../wire/sql.js";
import type { ColumnSchema, Session, TableSchema } from "../../mysql/port.js";
import { columnNamed, keyColumns, sqlLiteral } from "../values.js";
import type { LastKey } from "./copy-state.js";

export type Row = readonly Value[];

/** How rows with `fields` go into `table`. Generated columns compute themselves. */
export class TablePlan {
  readonly #written: { name: string; field: Field; index: number }[];
  readonly #key: { name: string; field: Field; index: number; column: ColumnSchema | undefined }[];
  readonly #name: string;
  readonly #keyIsUnique: boolean;

  constructor(
    readonly table: TableSchema,
    fields: readonly Field[],
  ) {
    const columns = fields.map((field, index) => ({ name: field.name ?? "", field, index }));
    this.#name = quoteIdentifier(table.name);
    this.#written = columns.filter(({ name }) => columnNamed(table, name)?.generated !== true);
    const wanted = keyColumns(table).map((name) => name.toLowerCase());
    this.#key = columns
      .filter(({ name }) => wanted.includes(name.toLowerCase()))
      .map((column) => ({ ...column, column: columnNamed(table, column.name) }));
    this.#keyIsUnique = table.primaryKey.length > 0 || table.primaryKeyEquivalent.length > 0;
  }

  insert(rows: readonly Row[]): string {
    const names = this.#written.map(({ name }) => quoteIdentifier(name)).join(",");
    const values = rows.map((row) => `(${this.#written.map((column) => this.#literal(column, row)).join(",")})`);
    return `insert into ${this.#name}(${names}) values ${values.join(", ")}`;
  }

  update(before: Row, after: Row): string {
    const changed = this.#written.filter(({ index }) => !same(before[index], after[index]));
    const written = changed.length > 0 ? changed : this.#written.slice(0, 1);
    const sets = written.map((column) => `${quoteIdentifier(column.name)}=${this.#literal(column, after)}`);
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
      return `${quoteIdentifier(column.name)}${operator}${this.#literal(column, row)}`;
    });
    return ` where ${conditions.join(" and ")}${this.#keyIsUnique ? "" : " limit 1"}`;
  }

  #literal({ field, index }: { field: Field; index: number }, row: Row): string {
    return sqlLiteral(row[index], field);
  }
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === null || b === null || a === undefined || b === undefined) return a === b;
  return a.equals(b);
}
