import type { Value } from "../../../wire/result.js";
import type { Expr } from "../../mysql/parse/ast.js";

/** A constant as MySQL's text protocol prints it; undefined for an expression that isn't one. */
export function literalValue(expr: Expr): Value | undefined {
  switch (expr.kind) {
    case "null":
      return null;
    case "string":
    case "temporal":
      return Buffer.from(expr.value);
    case "number":
      return Buffer.from(expr.text);
    case "bool":
      return Buffer.from(expr.value ? "1" : "0");
    case "hex":
      return Buffer.from(expr.digits.length % 2 === 0 ? expr.digits : `0${expr.digits}`, "hex");
    case "unary":
      return expr.op === "-" && expr.operand.kind === "number" ? Buffer.from(`-${expr.operand.text}`) : undefined;
    default:
      return undefined;
  }
}
