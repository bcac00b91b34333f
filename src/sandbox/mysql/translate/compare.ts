/** Comparisons: which representation both sides meet in (manual, "Type Conversion in Expression Evaluation"). */
import type { BinaryOperator } from "../parse/ast.js";
import { Bits, type Datum } from "../types/datum.js";
import { isNumeric, isStringLike, isTemporal } from "../types/sql-type.js";
import { asBlob, asDecimal, asDouble, asJson, asTemporal, asText, asUint } from "./coerce.js";
import { DECIMAL_ORDER, literal, sharedCollation, type Typed } from "./typed.js";

export interface Comparable {
  left: string;
  right: string;
  /** " COLLATE x", or nothing. */
  collate: string;
}

export type ComparisonOperator = "=" | "<=>" | "<>" | "<" | "<=" | ">" | ">=";

const COMPARISONS = new Set<string>(["=", "<=>", "<>", "<", "<=", ">", ">="]);

export function isComparison(op: BinaryOperator): op is ComparisonOperator {
  return COMPARISONS.has(op);
}

export function compareSql(op: ComparisonOperator, left: Typed, right: Typed): string {
  const both = comparable(left, right);
  const operator = op === "<=>" ? "IS" : op;
  return `(${both.left} ${operator} ${both.right}${both.collate})`;
}

export function comparable(left: Typed, right: Typed): Comparable {
  const a = left.type.representation;
  const b = right.type.representation;
  const plain = (x: string, y: string): Comparable => ({ left: x, right: y, collate: "" });
  if (a === "null" || b === "null") return plain(left.sql, right.sql);

  if (a === "json" || b === "json") return plain(`my_json_key(${asJson(left)})`, `my_json_key(${asJson(right)})`);
  if (isTemporal(left.type) || isTemporal(right.type)) return temporal(left, right);
  if ((a === "blob" || a === "bit") && !isNumberSide(right)) return plain(asBlob(left), asBlob(right));
  if ((b === "blob" || b === "bit") && !isNumberSide(left)) return plain(asBlob(left), asBlob(right));
  if (isStringLike(left.type) && isStringLike(right.type)) {
    return { left: asText(left), right: asText(right), collate: ` COLLATE ${sharedCollation([left, right])}` };
  }
  // A member's index against a number.
  if ((a === "enum" || a === "set") && b === "int") return plain(left.sql, right.sql);
  if ((b === "enum" || b === "set") && a === "int") return plain(left.sql, right.sql);
  return numeric(numberOf(left), numberOf(right));
}

function isNumberSide(operand: Typed): boolean {
  return isNumeric(operand.type) && operand.type.representation !== "bit";
}

/** A text literal that reads as an exact number is one: it keeps 64-bit keys exact and their index usable. */
function numberOf(operand: Typed): Typed {
  const value: Datum | undefined = operand.literal;
  if (value instanceof Bits) return literal(value.toBigInt());
  if (typeof value === "string" && /^\s*-?\d{1,19}\s*$/.test(value)) return literal(BigInt(value.trim()));
  return operand;
}

function numeric(left: Typed, right: Typed): Comparable {
  const a = left.type.representation;
  const b = right.type.representation;
  if (a === "int" && b === "int") return { left: left.sql, right: right.sql, collate: "" };
  if (isUintLike(left) && isUintLike(right)) return { left: asUint(left), right: asUint(right), collate: "" };
  const exact = ["int", "uint", "decimal", "bit"];
  if (exact.includes(a) && exact.includes(b)) {
    return { left: asDecimal(left), right: asDecimal(right), collate: ` COLLATE ${DECIMAL_ORDER}` };
  }
  return { left: asDouble(left), right: asDouble(right), collate: "" };
}

/** bigint unsigned, or something that surely fits it. */
function isUintLike({ type, literal: value }: Typed): boolean {
  return type.representation === "uint" || (typeof value === "bigint" && value >= 0n);
}

function temporal(left: Typed, right: Typed): Comparable {
  const numberSide = isNumberSide(left) ? left : isNumberSide(right) ? right : undefined;
  if (numberSide && numberSide.literal === undefined)
    return { left: asDouble(left), right: asDouble(right), collate: "" };
  const kinds = [left.type.representation, right.type.representation];
  // A time meets only times and texts; a date alone stays a date.
  const kind = kinds.includes("datetime")
    ? "datetime"
    : kinds.includes("time") && !kinds.includes("date")
      ? "time"
      : dateKind(left, right);
  return { left: asTemporal(left, kind), right: asTemporal(right, kind), collate: "" };
}

function dateKind(left: Typed, right: Typed): "date" | "datetime" {
  return left.type.representation === "date" && right.type.representation === "date" ? "date" : "datetime";
}

/** What ORDER BY, GROUP BY and DISTINCT need behind an expression. */
export function orderCollate(operand: Typed): string {
  const { representation, collation } = operand.type;
  if (representation === "decimal") return ` COLLATE ${DECIMAL_ORDER}`;
  return representation === "text" && collation !== undefined ? ` COLLATE ${collation}` : "";
}
