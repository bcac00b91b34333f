/** Rows that information_schema and SHOW have in common. */
import type { Column, Table } from "./catalog.js";
import { charsetOf } from "./collations.js";
import { printExpression } from "./ddl/print-expression.js";
import { bytesPerCharacter, formatColumnType, hasCharset, isInteger, isText, maxBytes } from "./types/column-type.js";
import { columnSqlType, Flags } from "./types/sql-type.js";

type Cell = string | bigint | null;
export type Row = Record<string, Cell>;

export function columnRow(table: Table, column: Column, position: number): Row {
  const { type } = column;
  const sqlType = columnSqlType(type);
  const isCharacter = hasCharset(type);
  const bytes = isText(type)
    ? (maxBytes(type) ?? (type.length ?? 1) * bytesPerCharacter(type))
    : (maxBytes(type) ?? type.length ?? null);
  const isString = isCharacter || sqlType.representation === "blob";
  const characters = isCharacter && maxBytes(type) === undefined ? sqlType.length / 4 : bytes;
  const isNumber = (sqlType.flags & Flags.NUM) !== 0 && type.base !== "year";
  const isTemporal = ["datetime", "timestamp", "time"].includes(type.base);
  return {
    TABLE_CATALOG: "def",
    TABLE_SCHEMA: table.database,
    TABLE_NAME: table.name,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: BigInt(position),
    COLUMN_DEFAULT: shownDefault(column),
    IS_NULLABLE: column.nullable ? "YES" : "NO",
    DATA_TYPE: type.base,
    CHARACTER_MAXIMUM_LENGTH: isString && characters !== null ? BigInt(characters) : null,
    CHARACTER_OCTET_LENGTH:
      isString && bytes !== null
        ? BigInt(isCharacter && maxBytes(type) === undefined ? (sqlType.length / 4) * bytesPerCharacter(type) : bytes)
        : null,
    NUMERIC_PRECISION: isNumber ? BigInt(numericPrecision(column)) : null,
    NUMERIC_SCALE: isInteger(type)
      ? 0n
      : type.base === "decimal"
        ? BigInt(type.scale ?? 0)
        : type.scale !== undefined && isNumber
          ? BigInt(type.scale)
          : null,
    DATETIME_PRECISION: isTemporal ? BigInt(type.scale ?? 0) : null,
    CHARACTER_SET_NAME: isCharacter && type.collation ? charsetOf(type.collation) : null,
    COLLATION_NAME: isCharacter ? (type.collation ?? null) : null,
    COLUMN_TYPE: formatColumnType(type),
    COLUMN_KEY: columnKey(table, column),
    EXTRA: extra(column),
    PRIVILEGES: "select,insert,update,references",
    COLUMN_COMMENT: column.comment,
    GENERATION_EXPRESSION: column.generated ? printExpression(column.generated.expr) : "",
    SRS_ID: null,
  };
}

function shownDefault(column: Column): string | null {
  switch (column.default.kind) {
    case "value":
      return column.type.base === "bit" ? `b'${column.default.text}'` : column.default.text;
    case "now":
      return column.type.scale ? `CURRENT_TIMESTAMP(${column.type.scale})` : "CURRENT_TIMESTAMP";
    case "expression":
      return printExpression(column.default.expr);
    default:
      return null;
  }
}

function numericPrecision({ type }: Column): number {
  const digits: Record<string, number> = {
    tinyint: 3,
    smallint: 5,
    mediumint: 7,
    int: 10,
    bigint: type.unsigned ? 20 : 19,
    float: 12,
    double: 22,
  };
  return type.base === "decimal" ? (type.length ?? 10) : (digits[type.base] ?? type.length ?? 0);
}

function columnKey(table: Table, column: Column): string {
  let found = "";
  for (const key of table.keys) {
    const at = key.parts.findIndex((part) => part.column === column);
    if (at < 0) continue;
    if (key.kind === "primary") return "PRI";
    if (at > 0) continue;
    if (key.kind === "unique" && key.parts.length === 1) found = "UNI";
    else if (found === "") found = "MUL";
  }
  return found;
}

function extra(column: Column): string {
  const parts: string[] = [];
  if (column.autoIncrement) parts.push("auto_increment");
  if (column.default.kind === "now" || column.default.kind === "expression") parts.push("DEFAULT_GENERATED");
  if (column.onUpdateNow) parts.push(`on update CURRENT_TIMESTAMP${column.type.scale ? `(${column.type.scale})` : ""}`);
  if (column.generated) parts.push(column.generated.stored ? "STORED GENERATED" : "VIRTUAL GENERATED");
  if (column.invisible) parts.push("INVISIBLE");
  return parts.join(" ");
}

export function indexRows(table: Table, cardinality: bigint): Row[] {
  return table.keys.flatMap((key) =>
    key.parts.map(
      (part, i): Row => ({
        TABLE_CATALOG: "def",
        TABLE_SCHEMA: table.database,
        TABLE_NAME: table.name,
        NON_UNIQUE: key.kind === "primary" || key.kind === "unique" ? 0n : 1n,
        INDEX_SCHEMA: table.database,
        INDEX_NAME: key.name,
        SEQ_IN_INDEX: BigInt(i + 1),
        COLUMN_NAME: part.column?.name ?? null,
        COLLATION: key.kind === "fulltext" ? null : part.descending ? "D" : "A",
        CARDINALITY: cardinality,
        SUB_PART: part.length === undefined ? null : BigInt(part.length),
        PACKED: null,
        NULLABLE: part.column?.nullable ? "YES" : "",
        INDEX_TYPE: key.kind === "fulltext" ? "FULLTEXT" : key.kind === "spatial" ? "SPATIAL" : "BTREE",
        COMMENT: "",
        INDEX_COMMENT: key.comment,
        IS_VISIBLE: key.invisible ? "NO" : "YES",
        EXPRESSION: part.expr ? printExpression(part.expr) : null,
      }),
    ),
  );
}

export function* keyColumnRows(table: Table): Iterable<Row> {
  const common = {
    CONSTRAINT_CATALOG: "def",
    CONSTRAINT_SCHEMA: table.database,
    TABLE_CATALOG: "def",
    TABLE_SCHEMA: table.database,
    TABLE_NAME: table.name,
  };
  for (const key of table.keys) {
    if (key.kind !== "primary" && key.kind !== "unique") continue;
    for (const [i, part] of key.parts.entries()) {
      if (!part.column) continue;
      yield { ...common, CONSTRAINT_NAME: key.name, COLUMN_NAME: part.column.name, ORDINAL_POSITION: BigInt(i + 1) };
    }
  }
  for (const foreignKey of table.foreignKeys) {
    for (const [i, column] of foreignKey.columns.entries()) {
      yield {
        ...common,
        CONSTRAINT_NAME: foreignKey.name,
        COLUMN_NAME: column.name,
        ORDINAL_POSITION: BigInt(i + 1),
        POSITION_IN_UNIQUE_CONSTRAINT: BigInt(i + 1),
        REFERENCED_TABLE_SCHEMA: foreignKey.parentDatabase,
        REFERENCED_TABLE_NAME: foreignKey.parentTable,
        REFERENCED_COLUMN_NAME: foreignKey.parentColumns[i] ?? null,
      };
    }
  }
}

export function* constraintRows(table: Table): Iterable<Row> {
  const row = (name: string, type: string, enforced = true): Row => ({
    CONSTRAINT_CATALOG: "def",
    CONSTRAINT_SCHEMA: table.database,
    CONSTRAINT_NAME: name,
    TABLE_SCHEMA: table.database,
    TABLE_NAME: table.name,
    CONSTRAINT_TYPE: type,
    ENFORCED: enforced ? "YES" : "NO",
  });
  for (const key of table.keys) {
    if (key.kind === "primary") yield row(key.name, "PRIMARY KEY");
    if (key.kind === "unique") yield row(key.name, "UNIQUE");
  }
  for (const foreignKey of table.foreignKeys) yield row(foreignKey.name, "FOREIGN KEY");
  for (const check of table.checks) yield row(check.name, "CHECK", check.enforced);
}
