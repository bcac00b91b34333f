import type { Engine } from "../engine.js";
import { errors } from "../errors.js";
import { arithmetic } from "../translate/arithmetic.js";
import { asDecimal, asDouble, asInt, asUint, unified } from "../translate/coerce.js";
import { computed, DECIMAL_ORDER, type Typed } from "../translate/typed.js";
import { biased, type Stored, unbiased } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";
import { formatDouble, formatFloat, leadingNumber } from "../types/double.js";
import { setMembers } from "../types/print.js";
import { decimalType, doubleType, intType, textType, uintType } from "../types/sql-type.js";
import { arg, call, define, double, int, type Rules, text } from "./rules.js";

const doubleFunction = (name: string): Rules[string] =>
  define(1, 1, (args) => call(name, [double(args, 0)], doubleType(), []));

export const numberRules: Rules = {
  abs: define(1, 1, ([operand]) => {
    if (!operand) throw errors.wrongParameterCount("abs");
    if (operand.type.representation === "uint") return operand;
    if (operand.type.representation === "decimal")
      return computed(`my_decimal_abs(${operand.sql})`, operand.type, [operand]);
    return operand.type.representation === "int"
      ? computed(`abs(${operand.sql})`, intType())
      : computed(`abs(${asDouble(operand)})`, doubleType());
  }),
  round: define(1, 2, (args) => rounding("round", args)),
  truncate: define(2, 2, (args) => rounding("truncate", args)),
  floor: define(1, 1, (args) => whole("floor", args)),
  ceil: define(1, 1, (args) => whole("ceil", args)),
  ceiling: define(1, 1, (args) => whole("ceil", args)),
  mod: define(2, 2, (args) => arithmetic("%", arg(args, 0), arg(args, 1), "mod()")),
  sign: define(1, 1, (args) => call("sign", [double(args, 0)], intType(2), [])),
  sqrt: doubleFunction("my_sqrt"),
  exp: doubleFunction("exp"),
  ln: doubleFunction("my_ln"),
  log2: doubleFunction("my_log2"),
  log10: doubleFunction("my_log10"),
  log: define(1, 2, (args) =>
    call(
      "my_log",
      args.map((_, i) => double(args, i)),
      doubleType(),
      [],
    ),
  ),
  pow: define(2, 2, (args) => call("my_pow", [double(args, 0), double(args, 1)], doubleType(), [])),
  power: define(2, 2, (args) => call("my_pow", [double(args, 0), double(args, 1)], doubleType(), [])),
  pi: define(0, 0, () => computed("3.141592653589793", { ...doubleType(), decimals: 6 })),
  rand: define(0, 1, (_args, context) => {
    context.markVolatile();
    return computed("my_rand()", doubleType());
  }),
  conv: define(3, 3, (args) =>
    call("my_conv", [text(args, 0), int(args, 1), int(args, 2)], textType(64, "utf8mb4_0900_ai_ci"), []),
  ),
  bin: define(1, 1, (args) => call("my_conv", [text(args, 0), "10", "2"], textType(64, "utf8mb4_0900_ai_ci"), [])),
  oct: define(1, 1, (args) => call("my_conv", [text(args, 0), "10", "8"], textType(64, "utf8mb4_0900_ai_ci"), [])),
  bit_count: define(1, 1, (args) => call("my_bit_count", [asUint(arg(args, 0))], intType(2), [])),
  greatest: define(2, 1000, (args) => extreme("max", args)),
  least: define(2, 1000, (args) => extreme("min", args)),
  format: define(2, 3, (args) =>
    call("my_format", [asDecimal(arg(args, 0)), int(args, 1)], textType(64, "utf8mb4_0900_ai_ci"), []),
  ),
};

function rounding(kind: "round" | "truncate", args: readonly Typed[]): Typed {
  const operand = arg(args, 0);
  const digits = args[1];
  if (operand.type.representation === "int" && !digits) return operand;
  if (operand.type.representation === "double" || ["text", "blob", "json"].includes(operand.type.representation)) {
    return computed(`my_${kind}_double(${asDouble(operand)}, ${digits ? asInt(digits) : 0})`, doubleType());
  }
  const fixed =
    digits === undefined ? 0 : typeof digits.literal === "bigint" ? Number(digits.literal) : operand.type.scale;
  const isInteger = operand.type.representation !== "decimal";
  const scale = isInteger ? 0 : Math.max(0, Math.min(fixed, operand.type.scale, 30));
  const value = `my_decimal_${kind}(${asDecimal(operand)}, ${digits ? asInt(digits) : 0}, ${scale})`;
  if (isInteger)
    return operand.type.representation === "uint"
      ? computed(`my_uint(${value})`, uintType())
      : computed(`my_int(${value})`, intType());
  const precision = operand.type.length - 1 - (operand.type.scale > 0 ? 1 : 0) - operand.type.scale + scale + 1;
  return computed(value, decimalType(precision, scale), [operand]);
}

/** FLOOR and CEIL of exact values are integers. */
function whole(kind: "floor" | "ceil", args: readonly Typed[]): Typed {
  const operand = arg(args, 0);
  switch (operand.type.representation) {
    case "int":
    case "uint":
      return operand;
    case "decimal":
      return computed(`my_int(my_decimal_${kind}(${operand.sql}))`, intType(), [operand]);
    default:
      return computed(`${kind}(${asDouble(operand)})`, doubleType(), [operand]);
  }
}

function extreme(kind: "max" | "min", args: readonly Typed[]): Typed {
  const { type, sqls } = unified(args);
  const collate =
    type.representation === "decimal"
      ? ` COLLATE ${DECIMAL_ORDER}`
      : type.collation && type.representation === "text"
        ? ` COLLATE ${type.collation}`
        : "";
  // SQLite's multi-argument max() takes the first argument's collation, and NULL wins as in MySQL.
  const [first, ...rest] = sqls;
  return computed(`${kind}(${[`(${first})${collate}`, ...rest].join(", ")})`, type, args);
}

const decimalOf = (value: Stored | undefined): Decimal | undefined =>
  value === null || value === undefined
    ? undefined
    : (Decimal.parse(String(value)) ?? Decimal.of(leadingNumber(String(value))));

const INT_MIN = -(1n << 63n);
const INT_MAX = (1n << 63n) - 1n;
const UINT_MAX = (1n << 64n) - 1n;
const clamp = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);

export function installNumbers(engine: Engine): void {
  const onDecimal = (name: string, fn: (value: Decimal, rest: Stored[]) => Stored): void =>
    engine.scalar(name, ([value, ...rest]) => {
      const decimal = decimalOf(value);
      return decimal === undefined || rest.includes(null) ? null : fn(decimal, rest);
    });
  const onDecimals = (name: string, fn: (a: Decimal, b: Decimal, scale: number) => Decimal | undefined): void =>
    onDecimal(
      name,
      (a, [other, scale]) => fn(a, decimalOf(other) ?? Decimal.of(0n), Number(scale ?? 0))?.toString() ?? null,
    );
  const onNumber = (name: string, fn: (value: number, rest: Stored[]) => number | null): void =>
    engine.scalar(name, ([value, ...rest]) => {
      if (value === null || rest.includes(null)) return null;
      const result = fn(Number(value), rest);
      return result === null || Number.isNaN(result) ? null : result;
    });

  engine.collation(DECIMAL_ORDER, (a, b) => {
    const left = decimalOf(Buffer.from(a).toString("latin1"));
    const right = decimalOf(Buffer.from(b).toString("latin1"));
    return (left ?? Decimal.of(0n)).compare(right ?? Decimal.of(0n));
  });
  engine.scalar("my_double", ([value]) => (value === null ? null : leadingNumber(String(value))));
  engine.scalar("my_double_text", ([value]) => (value === null ? null : formatDouble(Number(value))));
  engine.scalar("my_float_text", ([value]) => (value === null ? null : formatFloat(Number(value))));
  engine.scalar("my_uint_text", ([value]) => (value === null ? null : unbiased(BigInt(value as bigint)).toString()));
  engine.scalar("my_zerofill", ([value, width]) =>
    value === null ? null : String(value).padStart(Number(width), "0"),
  );
  engine.scalar("my_uint_double", ([value]) => (value === null ? null : Number(unbiased(BigInt(value as bigint)))));
  engine.scalar("my_uint_of_int", ([value]) =>
    value === null ? null : biased(BigInt.asUintN(64, BigInt(value as bigint))),
  );
  engine.scalar("my_bits_text", ([value]) => {
    if (!(value instanceof Uint8Array)) return null;
    return value.length === 0 ? "0" : BigInt(`0x${Buffer.from(value).toString("hex")}`).toString();
  });
  engine.scalar("my_set_text", ([mask, members]) =>
    mask === null ? null : setMembers(String(members).split(","), BigInt(mask as bigint)),
  );
  onDecimal("my_decimal", (value) => value.toString());
  onDecimal("my_decimal_scale", (value, [scale]) => value.withScale(Number(scale)).toString());
  onDecimal("my_decimal_cast", (value, [precision, scale]) => {
    const rounded = value.withScale(Number(scale));
    if (rounded.wholeDigits <= Number(precision) - Number(scale)) return rounded.toString();
    const nines = 10n ** BigInt(Number(precision)) - 1n;
    return new Decimal(rounded.unscaled < 0n ? -nines : nines, Number(scale)).toString();
  });
  onDecimal("my_decimal_abs", (value) => value.toString().replace(/^-/, ""));
  onDecimal("my_decimal_negate", (value) => new Decimal(-value.unscaled, value.scale).toString());
  onDecimal("my_decimal_round", (value, [digits, scale]) =>
    value
      .withScale(Math.min(value.scale, 0 + Number(digits)))
      .withScale(Number(scale))
      .toString(),
  );
  onDecimal("my_decimal_truncate", (value, [digits, scale]) =>
    value
      .truncated(Math.min(value.scale, Number(digits)))
      .withScale(Number(scale))
      .toString(),
  );
  onDecimal("my_decimal_floor", (value) => {
    const truncated = value.truncated(0);
    return value.compare(truncated) < 0 ? (truncated.unscaled - 1n).toString() : truncated.toString();
  });
  onDecimal("my_decimal_ceil", (value) => {
    const truncated = value.truncated(0);
    return value.compare(truncated) > 0 ? (truncated.unscaled + 1n).toString() : truncated.toString();
  });
  onDecimal("my_int", (value) => clamp(value.toBigInt(), INT_MIN, INT_MAX));
  onDecimal("my_uint", (value) =>
    biased(
      value.unscaled < 0n
        ? BigInt.asUintN(64, clamp(value.toBigInt(), INT_MIN, 0n))
        : clamp(value.toBigInt(), 0n, UINT_MAX),
    ),
  );
  // Texts are cut at the first character that is no digit; decimals are rounded.
  const wholeOfText = (value: Stored | undefined): bigint =>
    BigInt(/^\s*[+-]?\d+/.exec(String(value))?.[0].trim() ?? "0");
  engine.scalar("my_int_of_text", ([value]) => {
    if (value === null) return null;
    const parsed = wholeOfText(value);
    return parsed > INT_MAX ? BigInt.asIntN(64, clamp(parsed, 0n, UINT_MAX)) : clamp(parsed, INT_MIN, INT_MAX);
  });
  engine.scalar("my_uint_of_text", ([value]) => {
    if (value === null) return null;
    const parsed = wholeOfText(value);
    return biased(parsed < 0n ? BigInt.asUintN(64, clamp(parsed, INT_MIN, 0n)) : clamp(parsed, 0n, UINT_MAX));
  });
  onDecimals("my_decimal_add", (a, b) => a.add(b));
  onDecimals("my_decimal_subtract", (a, b) => a.subtract(b));
  onDecimals("my_decimal_multiply", (a, b, scale) => a.multiply(b).withScale(scale));
  onDecimals("my_decimal_divide", (a, b, scale) => a.divide(b, scale));
  onDecimals("my_decimal_modulo", (a, b) => a.modulo(b));
  onDecimals("my_decimal_div", (a, b) => (b.unscaled === 0n ? undefined : a.divide(b, 30)?.truncated(0)));
  engine.scalar("my_uint_result", ([value, expression]) => {
    if (value === null) return null;
    const exact = BigInt(String(value));
    if (exact < 0n || exact > UINT_MAX) throw errors.outOfRangeExpression("BIGINT UNSIGNED", String(expression));
    return biased(exact);
  });
  engine.scalar("my_int_result", ([value, expression]) => {
    if (value === null || typeof value === "bigint") return value ?? null;
    const exact = BigInt(String(value).replace(/\..*/, ""));
    if (exact < INT_MIN || exact > INT_MAX) throw errors.outOfRangeExpression("BIGINT", String(expression));
    return exact;
  });
  const onBits = (name: string, fn: (a: bigint, b: bigint) => bigint): void =>
    engine.scalar(name, ([a, b]) => {
      if (a === null || b === null) return null;
      return biased(BigInt.asUintN(64, fn(unbiased(BigInt(a as bigint)), unbiased(BigInt((b ?? INT_MIN) as bigint)))));
    });
  onBits("my_bit_or_of", (a, b) => a | b);
  onBits("my_bit_and_of", (a, b) => a & b);
  onBits("my_bit_xor_of", (a, b) => a ^ b);
  onBits("my_bit_not", (a) => ~a);
  onBits("my_shift_left", (a, b) => (b > 63n ? 0n : a << b));
  onBits("my_shift_right", (a, b) => (b > 63n ? 0n : a >> b));
  engine.scalar("my_bit_count", ([value]) =>
    value === null
      ? null
      : BigInt(
          unbiased(BigInt(value as bigint))
            .toString(2)
            .replaceAll("0", "").length,
        ),
  );
  onNumber("my_sqrt", (value) => (value < 0 ? null : Math.sqrt(value)));
  onNumber("my_ln", (value) => (value <= 0 ? null : Math.log(value)));
  onNumber("my_log2", (value) => (value <= 0 ? null : Math.log2(value)));
  onNumber("my_log10", (value) => (value <= 0 ? null : Math.log10(value)));
  onNumber("my_log", (value, [of]) =>
    of === undefined ? (value <= 0 ? null : Math.log(value)) : Math.log(Number(of)) / Math.log(value),
  );
  onNumber("my_pow", (value, [exponent]) => value ** Number(exponent));
  onNumber("my_double_modulo", (value, [by]) => (Number(by) === 0 ? null : value % Number(by)));
  onNumber("my_round_double", (value, [digits]) =>
    Decimal.of(value)
      .withScale(Math.max(Number(digits), 0))
      .toNumber(),
  );
  onNumber("my_truncate_double", (value, [digits]) =>
    Decimal.of(value)
      .truncated(Math.max(Number(digits), 0))
      .toNumber(),
  );
  engine.scalar("my_single_row", ([rows, value]) => {
    if (rows !== 1n) throw errors.subqueryRows();
    return value ?? null;
  });
  engine.scalar("my_rand", () => Math.random(), { deterministic: false });
  engine.scalar("my_conv", ([value, from, to]) =>
    value === null || from === null || to === null ? null : conv(String(value), Number(from), Number(to)),
  );
  engine.scalar("my_format", ([value, digits]) => {
    const decimal = decimalOf(value);
    if (!decimal || digits === null) return null;
    const [wholePart = "0", fraction] = decimal
      .withScale(Math.max(Number(digits), 0))
      .toString()
      .split(".");
    const grouped = wholePart.replace(/\B(?=(\d{3})+$)/g, ",");
    return fraction === undefined ? grouped : `${grouped}.${fraction}`;
  });
}

/** CONV(): unsigned 64 bits, signed when `to` is negative; NULL for bases outside 2 to 36 (manual, "Mathematical Functions"). */
function conv(value: string, from: number, to: number): string | null {
  if (value === "") return null;
  const [base, target] = [Math.abs(from), Math.abs(to)];
  if (base < 2 || base > 36 || target < 2 || target > 36) return null;
  if (from === 16 && target === 10 && /^[0-9a-fA-F]{1,16}$/.test(value)) {
    const fast = BigInt(`0x${value}`);
    return to < 0 ? BigInt.asIntN(64, fast).toString() : fast.toString();
  }
  const match = /^\s*([+-]?)([0-9a-z]*)/i.exec(value);
  let result = 0n;
  for (const char of match?.[2]?.toLowerCase() ?? "") {
    const digit = Number.parseInt(char, 36);
    if (digit >= base) break;
    result = clamp(result * BigInt(base) + BigInt(digit), 0n, UINT_MAX);
  }
  if (match?.[1] === "-") result = BigInt.asUintN(64, -result);
  return (to < 0 ? BigInt.asIntN(64, result) : result).toString(target).toUpperCase();
}
