/** information_schema's tables: ordinary tables of the catalog, filled anew before a statement reads them. */
import type { Catalog, Column, Database, Table } from "./catalog.js";
import { charsetOf, collations, defaultCollation } from "./collations.js";
import { buildTable } from "./ddl/build-table.js";
import { printExpression } from "./ddl/print-expression.js";
import { Cursor } from "./parse/cursor.js";
import { parseDdl } from "./parse/ddl.js";
import type { RowStore } from "./row-store.js";
import { bytesPerCharacter, formatColumnType, hasCharset, isInteger, isText, maxBytes } from "./types/column-type.js";
import { columnSqlType, Flags } from "./types/sql-type.js";
import { storeValue } from "./types/store.js";

type Cell = string | bigint | null;
type Row = Record<string, Cell>;

export const INFORMATION_SCHEMA = "information_schema";

const NAME = "varchar(64) COLLATE utf8mb3_bin";
/** Names and types after MySQL 8.4's views, those that migration tools read. */
const definitions: Record<string, string> = {
  SCHEMATA: `CATALOG_NAME ${NAME}, SCHEMA_NAME ${NAME}, DEFAULT_CHARACTER_SET_NAME varchar(64) NOT NULL, DEFAULT_COLLATION_NAME varchar(64) NOT NULL, SQL_PATH varchar(64), DEFAULT_ENCRYPTION varchar(3) NOT NULL`,
  TABLES: `TABLE_CATALOG ${NAME} NOT NULL, TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, TABLE_TYPE varchar(64) NOT NULL, ENGINE varchar(64), VERSION int, ROW_FORMAT varchar(64), TABLE_ROWS bigint unsigned, AVG_ROW_LENGTH bigint unsigned, DATA_LENGTH bigint unsigned, MAX_DATA_LENGTH bigint unsigned, INDEX_LENGTH bigint unsigned, DATA_FREE bigint unsigned, AUTO_INCREMENT bigint unsigned, CREATE_TIME timestamp NULL, UPDATE_TIME datetime, CHECK_TIME datetime, TABLE_COLLATION varchar(64), CHECKSUM bigint, CREATE_OPTIONS varchar(256), TABLE_COMMENT text`,
  COLUMNS: `TABLE_CATALOG ${NAME} NOT NULL, TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, COLUMN_NAME varchar(64) NOT NULL, ORDINAL_POSITION int unsigned NOT NULL, COLUMN_DEFAULT text COLLATE utf8mb3_bin, IS_NULLABLE varchar(3) NOT NULL, DATA_TYPE longtext COLLATE utf8mb3_bin, CHARACTER_MAXIMUM_LENGTH bigint, CHARACTER_OCTET_LENGTH bigint, NUMERIC_PRECISION bigint unsigned, NUMERIC_SCALE bigint unsigned, DATETIME_PRECISION int unsigned, CHARACTER_SET_NAME varchar(64), COLLATION_NAME varchar(64), COLUMN_TYPE mediumtext COLLATE utf8mb3_bin NOT NULL, COLUMN_KEY varchar(3) COLLATE utf8mb3_bin NOT NULL, EXTRA varchar(256), PRIVILEGES varchar(154), COLUMN_COMMENT text NOT NULL, GENERATION_EXPRESSION longtext NOT NULL, SRS_ID int unsigned`,
  STATISTICS: `TABLE_CATALOG ${NAME} NOT NULL, TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, NON_UNIQUE int NOT NULL, INDEX_SCHEMA ${NAME} NOT NULL, INDEX_NAME varchar(64), SEQ_IN_INDEX int unsigned NOT NULL, COLUMN_NAME varchar(64), COLLATION varchar(1), CARDINALITY bigint, SUB_PART bigint, PACKED binary(0), NULLABLE varchar(3) NOT NULL, INDEX_TYPE varchar(11) NOT NULL, COMMENT varchar(8) NOT NULL, INDEX_COMMENT varchar(2048) NOT NULL, IS_VISIBLE varchar(3) NOT NULL, EXPRESSION longtext`,
  KEY_COLUMN_USAGE: `CONSTRAINT_CATALOG ${NAME} NOT NULL, CONSTRAINT_SCHEMA ${NAME} NOT NULL, CONSTRAINT_NAME varchar(64), TABLE_CATALOG ${NAME} NOT NULL, TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, COLUMN_NAME varchar(64), ORDINAL_POSITION int unsigned NOT NULL, POSITION_IN_UNIQUE_CONSTRAINT int unsigned, REFERENCED_TABLE_SCHEMA ${NAME}, REFERENCED_TABLE_NAME ${NAME}, REFERENCED_COLUMN_NAME varchar(64)`,
  TABLE_CONSTRAINTS: `CONSTRAINT_CATALOG ${NAME} NOT NULL, CONSTRAINT_SCHEMA ${NAME} NOT NULL, CONSTRAINT_NAME varchar(64), TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, CONSTRAINT_TYPE varchar(11) NOT NULL, ENFORCED varchar(3) NOT NULL`,
  REFERENTIAL_CONSTRAINTS: `CONSTRAINT_CATALOG ${NAME} NOT NULL, CONSTRAINT_SCHEMA ${NAME} NOT NULL, CONSTRAINT_NAME varchar(64), UNIQUE_CONSTRAINT_CATALOG ${NAME} NOT NULL, UNIQUE_CONSTRAINT_SCHEMA ${NAME} NOT NULL, UNIQUE_CONSTRAINT_NAME varchar(64), MATCH_OPTION varchar(64) NOT NULL, UPDATE_RULE varchar(64) NOT NULL, DELETE_RULE varchar(64) NOT NULL, TABLE_NAME ${NAME} NOT NULL, REFERENCED_TABLE_NAME ${NAME} NOT NULL`,
  VIEWS: `TABLE_CATALOG ${NAME} NOT NULL, TABLE_SCHEMA ${NAME} NOT NULL, TABLE_NAME ${NAME} NOT NULL, VIEW_DEFINITION longtext`,
  COLLATIONS:
    "COLLATION_NAME varchar(64) NOT NULL, CHARACTER_SET_NAME varchar(64) NOT NULL, ID bigint unsigned NOT NULL, IS_DEFAULT varchar(3) NOT NULL, IS_COMPILED varchar(3) NOT NULL, SORTLEN int unsigned NOT NULL, PAD_ATTRIBUTE varchar(9) NOT NULL",
};

/** Makes the database with its empty tables. */
export function createInformationSchema(catalog: Catalog, store: RowStore): void {
  const database: Database = {
    name: INFORMATION_SCHEMA,
    collation: "utf8mb3_general_ci",
    tables: new Map(),
    views: new Map(),
  };
  catalog.databases.set(INFORMATION_SCHEMA, database);
  for (const [name, columns] of Object.entries(definitions)) {
    const ddl = parseDdl(new Cursor(`CREATE TABLE ${name} (${columns})`));
    if (ddl.kind !== "createTable") continue;
    const table = buildTable(ddl, {
      catalog,
      database: INFORMATION_SCHEMA,
      databaseCollation: database.collation,
      mode: () => false,
      checkForeignKeys: false,
    });
    store.create(table);
    database.tables.set(name, table);
  }
}

/** Fills one table from the catalog. */
export function fillInformationSchema(name: string, catalog: Catalog, store: RowStore): void {
  const table = catalog.find(INFORMATION_SCHEMA, name);
  if (!table) return;
  store.engine.exec(`DELETE FROM ${table.sqlName}`);
  const context = { row: 1, mode: () => false, timeZone: "+00:00", complain: () => undefined };
  for (const row of rowsOf(table.name, catalog, store)) {
    store.insert(
      table,
      table.columns.map((column) => storeValue(column, row[column.name] ?? null, context)),
    );
  }
}

function* rowsOf(name: string, catalog: Catalog, store: RowStore): Iterable<Row> {
  if (name === "COLLATIONS") {
    for (const { name: collation, charset, id, padSpace } of collations) {
      const isDefault = defaultCollation(charset) === collation;
      yield {
        COLLATION_NAME: collation,
        CHARACTER_SET_NAME: charset,
        ID: BigInt(id),
        IS_DEFAULT: isDefault ? "Yes" : "",
        IS_COMPILED: "Yes",
        SORTLEN: 0n,
        PAD_ATTRIBUTE: padSpace ? "PAD SPACE" : "NO PAD",
      };
    }
    return;
  }
  for (const database of catalog.databases.values()) {
    if (name === "SCHEMATA") {
      yield {
        CATALOG_NAME: "def",
        SCHEMA_NAME: database.name,
        DEFAULT_CHARACTER_SET_NAME: charsetOf(database.collation),
        DEFAULT_COLLATION_NAME: database.collation,
        SQL_PATH: null,
        DEFAULT_ENCRYPTION: "NO",
      };
      continue;
    }
    for (const view of name === "TABLES" || name === "VIEWS" ? database.views.values() : []) {
      yield {
        TABLE_CATALOG: "def",
        TABLE_SCHEMA: database.name,
        TABLE_NAME: view.name,
        TABLE_TYPE: "VIEW",
        TABLE_COMMENT: "VIEW",
        VIEW_DEFINITION: view.queryText,
      };
    }
    for (const table of database.tables.values()) yield* tableRows(name, table, store);
  }
}

function* tableRows(name: string, table: Table, store: RowStore): Iterable<Row> {
  switch (name) {
    case "TABLES":
      yield tableRow(table, store);
      return;
    case "COLUMNS":
      for (const [i, column] of table.columns.entries()) yield columnRow(table, column, i + 1);
      return;
    case "STATISTICS":
      yield* indexRows(table, BigInt(store.rowCount(table)));
      return;
    case "KEY_COLUMN_USAGE":
      yield* keyColumnRows(table);
      return;
    case "TABLE_CONSTRAINTS":
      yield* constraintRows(table);
      return;
    case "REFERENTIAL_CONSTRAINTS":
      for (const foreignKey of table.foreignKeys) {
        yield {
          CONSTRAINT_CATALOG: "def",
          CONSTRAINT_SCHEMA: table.database,
          CONSTRAINT_NAME: foreignKey.name,
          UNIQUE_CONSTRAINT_CATALOG: "def",
          UNIQUE_CONSTRAINT_SCHEMA: foreignKey.parentDatabase,
          UNIQUE_CONSTRAINT_NAME: "PRIMARY",
          MATCH_OPTION: "NONE",
          UPDATE_RULE: foreignKey.onUpdate ?? "NO ACTION",
          DELETE_RULE: foreignKey.onDelete ?? "NO ACTION",
          TABLE_NAME: table.name,
          REFERENCED_TABLE_NAME: foreignKey.parentTable,
        };
      }
  }
}

function tableRow(table: Table, store: RowStore): Row {
  const isSystem = table.database === INFORMATION_SCHEMA;
  const common = { TABLE_CATALOG: "def", TABLE_SCHEMA: table.database, TABLE_NAME: table.name, VERSION: 10n };
  if (isSystem)
    return {
      ...common,
      TABLE_TYPE: "SYSTEM VIEW",
      TABLE_ROWS: 0n,
      DATA_LENGTH: 0n,
      CREATE_OPTIONS: "",
      TABLE_COMMENT: "",
    };
  const rows = store.rowCount(table);
  const bytes = dataLength(table);
  return {
    ...common,
    TABLE_TYPE: "BASE TABLE",
    ENGINE: "InnoDB",
    ROW_FORMAT: "Dynamic",
    TABLE_ROWS: BigInt(rows),
    AVG_ROW_LENGTH: rows === 0 ? 0n : BigInt(Math.floor(bytes / rows)),
    DATA_LENGTH: BigInt(bytes),
    MAX_DATA_LENGTH: 0n,
    INDEX_LENGTH: 0n,
    DATA_FREE: 0n,
    AUTO_INCREMENT: table.columns.some((column) => column.autoIncrement) ? table.nextAuto : null,
    CREATE_TIME: table.createdAt.toISOString().slice(0, 19).replace("T", " "),
    TABLE_COLLATION: table.collation,
    CREATE_OPTIONS: "",
    TABLE_COMMENT: table.options.comment ?? "",
  };
}

const PAGE = 16384;

/** InnoDB counts whole pages, and has at least one. */
export function dataLength(table: Table): number {
  return Math.max(1, Math.ceil(table.dataBytes / PAGE)) * PAGE;
}

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

function* keyColumnRows(table: Table): Iterable<Row> {
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

function* constraintRows(table: Table): Iterable<Row> {
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
