/** Arithmetic's result types (manual, "Arithmetic Operators"): exact stays exact, anything else is a double. */
import { decimalType, doubleType, Flags, intType, isTemporal, type SqlType, uintType } from "../types/sql-type.js";
import { asDecimal, asDouble, asInt, asUint } from "./coerce.js";
import { computed, literal, sqlText, type Typed } from "./typed.js";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "div" | "%";

const DECIMAL_FUNCTIONS = {
  "+": "my_decimal_add",
  "-": "my_decimal_subtract",
  "*": "my_decimal_multiply",
  "%": "my_decimal_modulo",
};
/** Digits that a division adds behind the point (div_precision_increment). */
const DIVISION_DIGITS = 4;

function isExact({ type }: Typed): boolean {
  return ["int", "uint", "decimal", "bit", "null"].includes(type.representation) || isTemporal(type);
}

function isWhole({ type }: Typed): boolean {
  return (
    type.representation === "int" ||
    type.representation === "uint" ||
    type.representation === "bit" ||
    type.representation === "null"
  );
}

function isUnsigned({ type }: Typed): boolean {
  return type.representation === "uint" || type.representation === "bit" || (type.flags & Flags.UNSIGNED) !== 0;
}

function wholeDigits({ type }: Typed): number {
  if (type.representation !== "decimal") return Math.min(Math.max(type.length, 1), 20);
  return type.length - 1 - (type.scale > 0 ? 1 : 0) - type.scale;
}

/** `expression` is quoted in MySQL's error for values out of range. */
export function arithmetic(op: ArithmeticOperator, left: Typed, right: Typed, expression: string): Typed {
  const operands = [left, right];
  if (!operands.every(isExact)) return ofDoubles(op, left, right);
  if (op === "/") {
    const scale = Math.min(left.type.scale + DIVISION_DIGITS, 30);
    const value = `my_decimal_divide(${asDecimal(left)}, ${asDecimal(right)}, ${scale})`;
    return computed(value, decimalType(wholeDigits(left) + right.type.scale + scale, scale), operands);
  }
  const unsigned = operands.some(isUnsigned);
  if (op === "div") return integerDivision(left, right, unsigned, expression);
  if (!operands.every(isWhole)) {
    const scale = op === "*" ? left.type.scale + right.type.scale : Math.max(left.type.scale, right.type.scale);
    const type = decimalType(Math.max(wholeDigits(left), wholeDigits(right)) + 1 + scale, Math.min(scale, 30));
    const value = `${DECIMAL_FUNCTIONS[op]}(${asDecimal(left)}, ${asDecimal(right)}, ${type.scale})`;
    return computed(op === "*" ? value : `my_decimal_scale(${value}, ${type.scale})`, type, operands);
  }
  if (!unsigned) {
    const type = intType(Math.min(Math.max(left.type.length, right.type.length) + 1, 21));
    if (op === "%") return computed(`(${asInt(left)} % ${asInt(right)})`, type, operands);
    // SQLite answers an overflow with a double; my_int_result turns it into MySQL's error.
    return computed(
      `my_int_result(${asInt(left)} ${op} ${asInt(right)}, ${sqlText(`(${expression})`)})`,
      type,
      operands,
    );
  }
  const value = `${DECIMAL_FUNCTIONS[op]}(${asDecimal(left)}, ${asDecimal(right)}, 0)`;
  return computed(`my_uint_result(${value}, ${sqlText(`(${expression})`)})`, uintType(), operands);
}

function integerDivision(left: Typed, right: Typed, unsigned: boolean, expression: string): Typed {
  const value = `my_decimal_div(${asDecimal(left)}, ${asDecimal(right)})`;
  if (unsigned) return computed(`my_uint_result(${value}, ${sqlText(`(${expression})`)})`, uintType(), [left, right]);
  return computed(`my_int(${value})`, intType(), [left, right]);
}

function ofDoubles(op: ArithmeticOperator, left: Typed, right: Typed): Typed {
  const [a, b] = [asDouble(left), asDouble(right)];
  if (op === "%") return computed(`my_double_modulo(${a}, ${b})`, doubleType(), [left, right]);
  if (op === "div") return computed(`CAST(${a} / ${b} AS INTEGER)`, intType(), [left, right]);
  return computed(`(${a} ${op} ${b})`, doubleType(), [left, right]);
}

export function negate(operand: Typed): Typed {
  if (operand.literal !== undefined && typeof operand.literal === "bigint") return literal(-operand.literal);
  const type: SqlType = operand.type;
  switch (type.representation) {
    case "int":
      return computed(`(- ${operand.sql})`, intType(Math.min(type.length + 1, 21)), [operand]);
    case "uint":
      return computed(`my_int(my_decimal_negate(${asDecimal(operand)}))`, intType(), [operand]);
    case "decimal":
      return computed(`my_decimal_negate(${operand.sql})`, type, [operand]);
    default:
      return computed(`(- ${asDouble(operand)})`, doubleType(), [operand]);
  }
}

const BIT_FUNCTIONS = {
  "|": "my_bit_or_of",
  "&": "my_bit_and_of",
  "^": "my_bit_xor_of",
  "<<": "my_shift_left",
  ">>": "my_shift_right",
};

export function bitOperation(op: keyof typeof BIT_FUNCTIONS, left: Typed, right: Typed): Typed {
  return computed(`${BIT_FUNCTIONS[op]}(${asUint(left)}, ${asUint(right)})`, uintType(), [left, right]);
}
