/** Conditions on one column: =, <>, <, <=, >, >=, IN, IS [NOT] NULL with literals. */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import type { Expr } from "../../mysql/parse/ast.js";
import { literal } from "../sql.js";
import { isIntegral, isNumeric } from "../values.js";

type ValueTest = (value: Value) => boolean;

const orders: Record<string, (order: number) => boolean> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/**
 * A condition whose left side is the column that `field` describes. NULL satisfies nothing but IS NULL.
 * Text is compared by its bytes, as v11 to v16 streamers do.
 */
export function comparison(condition: Expr, field: Field): ValueTest {
  if (condition.kind === "is" && condition.test === "null") return (value) => (value === null) !== condition.not;
  if (condition.kind === "in" && !condition.not && Array.isArray(condition.list)) {
    const members = condition.list.map((member) => compareWith(field, member));
    return (value) => value !== null && members.some((compare) => compare(value) === 0);
  }
  const operator = condition.kind === "binary" ? condition.op : condition.kind;
  const holds = orders[operator];
  if (holds === undefined || condition.kind !== "binary") throw new Error(`unsupported constraint: ${operator}`);
  const compare = compareWith(field, condition.right);
  return (value) => value !== null && holds(compare(value));
}

function compareWith(field: Field, node: Expr): (value: Buffer) => number {
  const text = literal(node);
  if (text === undefined) throw new Error("only literals are supported in WHERE");
  if (isIntegral(field) && /^-?\d+$/.test(text)) {
    const bound = BigInt(text);
    return (value) => sign(BigInt(value.toString("latin1")), bound);
  }
  if (isNumeric(field)) {
    const bound = Number(text);
    return (value) => sign(Number(value.toString("latin1")), bound);
  }
  const bound = Buffer.from(text, "utf8");
  return (value) => value.compare(bound);
}

function sign<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
