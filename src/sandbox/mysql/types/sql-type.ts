/** The static type of an expression: how SQLite holds its values, and how MySQL describes them in results. */
import type { Type__Output } from "../../../wire/generated/query/Type.js";
import { type ColumnType, isText, maxBytes, type Representation, representationOf } from "./column-type.js";

export const Flags = {
  NOT_NULL: 1,
  PRIMARY_KEY: 2,
  UNIQUE_KEY: 4,
  MULTIPLE_KEY: 8,
  BLOB: 16,
  UNSIGNED: 32,
  ZEROFILL: 64,
  BINARY: 128,
  ENUM: 256,
  AUTO_INCREMENT: 512,
  TIMESTAMP: 1024,
  SET: 2048,
  NO_DEFAULT: 4096,
  ON_UPDATE_NOW: 8192,
  PART_KEY: 16384,
  NUM: 32768,
} as const;

export const BINARY_CHARSET = 63;
/** utf8mb4_0900_ai_ci: what connections of the tablets use, and so what results are described in. */
export const CONNECTION_CHARSET = 255;
/** "No fixed number of digits": decimals of strings and floats. */
const NOT_FIXED = 31;

export interface SqlType {
  representation: Representation | "null";
  fieldType: Type__Output;
  /** column_length of the field: bytes in the connection's character set, or display width. */
  length: number;
  decimals: number;
  flags: number;
  /** Of text, enum and set. */
  collation?: string;
  /** Digits behind the point (decimal) or of a second. */
  scale: number;
  /** The declared type, for members, widths and padding. */
  column?: ColumnType;
}

export function isNumeric(type: SqlType): boolean {
  return ["int", "uint", "decimal", "double", "bit"].includes(type.representation) || type.representation === "null";
}

export function isTemporal(type: SqlType): boolean {
  return type.representation === "date" || type.representation === "datetime" || type.representation === "time";
}

/** Holds text by a character set: text, enum, set. */
export function isStringLike(type: SqlType): boolean {
  return type.representation === "text" || type.representation === "enum" || type.representation === "set";
}

export const NULL_TYPE: SqlType = {
  representation: "null",
  fieldType: "NULL_TYPE",
  length: 0,
  decimals: 0,
  flags: Flags.BINARY,
  scale: 0,
};

export function intType(length = 21, flags = 0): SqlType {
  return {
    representation: "int",
    fieldType: "INT64",
    length,
    decimals: 0,
    flags: Flags.BINARY | Flags.NUM | flags,
    scale: 0,
  };
}

export function uintType(length = 21): SqlType {
  return { ...intType(length, Flags.UNSIGNED), representation: "uint", fieldType: "UINT64" };
}

export function decimalType(precision: number, scale: number): SqlType {
  return {
    representation: "decimal",
    fieldType: "DECIMAL",
    length: Math.min(precision, 65) + (scale > 0 ? 1 : 0) + 1,
    decimals: scale,
    flags: Flags.BINARY | Flags.NUM,
    scale,
  };
}

export function doubleType(): SqlType {
  return {
    representation: "double",
    fieldType: "FLOAT64",
    length: 23,
    decimals: NOT_FIXED,
    flags: Flags.BINARY | Flags.NUM,
    scale: 0,
  };
}

/** `length` in characters. */
export function textType(length: number, collation: string): SqlType {
  const binary = collation.endsWith("_bin") ? Flags.BINARY : 0;
  return {
    representation: "text",
    fieldType: binary ? "VARBINARY" : "VARCHAR",
    length: Math.min(length * 4, 4294967295),
    decimals: NOT_FIXED,
    flags: binary,
    collation,
    scale: 0,
  };
}

export function binaryType(length: number): SqlType {
  return { representation: "blob", fieldType: "VARBINARY", length, decimals: NOT_FIXED, flags: Flags.BINARY, scale: 0 };
}

export function jsonType(): SqlType {
  return {
    representation: "json",
    fieldType: "JSON",
    length: 4294967295,
    decimals: NOT_FIXED,
    flags: Flags.BINARY,
    scale: 0,
  };
}

export function temporalType(kind: "date" | "datetime" | "time", scale: number): SqlType {
  const whole = kind === "datetime" ? 19 : 10;
  return {
    representation: kind,
    fieldType: kind === "date" ? "DATE" : kind === "time" ? "TIME" : "DATETIME",
    length: scale > 0 ? whole + 1 + scale : whole,
    decimals: scale,
    flags: Flags.BINARY,
    scale,
  };
}

const INT_TYPES: Partial<
  Record<ColumnType["base"], [signed: Type__Output, unsigned: Type__Output, signedWidth: number, unsignedWidth: number]>
> = {
  tinyint: ["INT8", "UINT8", 4, 3],
  smallint: ["INT16", "UINT16", 6, 5],
  mediumint: ["INT24", "UINT24", 9, 8],
  int: ["INT32", "UINT32", 11, 10],
  bigint: ["INT64", "UINT64", 20, 20],
};

/** A column's type; flags of keys and defaults are the catalog's to add. */
export function columnSqlType(column: ColumnType): SqlType {
  const representation = representationOf(column);
  const base = { representation, scale: 0, decimals: 0, column };
  const unsigned = (column.unsigned ? Flags.UNSIGNED : 0) | (column.zerofill ? Flags.ZEROFILL : 0);
  const integer = INT_TYPES[column.base];
  if (integer) {
    const [signedType, unsignedType, signedWidth, unsignedWidth] = integer;
    const isBoolean = column.base === "tinyint" && column.length === 1;
    const width = column.zerofill || isBoolean ? (column.length ?? 0) : column.unsigned ? unsignedWidth : signedWidth;
    return {
      ...base,
      fieldType: column.unsigned ? unsignedType : signedType,
      length: width,
      flags: Flags.NUM | unsigned,
    };
  }
  if (isText(column)) return textColumn(column, base);
  switch (column.base) {
    case "decimal": {
      const { length = 10, scale = 0 } = column;
      const width = length + (scale > 0 ? 1 : 0) + (column.unsigned ? 0 : 1);
      return { ...base, fieldType: "DECIMAL", length: width, decimals: scale, scale, flags: Flags.NUM | unsigned };
    }
    case "float":
      return {
        ...base,
        fieldType: "FLOAT32",
        length: column.length ?? 12,
        decimals: column.scale ?? NOT_FIXED,
        flags: Flags.NUM | unsigned,
      };
    case "double":
      return {
        ...base,
        fieldType: "FLOAT64",
        length: column.length ?? 22,
        decimals: column.scale ?? NOT_FIXED,
        flags: Flags.NUM | unsigned,
      };
    case "bit":
      return { ...base, fieldType: "BIT", length: column.length ?? 1, flags: Flags.UNSIGNED };
    case "year":
      return { ...base, fieldType: "YEAR", length: 4, flags: Flags.UNSIGNED | Flags.ZEROFILL | Flags.NUM };
    case "date":
      return { ...temporalType("date", 0), column };
    case "time":
      return { ...temporalType("time", column.scale ?? 0), column };
    case "datetime":
      return { ...temporalType("datetime", column.scale ?? 0), column };
    case "timestamp":
      return { ...temporalType("datetime", column.scale ?? 0), fieldType: "TIMESTAMP", column };
    case "json":
      return { ...jsonType(), decimals: 0, flags: Flags.BINARY | Flags.BLOB, column };
    case "enum":
    case "set":
      return memberColumn(column, base);
    case "binary":
    case "varbinary":
      return {
        ...base,
        fieldType: column.base === "binary" ? "BINARY" : "VARBINARY",
        length: column.length ?? 1,
        flags: Flags.BINARY,
      };
    case "geometry":
      return { ...base, fieldType: "GEOMETRY", length: 4294967295, flags: Flags.BINARY | Flags.BLOB };
    default:
      return { ...base, fieldType: "BLOB", length: maxBytes(column) ?? 65535, flags: Flags.BINARY | Flags.BLOB };
  }
}

type Base = Pick<SqlType, "representation" | "scale" | "decimals" | "column">;

/** Vitess calls character columns with the BINARY flag (the _bin collations) BINARY, VARBINARY and BLOB (go/mysql, modifyType, v22). */
function textColumn(column: ColumnType, base: Base): SqlType {
  const collation = column.collation ?? "utf8mb4_0900_ai_ci";
  const isBinary = collation.endsWith("_bin");
  const binary = isBinary ? Flags.BINARY : 0;
  if (column.base === "char" || column.base === "varchar") {
    const fieldType = column.base === "char" ? (isBinary ? "BINARY" : "CHAR") : isBinary ? "VARBINARY" : "VARCHAR";
    return { ...base, fieldType, length: (column.length ?? 1) * 4, flags: binary, collation };
  }
  const bytes = maxBytes(column) ?? 65535;
  // The declared bytes count as characters here, four bytes each in the connection's character set.
  const length = Math.min(bytes * 4, 4294967295);
  return { ...base, fieldType: isBinary ? "BLOB" : "TEXT", length, flags: Flags.BLOB | binary, collation };
}

function memberColumn(column: ColumnType, base: Base): SqlType {
  const values = column.values ?? [];
  const lengths = values.map((value) => Array.from(value).length);
  const isSet = column.base === "set";
  const length = isSet
    ? lengths.reduce((sum, each) => sum + each, 0) + Math.max(values.length - 1, 0)
    : Math.max(0, ...lengths);
  return {
    ...base,
    fieldType: isSet ? "SET" : "ENUM",
    length: length * 4,
    flags: isSet ? Flags.SET : Flags.ENUM,
    collation: column.collation ?? "utf8mb4_0900_ai_ci",
  };
}
