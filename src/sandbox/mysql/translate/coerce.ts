/** One representation to another, in SQLite text; literals are converted while translating. */

import { charsetOf, DEFAULT_COLLATION } from "../collations.js";
import { MysqlError } from "../port.js";
import type { Representation } from "../types/column-type.js";
import {
  binaryType,
  decimalType,
  doubleType,
  intType,
  jsonType,
  type SqlType,
  temporalType,
  textType,
} from "../types/sql-type.js";
import { storeValue } from "../types/store.js";
import { computed, sqlStored, sqlText, type Typed } from "./typed.js";

export function asDouble(operand: Typed): string {
  switch (operand.type.representation) {
    case "double":
    case "null":
      return operand.sql;
    case "int":
    case "decimal":
      return `CAST(${operand.sql} AS REAL)`;
    case "enum":
    case "set":
      return `CAST(${operand.sql} AS REAL)`;
    case "uint":
      return `my_uint_double(${operand.sql})`;
    default:
      return `my_double(${numericText(operand)})`;
  }
}

/** Text whose leading number is the value: dates read as 20200131, times as 101500. */
function numericText(operand: Typed): string {
  switch (operand.type.representation) {
    case "date":
    case "datetime":
      return `replace(replace(replace(${operand.sql}, '-', ''), ':', ''), ' ', '')`;
    case "time":
      return `replace(${asText(operand)}, ':', '')`;
    case "bit":
      return `my_bits_text(${operand.sql})`;
    case "blob":
      return operand.literal === undefined ? `CAST(${operand.sql} AS TEXT)` : literalBitsText(operand);
    default:
      return asText(operand);
  }
}

/** Hex literals are numbers in numeric context, binary columns are texts. */
function literalBitsText(operand: Typed): string {
  const value = operand.literal;
  if (value !== null && typeof value === "object" && "toBigInt" in value) return sqlText(value.toBigInt().toString());
  return `CAST(${operand.sql} AS TEXT)`;
}

export function asDecimal(operand: Typed): string {
  switch (operand.type.representation) {
    case "decimal":
    case "null":
      return operand.sql;
    case "int":
    case "enum":
    case "set":
      return `CAST(${operand.sql} AS TEXT)`;
    case "uint":
      return uintText(operand);
    case "double":
      return `my_decimal(my_double_text(${operand.sql}))`;
    default:
      return `my_decimal(${numericText(operand)})`;
  }
}

/** Without a call of ours for values below 2^63, which are stored as negative ones, where the operand costs nothing. */
function uintText({ sql, type }: Typed): string {
  const isColumn = /^\w+\.\w+$/.test(sql);
  const digits = isColumn
    ? `(CASE WHEN ${sql} < 0 THEN CAST(${sql} + 9223372036854775807 + 1 AS TEXT) ELSE my_uint_text(${sql}) END)`
    : `my_uint_text(${sql})`;
  return type.column?.zerofill ? `my_zerofill(${digits}, ${type.length})` : digits;
}

export function asText(operand: Typed): string {
  const { sql, type } = operand;
  switch (type.representation) {
    case "text":
    case "decimal":
    case "date":
    case "json":
    case "null":
      return sql;
    case "int":
      if (type.column?.zerofill || type.column?.base === "year")
        return `(CASE WHEN ${sql} IS NOT NULL THEN printf('%0${type.length}d', ${sql}) END)`;
      return `CAST(${sql} AS TEXT)`;
    case "uint":
      return uintText(operand);
    case "double":
      return type.column?.base === "float" ? `my_float_text(${sql})` : `my_double_text(${sql})`;
    case "datetime":
      return type.scale === 0 ? `substr(${sql}, 1, 19)` : `my_datetime_text(${sql}, ${type.scale})`;
    case "time":
      return `my_time_text(${sql}, ${type.scale})`;
    case "enum": {
      const whens = (type.column?.values ?? []).map((value, i) => `WHEN ${i + 1} THEN ${sqlText(value)}`);
      return `(CASE ${sql} WHEN 0 THEN '' ${whens.join(" ")} END)`;
    }
    case "set":
      return `my_set_text(${sql}, ${sqlText((type.column?.values ?? []).join(","))})`;
    case "blob":
    case "bit":
      return `CAST(${sql} AS TEXT)`;
  }
}

export function asBlob(operand: Typed): string {
  const { representation } = operand.type;
  if (representation === "blob" || representation === "bit" || representation === "null") return operand.sql;
  const { collation } = operand.type;
  if (collation !== undefined && charsetOf(collation) === "latin1") return `my_latin1(${asText(operand)})`;
  return `CAST(${asText(operand)} AS BLOB)`;
}

export function asInt(operand: Typed): string {
  switch (operand.type.representation) {
    case "int":
    case "enum":
    case "set":
    case "null":
      return operand.sql;
    case "text":
    case "json":
      return `my_int_of_text(${asText(operand)})`;
    default:
      return `my_int(${asDecimal(operand)})`;
  }
}

export function asUint(operand: Typed): string {
  switch (operand.type.representation) {
    case "uint":
    case "null":
      return operand.sql;
    case "int":
      if (typeof operand.literal === "bigint" && operand.literal >= 0n) return sqlStored(operand.literal - (1n << 63n));
      return `my_uint_of_int(${operand.sql})`;
    case "text":
    case "json":
      return `my_uint_of_text(${asText(operand)})`;
    default:
      return `my_uint(${asDecimal(operand)})`;
  }
}

/** 1, 0 or NULL. */
export function asBoolean(operand: Typed): string {
  if (operand.isCondition) return operand.sql;
  switch (operand.type.representation) {
    case "int":
    case "double":
    case "enum":
    case "set":
    case "null":
      return `(${operand.sql} <> 0)`;
    case "uint":
      return `(${operand.sql} <> ${sqlStored(-(1n << 63n))})`;
    default:
      return `(${asDouble(operand)} <> 0)`;
  }
}

/** Text that is no date gives NULL, a literal that is none MySQL's error 1525. */
export function asTemporal(operand: Typed, kind: "date" | "datetime" | "time"): string {
  const { representation } = operand.type;
  if (representation === kind || representation === "null") return operand.sql;
  if (operand.literal !== undefined && operand.literal !== null) return temporalLiteral(operand, kind);
  if (representation === "date" && kind === "datetime") return `(${operand.sql} || ' 00:00:00')`;
  if (representation === "datetime" && kind === "date") return `substr(${operand.sql}, 1, 10)`;
  if (representation === "time" && kind !== "time") return `my_time_to_${kind}(${operand.sql})`;
  return `my_to_${kind}(${representation === "datetime" ? operand.sql : asText(operand)})`;
}

function temporalLiteral(operand: Typed, kind: "date" | "datetime" | "time"): string {
  const column = { name: "", type: { base: kind, unsigned: false, zerofill: false, scale: 6 } };
  const context = {
    row: 1,
    mode: () => false,
    timeZone: "+00:00",
    complain: (): void => {
      throw new MysqlError(1525, "HY000", `Incorrect ${kind.toUpperCase()} value: '${String(operand.literal)}'`);
    },
  };
  return sqlStored(storeValue(column, operand.literal ?? null, context));
}

export function asJson(operand: Typed): string {
  switch (operand.type.representation) {
    case "json":
    case "null":
      return operand.sql;
    case "int":
    case "uint":
    case "decimal":
    case "double":
      return asText(operand);
    default:
      return `my_json_quote(${asText(operand)})`;
  }
}

/** The operand in the representation of `type`, for columns of UNION, CASE and their like. */
export function coerceTo(operand: Typed, type: SqlType): string {
  if (
    operand.type.representation === type.representation &&
    type.representation !== "enum" &&
    type.representation !== "set"
  ) {
    return type.representation === "decimal" && operand.type.scale !== type.scale
      ? `my_decimal_scale(${operand.sql}, ${type.scale})`
      : operand.sql;
  }
  switch (type.representation) {
    case "int":
      return asInt(operand);
    case "uint":
      return asUint(operand);
    case "decimal": {
      const isWhole = operand.type.representation === "int" || operand.type.representation === "uint";
      const value = asDecimal(operand);
      return isWhole && type.scale === 0 ? value : `my_decimal_scale(${value}, ${type.scale})`;
    }
    case "double":
      return asDouble(operand);
    case "blob":
      return asBlob(operand);
    case "date":
    case "datetime":
    case "time":
      return asTemporal(operand, type.representation);
    case "json":
      return asJson(operand);
    case "text":
      return asText(operand);
    default:
      return operand.sql;
  }
}

/** The type that holds all of them (manual, "UNION Clause": result types come from all operands). */
export function unify(operands: readonly Typed[]): SqlType {
  const known = operands.filter((each) => each.type.representation !== "null");
  const [first] = known;
  if (!first) return operands[0]?.type ?? textType(0, DEFAULT_COLLATION);
  const kinds = new Set<Representation | "null">(known.map((each) => each.type.representation));
  const only = (...allowed: Representation[]): boolean =>
    [...kinds].every((kind) => (allowed as string[]).includes(kind));
  const longest = Math.max(...known.map((each) => each.type.length));
  const scale = Math.max(...known.map((each) => each.type.scale));
  const kind = first.type.representation;
  if (kinds.size === 1 && kind !== "enum" && kind !== "set" && kind !== "text" && kind !== "decimal") {
    const { column, ...rest } = first.type;
    const keepsColumn = known.every((each) => each.type.column === column);
    const fieldType = known.every((each) => each.type.fieldType === rest.fieldType)
      ? rest.fieldType
      : widened(first.type);
    return {
      ...rest,
      ...(keepsColumn && column && { column }),
      fieldType,
      length: longest,
      scale,
      flags: rest.flags & ~1,
    };
  }
  if (only("int", "uint")) return kinds.has("uint") ? decimalType(20, 0) : intType(longest);
  if (only("int", "uint", "decimal")) {
    const whole = Math.max(
      ...known.map((each) => (each.type.representation === "decimal" ? each.type.length - each.type.scale - 1 : 20)),
    );
    return decimalType(whole + scale, scale);
  }
  if (only("int", "uint", "decimal", "double")) return doubleType();
  if (only("date", "datetime")) return temporalType("datetime", scale);
  if (kinds.has("blob") || kinds.has("bit")) return binaryType(longest);
  if (only("json")) return jsonType();
  const strongest = known
    .filter((each) => each.type.collation !== undefined)
    .sort((a, b) => a.coercibility - b.coercibility)[0];
  const characters = Math.max(
    ...known.map((each) => (each.type.collation === undefined ? each.type.length : Math.ceil(each.type.length / 4))),
  );
  return textType(characters, strongest?.type.collation ?? DEFAULT_COLLATION);
}

function widened(type: SqlType): SqlType["fieldType"] {
  if (type.representation === "int") return "INT64";
  if (type.representation === "datetime") return "DATETIME";
  if (type.representation === "double") return "FLOAT64";
  return type.representation === "blob" ? "VARBINARY" : type.fieldType;
}

/** Several operands as one type, for functions that return one of them. */
export function unified(operands: readonly Typed[]): { type: SqlType; sqls: string[] } {
  const type = unify(operands);
  return { type, sqls: operands.map((each) => coerceTo(each, type)) };
}

export function textOf(operand: Typed): Typed {
  if (operand.type.representation === "text") return operand;
  const characters = operand.type.collation === undefined ? operand.type.length : Math.ceil(operand.type.length / 4);
  return computed(asText(operand), textType(characters, operand.type.collation ?? DEFAULT_COLLATION), [operand]);
}
