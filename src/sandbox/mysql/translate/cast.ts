import { charsetOf, defaultCollation } from "../collations.js";
import type { CastTarget } from "../parse/ast.js";
import {
  binaryType,
  decimalType,
  doubleType,
  intType,
  jsonType,
  temporalType,
  textType,
  uintType,
} from "../types/sql-type.js";
import { asBlob, asDecimal, asDouble, asInt, asTemporal, asText, asUint } from "./coerce.js";
import { computed, sqlText, type Typed } from "./typed.js";

export function cast(operand: Typed, target: CastTarget): Typed {
  switch (target.type) {
    case "signed":
      return computed(
        operand.type.representation === "uint" || operand.type.representation === "bit"
          ? `my_int_of_text(${asDecimal(operand)})`
          : asInt(operand),
        intType(),
        [operand],
      );
    case "unsigned":
      return computed(asUint(operand), uintType(), [operand]);
    case "decimal": {
      const { length = 10, scale = 0 } = target;
      return computed(`my_decimal_cast(${asDecimal(operand)}, ${length}, ${scale})`, decimalType(length, scale), [
        operand,
      ]);
    }
    case "double":
    case "float":
      return computed(asDouble(operand), doubleType(), [operand]);
    case "char": {
      if (target.charset === "binary") return computed(asBlob(operand), binaryType(operand.type.length), [operand]);
      const inherited = operand.type.collation;
      const collation =
        target.charset !== undefined
          ? defaultCollation(target.charset)
          : inherited && charsetOf(inherited) === "utf8mb4"
            ? inherited
            : "utf8mb4_0900_ai_ci";
      const characters = inherited === undefined ? operand.type.length : Math.ceil(operand.type.length / 4);
      const text = target.length === undefined ? asText(operand) : `my_left(${asText(operand)}, ${target.length})`;
      return computed(text, textType(target.length ?? characters, collation), [operand]);
    }
    case "binary": {
      const length = target.length ?? operand.type.length;
      const bytes =
        target.length === undefined ? asBlob(operand) : `my_pad_bytes(${asBlob(operand)}, ${target.length})`;
      return computed(bytes, binaryType(length), [operand]);
    }
    case "date":
      return computed(asTemporal(relaxed(operand), "date"), temporalType("date", 0), [operand]);
    case "datetime":
    case "time": {
      const scale = target.length ?? 0;
      const value = asTemporal(relaxed(operand), target.type);
      if (target.type === "time")
        return computed(`(${value} / ${10 ** (6 - scale)} * ${10 ** (6 - scale)})`, temporalType("time", scale), [
          operand,
        ]);
      return computed(`my_datetime_round(${value}, ${scale})`, temporalType("datetime", scale), [operand]);
    }
    case "year":
      return computed(`my_date_part('year', ${asTemporal(relaxed(operand), "datetime")})`, intType(4), [operand]);
    case "json":
      if (operand.type.representation === "json") return operand;
      if (["text", "enum", "set"].includes(operand.type.representation))
        return computed(`my_json_parse(${asText(operand)})`, jsonType(), [operand]);
      return computed(operand.type.representation === "blob" ? sqlText("null") : jsonScalar(operand), jsonType(), [
        operand,
      ]);
  }
}

/** CAST gives NULL for a text that is no date, where a comparison refuses. */
function relaxed(operand: Typed): Typed {
  const { literal: _literal, ...rest } = operand;
  return operand.type.representation === "text" ? rest : operand;
}

function jsonScalar(operand: Typed): string {
  return ["int", "uint", "decimal", "double"].includes(operand.type.representation)
    ? asText(operand)
    : `my_json_quote(${asText(operand)})`;
}
