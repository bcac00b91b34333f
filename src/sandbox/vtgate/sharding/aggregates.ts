import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import type { Expr } from "../../mysql/parse/ast.js";
import { Decimal } from "../../mysql/types/decimal.js";
import type { Answer } from "../answer.js";
import { unsupported } from "../errors.js";
import { compareValues, isOrderedByBytes } from "./compare.js";

/** How shards' values of one column become one. */
export type Combination = "sum" | "min" | "max" | "first";

/** Undefined for what one value of each shard doesn't tell. */
export function combinationOf(expr: Expr): Combination | undefined {
  if (expr.kind === "string" || expr.kind === "number" || expr.kind === "null") return "first";
  if (expr.kind !== "call" || expr.distinct === true) return undefined;
  if (expr.name === "count" || expr.name === "sum") return "sum";
  return expr.name === "min" || expr.name === "max" ? expr.name : undefined;
}

/** One row, or none when LIMIT 0 left none. NULLs count only when there is nothing else. */
export function combineAggregates(answers: Answer[], combinations: Combination[]): Answer {
  const [first] = answers;
  const rows = answers.flatMap((answer) => answer.rows);
  if (first === undefined || rows.length === 0) return first ?? { fields: [], rows: [], rowsAffected: 0, insertId: 0n };
  const row = first.fields.map((field, i) => {
    const values = rows.map((each) => each[i] ?? null).filter((value) => value !== null);
    return combine(values, combinations[i] ?? "first", field);
  });
  return { ...first, rows: [row] };
}

function combine(values: Buffer[], how: Combination, field: Field__Output): Value {
  const [first, ...others] = values;
  if (first === undefined || how === "first" || others.length === 0) return first ?? null;
  if (how === "sum") return sum(values, field);
  if (!isOrderedByBytes(field)) {
    throw unsupported("min/max on types that are not comparable is not supported");
  }
  const sign = how === "min" ? 1 : -1;
  return others.reduce((best, value) => (sign * compareValues(value, best, field) < 0 ? value : best), first);
}

function sum(values: Buffer[], field: Field__Output): Buffer {
  if (field.type === "FLOAT64" || field.type === "FLOAT32") {
    return Buffer.from(String(values.reduce((total, value) => total + Number(value), 0)));
  }
  const numbers = values.map((value) => Decimal.parse(value.toString("latin1")) ?? Decimal.of(0n));
  return Buffer.from(numbers.reduce((total, value) => total.add(value)).toString());
}
