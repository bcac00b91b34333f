import type { Field__Output } from "./generated/query/Field.js";
import type { QueryResult, QueryResult__Output } from "./generated/query/QueryResult.js";
import type { Row, Row__Output } from "./generated/query/Row.js";

/** A value as MySQL's text protocol prints it; null is NULL. */
export type Value = Buffer | null;

export interface ResultSet {
  fields: Field__Output[];
  rows: Value[][];
  rowsAffected: number;
  insertId: bigint;
}

/**
 * Splits a row into its values: `lengths` are walked over `values`, -1 is NULL
 * (go/sqltypes/result.go, proto3ToRows).
 */
export function decodeRow(row: Row__Output): Value[] {
  let offset = 0;
  return row.lengths.map((text) => {
    const length = Number(text);
    if (length < 0) return null;
    offset += length;
    return row.values.subarray(offset - length, offset);
  });
}

export function encodeRow(values: readonly Value[]): Row {
  return {
    lengths: values.map((value) => (value === null ? -1 : value.length)),
    values: Buffer.concat(values.filter((value) => value !== null)),
  };
}

export function decodeResult(result: QueryResult__Output | null): ResultSet {
  if (result === null) return { fields: [], rows: [], rowsAffected: 0, insertId: 0n };
  return {
    fields: result.fields,
    rows: result.rows.map(decodeRow),
    rowsAffected: Number(result.rows_affected),
    insertId: BigInt(result.insert_id),
  };
}

export function encodeResult(result: ResultSet): QueryResult {
  return {
    fields: result.fields,
    rows: result.rows.map(encodeRow),
    rows_affected: result.rowsAffected,
    insert_id: result.insertId.toString(),
  };
}

/** Rows as objects by column name, values as UTF-8 text: for the small tables of `_vt`. */
export function records(result: ResultSet): Record<string, string | null>[] {
  return result.rows.map((row) =>
    Object.fromEntries(result.fields.map((field, i) => [field.name, row[i]?.toString("utf8") ?? null])),
  );
}
