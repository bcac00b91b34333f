/** What GetSchema says about a database (go/vt/mysqlctl/schema.go). */
import type { MessageInput } from "../../wire/proto.js";
import type { TableSchema } from "../mysql/port.js";
import type { TabletState } from "./state.js";

export interface SchemaRequest {
  /** Names, or /regexps/; none means all. */
  tables: string[];
  exclude_tables: string[];
  /** Leaves columns and fields out. */
  table_schema_only: boolean;
}

const databaseSchema =
  "CREATE DATABASE /*!32312 IF NOT EXISTS*/ {{.DatabaseName}} /*!40100 DEFAULT CHARACTER SET utf8mb4 " +
  "COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */";

export function schemaDefinition(
  state: TabletState,
  request: SchemaRequest,
): MessageInput<"tabletmanagerdata.SchemaDefinition"> {
  const wanted = tableFilter(request.tables);
  const unwanted = tableFilter(request.exclude_tables);
  const tables = state.mysql
    .tables(state.dbName)
    .filter(({ name }) => (request.tables.length === 0 || wanted(name)) && !unwanted(name));
  return {
    database_schema: databaseSchema,
    table_definitions: tables.map((table) => tableDefinition(table, request.table_schema_only)),
  };
}

function tableDefinition(table: TableSchema, schemaOnly: boolean): MessageInput<"tabletmanagerdata.TableDefinition"> {
  return {
    name: table.name,
    schema: withoutNextId(table.createTable),
    ...(schemaOnly ? {} : { columns: table.columns.map((column) => column.name) }),
    primary_key_columns: table.primaryKey,
    type: "BASE TABLE",
    data_length: table.dataLength(),
    row_count: table.rowCount(),
    ...(schemaOnly ? {} : { fields: table.columns.map(({ field }) => ({ ...field, column_type: "" })) }),
  };
}

/** Only the table option goes; the attribute of the column stays. */
function withoutNextId(createTable: string): string {
  return createTable.replace(/(\n\)[^\n]*?) AUTO_INCREMENT=\d+/, "$1");
}

/** Names match without regard to case (go/vt/mysqlctl/tmutils/schema.go, TableFilter). */
function tableFilter(patterns: string[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => {
    if (!pattern.startsWith("/")) return (name: string) => name.toLowerCase() === pattern.toLowerCase();
    const regexp = compile(pattern);
    return (name: string) => regexp.test(name);
  });
  return (name) => tests.some((test) => test(name));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern.replace(/^\/+|\/+$/g, ""));
  } catch (cause) {
    throw new Error(`cannot compile regexp ${pattern} for table: ${(cause as Error).message}`, { cause });
  }
}
