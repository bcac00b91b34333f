import type { Value } from "../../../wire/result.js";
import type { Expr } from "../../mysql/parse/ast.js";

/** A constant as MySQL's text protocol prints it, and its query.Type. */
export interface Literal {
  value: Value;
  type: string;
}

/** Undefined for an expression that isn't a constant. */
export function literalOf(expr: Expr): Literal | undefined {
  switch (expr.kind) {
    case "null":
      return { value: null, type: "NULL_TYPE" };
    case "string":
    case "temporal":
      return { value: Buffer.from(expr.value), type: "VARCHAR" };
    case "number":
      return number(expr.text);
    case "bool":
      return number(expr.value ? "1" : "0");
    case "hex":
      return {
        value: Buffer.from(expr.digits.length % 2 === 0 ? expr.digits : `0${expr.digits}`, "hex"),
        type: "VARBINARY",
      };
    case "unary":
      return expr.op === "-" && expr.operand.kind === "number" ? number(`-${expr.operand.text}`) : undefined;
    default:
      return undefined;
  }
}

function number(text: string): Literal {
  const type = /^-?\d+$/.test(text) ? "INT64" : /e/i.test(text) ? "FLOAT64" : "DECIMAL";
  return { value: Buffer.from(text), type };
}
