/** Column values as MySQL's text protocol prints them, and back as SQL literals. */
import type { Field } from "../../wire/generated/query/Field.js";
import type { Value } from "../../wire/result.js";
import { sqlString } from "../../wire/sql.js";
import type { ColumnSchema, TableSchema } from "../mysql/port.js";

const numeric = /^(?:U?INT\d+|YEAR|FLOAT\d+|DECIMAL)$/;
const bytes = new Set(["VARBINARY", "BINARY", "BLOB", "BIT", "GEOMETRY", "VECTOR"]);

export function isIntegral(field: Field): boolean {
  return /^(?:U?INT\d+|YEAR)$/.test(String(field.type));
}

export function isNumeric(field: Field): boolean {
  return numeric.test(String(field.type));
}

/** A literal that MySQL stores as exactly this value in a column of the field's type. */
export function sqlLiteral(value: Value | undefined, field: Field): string {
  if (value === null || value === undefined) return "null";
  const type = String(field.type);
  if (isNumeric(field)) return value.toString("latin1");
  if (bytes.has(type) && field.charset === BINARY_COLLATION) return `x'${value.toString("hex")}'`;
  const text = value.toString("utf8");
  // Bytes that are no UTF-8 can only be written down as bytes.
  return Buffer.from(text, "utf8").equals(value) ? sqlString(text) : `x'${value.toString("hex")}'`;
}

/** Text columns with a _bin collation travel as binary types too (sqltypes/type.go), but carry their own collation. */
const BINARY_COLLATION = 63;

export function columnNamed(table: TableSchema, name: string): ColumnSchema | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/**
 * The columns that order and identify a table's rows: primary key, else an equivalent unique key, else every
 * column (vstreamer/rowstreamer.go, buildPKColumns).
 */
export function keyColumns(table: TableSchema): string[] {
  if (table.primaryKey.length > 0) return table.primaryKey;
  if (table.primaryKeyEquivalent.length > 0) return table.primaryKeyEquivalent;
  return table.columns.map((column) => column.name);
}
