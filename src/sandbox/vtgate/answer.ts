import type { Field__Output } from "../../wire/generated/query/Field.js";
import type { ResultSet } from "../../wire/result.js";

/** What a statement comes to: with fields it is a result set, without it is an OK. */
export type Answer = ResultSet;

export const done: Answer = { fields: [], rows: [], rowsAffected: 0, insertId: 0n };

/** utf8mb4_general_ci, which old clients know, too. */
export const textCharset = 45;

/** A result the vtgate makes itself: columns of text, null is NULL. */
export function textResult(columns: string[], rows: (string | null)[][]): Answer {
  return {
    fields: columns.map(textField),
    rows: rows.map((row) => row.map((value) => (value === null ? null : Buffer.from(value)))),
    rowsAffected: 0,
    insertId: 0n,
  };
}

function textField(name: string): Field__Output {
  return {
    name,
    type: "VARCHAR",
    table: "",
    org_table: "",
    database: "",
    org_name: "",
    column_length: 1024,
    charset: textCharset,
    decimals: 0,
    flags: 0,
    column_type: "varchar",
  };
}
