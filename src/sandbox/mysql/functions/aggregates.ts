import { DEFAULT_COLLATION, sortKey } from "../collations.js";
import type { Engine } from "../engine.js";
import { errors } from "../errors.js";
import { asBlob, asDecimal, asDouble, asJson, asText, asUint } from "../translate/coerce.js";
import { orderCollate } from "../translate/compare.js";
import { Coercibility, sharedCollation, sqlText, type Typed } from "../translate/typed.js";
import { biased, type Stored, unbiased } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";
import { formatJson, type Json, parseJson } from "../types/json.js";
import {
  decimalType,
  doubleType,
  Flags,
  intType,
  jsonType,
  type SqlType,
  textType,
  uintType,
} from "../types/sql-type.js";

export interface AggregateCall {
  name: string;
  args: Typed[];
  distinct: boolean;
  star: boolean;
  orderBy: { operand: Typed; descending: boolean }[];
  separator: string;
}

const NAMES = new Set([
  "count",
  "sum",
  "min",
  "max",
  "avg",
  "bit_xor",
  "bit_or",
  "bit_and",
  "group_concat",
  "json_arrayagg",
  "json_objectagg",
  "std",
  "stddev",
  "variance",
]);

export function isAggregateName(name: string): boolean {
  return NAMES.has(name);
}

function result(sql: string, type: SqlType, coercibility: number = Coercibility.NUMERIC): Typed {
  return { sql, type, coercibility, isAggregate: true };
}

/** Throws MysqlError for wrong arguments. */
export function aggregate(call: AggregateCall): Typed {
  const [operand] = call.args;
  const distinct = call.distinct ? "DISTINCT " : "";
  if (call.name === "count") return count(call);
  if (!operand) throw errors.wrongParameterCount(call.name);
  const { representation } = operand.type;
  const isExact = ["int", "uint", "decimal", "bit"].includes(representation);
  const keyed = `${operand.sql}${orderCollate(operand)}`;
  switch (call.name) {
    case "sum":
      if (!isExact) return result(`sum(${distinct}${asDouble(operand)})`, doubleType());
      return result(
        `my_sum(${distinct}${asDecimal(operand)})`,
        decimalType(Math.min(precision(operand) + 22, 65), operand.type.scale),
      );
    case "avg": {
      if (!isExact) return result(`avg(${distinct}${asDouble(operand)})`, doubleType());
      const scale = Math.min(operand.type.scale + 4, 30);
      const average = `my_decimal_scale(my_decimal_divide(my_sum(${distinct}${asDecimal(operand)}), CAST(count(${distinct}${operand.sql}) AS TEXT), ${scale}), ${scale})`;
      return result(average, decimalType(precision(operand) + 4, scale));
    }
    case "min":
    case "max": {
      const type = {
        ...operand.type,
        flags:
          operand.type.flags &
          ~(
            Flags.NOT_NULL |
            Flags.PRIMARY_KEY |
            Flags.AUTO_INCREMENT |
            Flags.PART_KEY |
            Flags.UNIQUE_KEY |
            Flags.MULTIPLE_KEY |
            Flags.NO_DEFAULT
          ),
      };
      return result(`${call.name}(${keyed})`, type, operand.coercibility);
    }
    case "bit_xor":
    case "bit_or":
    case "bit_and":
      return result(`my_${call.name}(${distinct}${asUint(operand)})`, {
        ...uintType(),
        flags: uintType().flags | Flags.NOT_NULL,
      });
    case "group_concat":
      return groupConcat(call);
    case "json_arrayagg":
      return result(`my_json_arrayagg(${asJson(operand)})`, jsonType());
    case "json_objectagg": {
      const value = call.args[1];
      if (!value) throw errors.wrongParameterCount(call.name);
      return result(`my_json_objectagg(${asText(operand)}, ${asJson(value)})`, jsonType());
    }
    default:
      return result(`my_${call.name === "variance" ? "variance" : "std"}(${asDouble(operand)})`, doubleType());
  }
}

/** Digits, maybe behind a sign: what BigInt() takes. */
function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text);
}

/** Digits of an exact operand. */
function precision({ type }: Typed): number {
  if (type.representation === "decimal") return type.length - 1 - (type.scale > 0 ? 1 : 0);
  return type.representation === "uint" ? 20 : Math.min(type.length, 20);
}

function count({ args, distinct, star }: AggregateCall): Typed {
  const type = intType(21, Flags.NOT_NULL);
  if (star) return result("count(*)", type);
  if (!distinct) {
    if (args.length !== 1) throw errors.wrongParameterCount("count");
    return result(`count(${args[0]?.sql})`, type);
  }
  const [only] = args;
  if (args.length === 1 && only) return result(`count(DISTINCT ${only.sql}${orderCollate(only)})`, type);
  const parts = args.map((each) =>
    each.type.representation === "text"
      ? `my_sort_key(${each.sql}, ${sqlText(each.type.collation ?? DEFAULT_COLLATION)})`
      : asBlob(each),
  );
  return result(`count(DISTINCT my_tuple(${parts.join(", ")}))`, type);
}

function groupConcat({ args, distinct, orderBy, separator }: AggregateCall): Typed {
  const collation = sharedCollation(args);
  // Several arguments are concatenated.
  const value = args.length === 1 && args[0] ? asText(args[0]) : `(${args.map(asText).join(" || ")})`;
  const order = orderBy.map(
    ({ operand, descending }) => `${operand.sql}${orderCollate(operand)}${descending ? " DESC" : ""}`,
  );
  const orderClause = order.length > 0 ? ` ORDER BY ${order.join(", ")}` : "";
  const type = textType(256, collation);
  const name = distinct ? "my_group_concat_distinct" : "my_group_concat";
  const key = distinct ? `, ${sqlText(collation)}` : "";
  return result(`${name}(${value}, ${sqlText(separator)}${key}${orderClause})`, type);
}

export function installAggregates(engine: Engine): void {
  // Whole numbers are summed as such, beside those with a fraction.
  engine.aggregate<{ whole: bigint | undefined; broken: Decimal | undefined }>("my_sum", {
    create: () => ({ whole: undefined, broken: undefined }),
    step: (state, [value]) => {
      if (value === null || value === undefined) return state;
      if (typeof value === "bigint" || (typeof value === "string" && isWhole(value))) {
        state.whole = (state.whole ?? 0n) + BigInt(value);
        return state;
      }
      const number = Decimal.parse(String(value));
      if (number) state.broken = state.broken ? state.broken.add(number) : number;
      return state;
    },
    finish: ({ whole, broken }) => {
      if (broken === undefined) return whole?.toString() ?? null;
      return (whole === undefined ? broken : broken.add(Decimal.of(whole))).toString();
    },
  });
  const bits = (name: string, start: bigint, fn: (a: bigint, b: bigint) => bigint): void =>
    engine.aggregate<bigint>(name, {
      create: () => start,
      step: (state, [value]) => (value === null || value === undefined ? state : fn(state, unbiased(value as bigint))),
      finish: biased,
    });
  bits("my_bit_xor", 0n, (a, b) => a ^ b);
  bits("my_bit_or", 0n, (a, b) => a | b);
  bits("my_bit_and", (1n << 64n) - 1n, (a, b) => a & b);
  engine.aggregate<{ parts: string[]; separator: string }>("my_group_concat", {
    create: () => ({ parts: [], separator: "," }),
    step: (state, [value, separator]) => {
      state.separator = String(separator);
      if (value !== null) state.parts.push(String(value));
      return state;
    },
    finish: ({ parts, separator }) => (parts.length === 0 ? null : parts.join(separator)),
  });
  engine.aggregate<{ parts: Map<string, string>; separator: string }>("my_group_concat_distinct", {
    create: () => ({ parts: new Map(), separator: "," }),
    step: (state, [value, separator, collation]) => {
      state.separator = String(separator);
      if (value === null) return state;
      const key = sortKey(String(collation), String(value)).toString("latin1");
      if (!state.parts.has(key)) state.parts.set(key, String(value));
      return state;
    },
    finish: ({ parts, separator }) => (parts.size === 0 ? null : [...parts.values()].join(separator)),
  });
  engine.aggregate<Json[]>("my_json_arrayagg", {
    create: () => [],
    step: (items, [value]) => {
      items.push(value === null ? null : parseJson(String(value)));
      return items;
    },
    finish: (items) => (items.length === 0 ? null : formatJson(items)),
  });
  engine.aggregate<Map<string, Json>>("my_json_objectagg", {
    create: () => new Map(),
    step: (members, [key, value]) => members.set(String(key), value === null ? null : parseJson(String(value))),
    finish: (members) => (members.size === 0 ? null : formatJson(members)),
  });
  const spread = (name: string, fn: (variance: number) => number): void =>
    engine.aggregate<number[]>(name, {
      create: () => [],
      step: (values, [value]) => {
        if (value !== null) values.push(Number(value));
        return values;
      },
      finish: (values) => {
        if (values.length === 0) return null;
        const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
        return fn(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length);
      },
    });
  spread("my_std", Math.sqrt);
  spread("my_variance", (variance) => variance);
  engine.scalar("my_sort_key", ([value, collation]) =>
    value === null ? null : sortKey(String(collation), String(value)),
  );
  engine.scalar("my_tuple", (args) => {
    if (args.some((each) => each === null)) return null;
    const bytes = (value: Stored): Buffer => Buffer.from(value as Uint8Array);
    return Buffer.concat(
      args.flatMap((each) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes(each).length);
        return [length, bytes(each)];
      }),
    );
  });
}
