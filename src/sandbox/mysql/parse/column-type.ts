import { errors } from "../errors.js";
import type { BaseType, ColumnType } from "../types/column-type.js";
import type { Cursor } from "./cursor.js";

const SYNONYMS: Record<string, BaseType> = {
  INTEGER: "int",
  INT1: "tinyint",
  INT2: "smallint",
  INT3: "mediumint",
  INT4: "int",
  INT8: "bigint",
  MIDDLEINT: "mediumint",
  DEC: "decimal",
  NUMERIC: "decimal",
  FIXED: "decimal",
  REAL: "double",
  FLOAT4: "float",
  FLOAT8: "double",
  CHARACTER: "char",
  NCHAR: "char",
  NVARCHAR: "varchar",
  VARCHARACTER: "varchar",
  POINT: "geometry",
};
const BASES = new Set<string>([
  "tinyint",
  "smallint",
  "mediumint",
  "int",
  "bigint",
  "decimal",
  "float",
  "double",
  "bit",
  "char",
  "varchar",
  "tinytext",
  "text",
  "mediumtext",
  "longtext",
  "binary",
  "varbinary",
  "tinyblob",
  "blob",
  "mediumblob",
  "longblob",
  "date",
  "datetime",
  "timestamp",
  "time",
  "year",
  "json",
  "enum",
  "set",
  "geometry",
]);
const MAX_BITS = 64;

export interface ParsedType {
  type: ColumnType;
  /** CHARACTER SET given with the type. */
  charset?: string;
  /** SERIAL: NOT NULL AUTO_INCREMENT UNIQUE. */
  serial: boolean;
}

/** "bigint(20) unsigned zerofill", "varchar(5) character set x", "enum('a')", ... */
export function parseColumnType(cursor: Cursor): ParsedType {
  const word = cursor.current.kind === "word" ? cursor.next().text : cursor.fail();
  if (word === "SERIAL") return { type: { base: "bigint", unsigned: true, zerofill: false }, serial: true };
  if (word === "BOOL" || word === "BOOLEAN") {
    return { type: { base: "tinyint", length: 1, unsigned: false, zerofill: false }, serial: false };
  }
  const name = SYNONYMS[word] ?? word.toLowerCase();
  if (!BASES.has(name)) {
    cursor.position--;
    cursor.fail();
  }
  let base = name as BaseType;
  if (word === "DOUBLE") cursor.acceptWord("PRECISION");
  if (base === "char" && cursor.acceptWord("VARYING")) base = "varchar";
  const type: ColumnType = { base, unsigned: false, zerofill: false };
  parameters(cursor, type);
  let charset: string | undefined =
    word.startsWith("N") && (base === "char" || base === "varchar") ? "utf8mb3" : undefined;
  for (;;) {
    if (cursor.acceptWord("UNSIGNED")) type.unsigned = true;
    else if (cursor.acceptWord("SIGNED")) type.unsigned = false;
    else if (cursor.acceptWord("ZEROFILL")) {
      type.zerofill = true;
      type.unsigned = true;
    } else if (cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWord("CHARSET")) {
      charset = cursor.nameOrString().toLowerCase();
    } else if (cursor.isWord("BINARY") && /char|text|enum|set/.test(base)) {
      cursor.next();
      type.collation = "binary";
    } else break;
  }
  if (type.zerofill && type.length === undefined) type.length = ZEROFILL_WIDTH[base];
  return { type, ...(charset && { charset }), serial: false };
}

const ZEROFILL_WIDTH: Partial<Record<BaseType, number>> = {
  tinyint: 3,
  smallint: 5,
  mediumint: 8,
  int: 10,
  bigint: 20,
};

function parameters(cursor: Cursor, type: ColumnType): void {
  if (type.base === "enum" || type.base === "set") {
    // Trailing spaces of members are removed (manual, "The ENUM Type").
    type.values = cursor.parenthesised(() => cursor.string().replace(/ +$/, ""));
    return;
  }
  if (!cursor.acceptSymbol("(")) {
    if (type.base === "varchar" || type.base === "varbinary") cursor.fail();
    if (type.base === "decimal") Object.assign(type, { length: 10, scale: 0 });
    if (type.base === "bit" || type.base === "char" || type.base === "binary") type.length = 1;
    return;
  }
  const first = cursor.integer();
  const second = cursor.acceptSymbol(",") ? cursor.integer() : undefined;
  cursor.expectSymbol(")");
  switch (type.base) {
    case "datetime":
    case "timestamp":
    case "time":
      if (first > 6) throw errors.unsupported(`fractional seconds precision ${first}`);
      type.scale = first;
      break;
    case "decimal":
      Object.assign(type, { length: first, scale: second ?? 0 });
      break;
    case "float":
      // float(p) chooses the type by precision; it isn't shown afterwards.
      if (second === undefined) type.base = first > 24 ? "double" : "float";
      else Object.assign(type, { length: first, scale: second });
      break;
    case "double":
      if (second !== undefined) Object.assign(type, { length: first, scale: second });
      break;
    case "bit":
      if (first > MAX_BITS) throw errors.unsupported(`bit(${first})`);
      type.length = first;
      break;
    case "text":
    case "blob":
      type.base = lobFor(type.base, first);
      break;
    case "year":
      break;
    default:
      type.length = first;
  }
}

/** text(n) and blob(n) take the smallest type that holds n (manual, "String Type Syntax"). */
function lobFor(base: "text" | "blob", length: number): BaseType {
  const bytes = base === "text" ? length * 4 : length;
  const size = bytes <= 255 ? "tiny" : bytes <= 65535 ? "" : bytes <= 16777215 ? "medium" : "long";
  return `${size}${base}`;
}
