import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { type Answer, done } from "../answer.js";
import { unsupported } from "../errors.js";
import { compareValues, isOrderedByBytes, isText } from "./compare.js";

/** The first answer's columns, every answer's rows in the shards' order. */
export function concatenate(answers: Answer[]): Answer {
  const [first = done] = answers;
  return answers.length === 1 ? first : { ...first, rows: answers.flatMap(({ rows }) => rows) };
}

/** Of writes: rows affected in all, and the first id that was made. */
export function addUp(answers: Answer[]): Answer {
  return {
    ...concatenate(answers),
    rowsAffected: answers.reduce((total, { rowsAffected }) => total + rowsAffected, 0),
    insertId: answers.find(({ insertId }) => insertId !== 0n)?.insertId ?? 0n,
  };
}

export interface MergeOrder {
  /** One for each expression of ORDER BY, in its order; their columns stand behind the client's own. */
  order: { descending: boolean }[];
  limit?: { count: number; offset: number };
}

/**
 * Rows of a SELECT that brings, behind the client's columns, two for each ORDER BY expression: its value and its
 * weight_string, which orders text by its collation.
 */
export function mergeRows(answers: Answer[], { order, limit }: MergeOrder): Answer {
  const all = concatenate(answers);
  const width = all.fields.length - 2 * order.length;
  const rows = order.length === 0 ? all.rows : all.rows.toSorted((a, b) => compareRows(a, b, order, all.fields));
  const { offset, count } = limit ?? { offset: 0, count: rows.length };
  return {
    ...all,
    fields: all.fields.slice(0, width),
    rows: rows.slice(offset, offset + count).map((row) => row.slice(0, width)),
  };
}

function compareRows(a: Value[], b: Value[], order: MergeOrder["order"], fields: Field__Output[]): number {
  const from = fields.length - 2 * order.length;
  for (const [i, { descending }] of order.entries()) {
    const field = fields[from + 2 * i];
    if (field === undefined) return 0;
    if (!isOrderedByBytes(field) && !isText(field) && field.type !== "NULL_TYPE") {
      throw unsupported(`ORDER BY a value of type ${field.type} over several shards`);
    }
    const at = isOrderedByBytes(field) ? from + 2 * i : from + 2 * i + 1;
    const difference = compareValues(a[at] ?? null, b[at] ?? null, fields[at] ?? field);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}
