/** information_schema's tables: ordinary tables of the catalog, filled anew before a statement reads them. */
import type { Catalog, Database, Table } from "./catalog.js";
import { charsetOf, collations, defaultCollation } from "./collations.js";
import { buildTable } from "./ddl/build-table.js";
import { columnRow, constraintRows, indexRows, keyColumnRows, type Row } from "./information-schema-rows.js";
import { Cursor } from "./parse/cursor.js";
import { parseDdl } from "./parse/ddl.js";
import type { RowStore } from "./row-store.js";
import { storeValue } from "./types/store.js";

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

/** Parsed once for all servers. */
const parsed = Object.entries(definitions).flatMap(([name, columns]) => {
  const ddl = parseDdl(new Cursor(`CREATE TABLE ${name} (${columns})`));
  return ddl.kind === "createTable" ? [{ name, ddl }] : [];
});

/** Makes the database; its tables get storage when they are first read. */
export function createInformationSchema(catalog: Catalog): void {
  const database: Database = {
    name: INFORMATION_SCHEMA,
    collation: "utf8mb3_general_ci",
    tables: new Map(),
    views: new Map(),
  };
  catalog.databases.set(INFORMATION_SCHEMA, database);
  for (const { name, ddl } of parsed) {
    const table = buildTable(ddl, {
      catalog,
      database: INFORMATION_SCHEMA,
      databaseCollation: database.collation,
      mode: () => false,
      checkForeignKeys: false,
    });
    database.tables.set(name, table);
  }
}

/** Fills one table from the catalog. */
export function fillInformationSchema(name: string, catalog: Catalog, store: RowStore): void {
  const table = catalog.find(INFORMATION_SCHEMA, name);
  if (!table) return;
  // The transaction that made it may have been rolled back since.
  store.create(table, true);
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
      if (table.keys.length > 0) yield* indexRows(table, BigInt(store.rowCount(table)));
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
