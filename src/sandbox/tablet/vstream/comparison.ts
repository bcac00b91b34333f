/** Conditions on one column: =, <>, <, <=, >, >=, IN, IS [NOT] NULL with literals. */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { isNode, literal, nodes, type SqlNode } from "../sql.js";
import { isIntegral, isNumeric } from "../values.js";

type ValueTest = (value: Value) => boolean;

const orders: Record<string, (order: number) => boolean> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** NULL satisfies nothing but IS NULL. Text is compared by its bytes, as v11 to v16 streamers do. */
export function comparison(operator: string, field: Field, right: unknown): ValueTest {
  if (operator === "IS" || operator === "IS NOT") {
    if (!isNode(right) || right.type !== "null") throw new Error(`unsupported constraint: ${operator}`);
    return (value) => (value === null) === (operator === "IS");
  }
  if (operator === "IN" && isNode(right)) {
    const members = nodes(right.value).map((node) => compareWith(field, node));
    return (value) => value !== null && members.some((compare) => compare(value) === 0);
  }
  const holds = orders[operator];
  if (holds === undefined || !isNode(right)) throw new Error(`unsupported constraint: ${operator}`);
  const compare = compareWith(field, right);
  return (value) => value !== null && holds(compare(value));
}

function compareWith(field: Field, node: SqlNode): (value: Buffer) => number {
  const constant = literal(node);
  if (constant === undefined) throw new Error("only literals are supported in WHERE");
  const { text } = constant;
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
