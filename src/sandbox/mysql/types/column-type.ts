/** A column's declared type, and its text as SHOW CREATE TABLE of MySQL 8 prints it. */
import { charsetOf } from "../collations.js";

export type BaseType =
  | "tinyint"
  | "smallint"
  | "mediumint"
  | "int"
  | "bigint"
  | "decimal"
  | "float"
  | "double"
  | "bit"
  | "char"
  | "varchar"
  | "tinytext"
  | "text"
  | "mediumtext"
  | "longtext"
  | "binary"
  | "varbinary"
  | "tinyblob"
  | "blob"
  | "mediumblob"
  | "longblob"
  | "date"
  | "datetime"
  | "timestamp"
  | "time"
  | "year"
  | "json"
  | "enum"
  | "set"
  | "geometry";

export interface ColumnType {
  base: BaseType;
  unsigned: boolean;
  zerofill: boolean;
  /** Display width, characters or bytes, digits, or bits. */
  length?: number;
  /** Digits behind the point (decimal, float, double), or of a second (datetime, timestamp, time). */
  scale?: number;
  /** Members of enum and set. */
  values?: string[];
  /** Of text types; filled from the table's default when the statement has none. */
  collation?: string;
}

/** How SQLite holds the values, and so how expressions over them are translated. */
export type Representation =
  /** 64-bit signed integers. */
  | "int"
  /** bigint unsigned: the value minus 2^63, so that it fits 64 bits and keeps its order. */
  | "uint"
  /** Exact decimals as canonical text with the type's scale. */
  | "decimal"
  | "double"
  | "text"
  | "blob"
  /** "2020-01-31". */
  | "date"
  /** "2020-01-31 10:00:00", then "." and the fraction without trailing zeros; timestamps in UTC. */
  | "datetime"
  /** Microseconds, signed. */
  | "time"
  /** Normalised JSON text. */
  | "json"
  /** The member's index, from 1; 0 is the empty value of a failed insert. */
  | "enum"
  /** Bit mask of the members. */
  | "set"
  /** Big-endian bytes. */
  | "bit";

const TEXT_TYPES = new Set<BaseType>(["char", "varchar", "tinytext", "text", "mediumtext", "longtext"]);
const BLOB_TYPES = new Set<BaseType>(["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry"]);
const INTEGER_BYTES: Partial<Record<BaseType, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };

export function isText(type: ColumnType): boolean {
  return TEXT_TYPES.has(type.base);
}

export function hasCharset(type: ColumnType): boolean {
  return isText(type) || type.base === "enum" || type.base === "set";
}

/** Types that hold their values outside the row: no default, keys need a prefix length. */
export function isLob(type: ColumnType): boolean {
  return /(?:text|blob)$/.test(type.base);
}

export function isInteger(type: ColumnType): boolean {
  return INTEGER_BYTES[type.base] !== undefined;
}

export function representationOf(type: ColumnType): Representation {
  if (isInteger(type)) return type.base === "bigint" && type.unsigned ? "uint" : "int";
  if (TEXT_TYPES.has(type.base)) return "text";
  if (BLOB_TYPES.has(type.base)) return "blob";
  switch (type.base) {
    case "float":
    case "double":
      return "double";
    case "timestamp":
      return "datetime";
    case "year":
      return "int";
    case "decimal":
    case "bit":
    case "date":
    case "datetime":
    case "time":
    case "json":
    case "enum":
    case "set":
      return type.base;
    default:
      throw new TypeError(`no representation for ${type.base}`);
  }
}

/** Smallest and largest value of an integer type. */
export function integerRange(type: ColumnType): [bigint, bigint] {
  const bits = BigInt(8 * (INTEGER_BYTES[type.base] ?? 8));
  return type.unsigned ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

/** The most bytes (blobs, tinytext and its like) a value may have; undefined where `length` says it. */
export function maxBytes(type: ColumnType): number | undefined {
  if (!isLob(type)) return undefined;
  if (type.base.startsWith("tiny")) return 255;
  if (type.base.startsWith("medium")) return 16777215;
  if (type.base.startsWith("long")) return 4294967295;
  return 65535;
}

/** "bigint unsigned", "enum('a','b')": without character set and collation. */
export function formatColumnType(type: ColumnType): string {
  const suffix = `${type.unsigned ? " unsigned" : ""}${type.zerofill ? " zerofill" : ""}`;
  return `${type.base}${parameters(type)}${suffix}`;
}

function parameters(type: ColumnType): string {
  switch (type.base) {
    case "decimal":
      return `(${type.length ?? 10},${type.scale ?? 0})`;
    case "float":
    case "double":
      return type.scale === undefined ? "" : `(${type.length},${type.scale})`;
    case "enum":
    case "set":
      return `(${(type.values ?? []).map((value) => `'${value.replaceAll("'", "''")}'`).join(",")})`;
    case "datetime":
    case "timestamp":
    case "time":
      return type.scale ? `(${type.scale})` : "";
    case "bit":
    case "char":
    case "binary":
    case "varchar":
    case "varbinary":
      return `(${type.length ?? 1})`;
    default:
      // Since 8.0.19 display widths are shown for tinyint(1) and zerofill only.
      if (isInteger(type) && type.length !== undefined && (type.zerofill || isBoolean(type))) return `(${type.length})`;
      return "";
  }
}

function isBoolean(type: ColumnType): boolean {
  return type.base === "tinyint" && type.length === 1 && !type.unsigned;
}

/** Bytes that one character takes at most. */
export function bytesPerCharacter(type: ColumnType): number {
  switch (charsetOf(type.collation ?? "utf8mb4_0900_ai_ci")) {
    case "utf8mb4":
      return 4;
    case "utf8mb3":
      return 3;
    default:
      return 1;
  }
}
