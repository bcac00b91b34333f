import type { Type } from "../../../wire/generated/query/Type.js";

/** Column types of MySQL's protocol (include/field_types.h). */
export const mysqlType = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  bit: 16,
  vector: 242,
  json: 245,
  newDecimal: 246,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

const unsigned = 32;
const binary = 128;
const enumFlag = 256;
const setFlag = 2048;

/** query.Type to the protocol's type byte and the flags it brings (go/mysql/sqltypes, typeToMySQL). */
const table: Partial<Record<keyof typeof Type, [type: number, flags: number]>> = {
  NULL_TYPE: [mysqlType.null, binary],
  INT8: [mysqlType.tiny, 0],
  UINT8: [mysqlType.tiny, unsigned],
  INT16: [mysqlType.short, 0],
  UINT16: [mysqlType.short, unsigned],
  INT24: [mysqlType.int24, 0],
  UINT24: [mysqlType.int24, unsigned],
  INT32: [mysqlType.long, 0],
  UINT32: [mysqlType.long, unsigned],
  INT64: [mysqlType.longlong, 0],
  UINT64: [mysqlType.longlong, unsigned],
  FLOAT32: [mysqlType.float, 0],
  FLOAT64: [mysqlType.double, 0],
  TIMESTAMP: [mysqlType.timestamp, binary],
  DATE: [mysqlType.date, binary],
  TIME: [mysqlType.time, binary],
  DATETIME: [mysqlType.datetime, binary],
  YEAR: [mysqlType.year, unsigned],
  DECIMAL: [mysqlType.newDecimal, 0],
  TEXT: [mysqlType.blob, 0],
  BLOB: [mysqlType.blob, binary],
  VARCHAR: [mysqlType.varString, 0],
  VARBINARY: [mysqlType.varString, binary],
  CHAR: [mysqlType.string, 0],
  BINARY: [mysqlType.string, binary],
  BIT: [mysqlType.bit, unsigned],
  ENUM: [mysqlType.string, enumFlag],
  SET: [mysqlType.string, setFlag],
  GEOMETRY: [mysqlType.geometry, 0],
  JSON: [mysqlType.json, 0],
  VECTOR: [mysqlType.vector, binary],
};

const textTypes = new Set<string>(["TEXT", "VARCHAR", "CHAR", "ENUM", "SET"]);

/** Types that no column has (expressions, tuples) travel as strings. */
export function toMysqlType(type: keyof typeof Type): { type: number; flags: number; isText: boolean } {
  const [code, flags] = table[type] ?? [mysqlType.varString, 0];
  return { type: code, flags, isText: textTypes.has(type) };
}
