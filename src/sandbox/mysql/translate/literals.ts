import type { Expr } from "../parse/ast.js";
import { Bits, type Datum } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";

/** The value of a literal; undefined for every other expression. */
export function literalValue(expr: Expr): Datum | undefined {
  switch (expr.kind) {
    case "string":
      return expr.charset === "binary" ? Buffer.from(expr.value) : expr.value;
    case "number":
      return numberValue(expr.text);
    case "hex":
      return new Bits(Buffer.from(expr.digits.length % 2 === 0 ? expr.digits : `0${expr.digits}`, "hex"));
    case "bits":
      return new Bits(bitsOf(expr.bits));
    case "null":
      return null;
    case "bool":
      return expr.value ? 1n : 0n;
    case "unary": {
      const value = expr.op === "-" && expr.operand.kind === "number" ? numberValue(expr.operand.text) : undefined;
      if (typeof value === "bigint" || typeof value === "number") return -value;
      return value instanceof Decimal ? new Decimal(-value.unscaled, value.scale) : undefined;
    }
    default:
      return undefined;
  }
}

function numberValue(text: string): bigint | number | Decimal {
  if (/^\d+$/.test(text)) return BigInt(text);
  return /e/i.test(text) ? Number(text) : (Decimal.parse(text) ?? Decimal.of(0n));
}

function bitsOf(bits: string): Buffer {
  const bytes = Math.ceil(bits.length / 8);
  return bytes === 0
    ? Buffer.alloc(0)
    : Buffer.from(
        BigInt(`0b${bits}`)
          .toString(16)
          .padStart(bytes * 2, "0"),
        "hex",
      );
}
