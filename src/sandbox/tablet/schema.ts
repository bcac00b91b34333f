/** What GetSchema says about a database (go/vt/mysqlctl/schema.go). */
import type { MessageInput } from "../../wire/proto.js";
import { records } from "../../wire/result.js";
import { quoteIdentifier } from "../../wire/sql.js";
import type { TableSchema } from "../mysql/port.js";
import type { TabletState } from "./state.js";

export interface SchemaRequest {
  /** Names, or /regexps/; none means all. */
  tables: string[];
  include_views: boolean;
  exclude_tables: string[];
  /** Leaves columns, fields and primary keys out; unknown to old versions. */
  table_schema_only: boolean;
}

const databaseSchema =
  "CREATE DATABASE /*!32312 IF NOT EXISTS*/ {{.DatabaseName}} /*!40100 DEFAULT CHARACTER SET utf8mb4 " +
  "COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */";

export function schemaDefinition(
  state: TabletState,
  request: SchemaRequest,
): MessageInput<"tabletmanagerdata.SchemaDefinition"> {
  const known = state.mysql.tables(state.dbName);
  // Nobody looks at the filters then, not even whether they can be read (mysqlctl/schema.go, collectBasicTableData).
  if (known.length === 0) return { database_schema: databaseSchema, table_definitions: [] };
  const wanted = tableFilter(request.tables);
  const unwanted = tableFilter(request.exclude_tables);
  const included = (name: string) => (request.tables.length === 0 || wanted(name)) && !unwanted(name);
  const schemaOnly = request.table_schema_only && state.profile.schemaOnly;
  const tables = known.filter(({ name }) => included(name));
  const definitions = [
    ...tables.map((table) => tableDefinition(table, schemaOnly)),
    ...(request.include_views ? viewDefinitions(state, included, schemaOnly) : []),
  ];
  return {
    database_schema: databaseSchema,
    table_definitions: definitions.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1)),
  };
}

function viewDefinitions(
  state: TabletState,
  included: (name: string) => boolean,
  schemaOnly: boolean,
): TableDefinition[] {
  const session = state.mysql.session({ database: state.dbName });
  try {
    const names = records(
      session.execute(
        "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'VIEW'",
      ),
    ).map(({ name }) => name ?? "");
    return names.filter(included).map((name) => {
      const view = quoteIdentifier(name);
      const text = session.execute(`show create table ${view}`).rows[0]?.[1]?.toString("utf8") ?? "";
      const schema = text.replaceAll(quoteIdentifier(state.dbName), "{{.DatabaseName}}");
      const fields = schemaOnly ? [] : session.execute(`select * from ${view} where 1 = 0`).fields;
      return { name, schema, type: "VIEW", columns: fields.map((field) => field.name ?? ""), fields };
    });
  } finally {
    session.close();
  }
}

type TableDefinition = MessageInput<"tabletmanagerdata.TableDefinition">;

function tableDefinition(table: TableSchema, schemaOnly: boolean): TableDefinition {
  return {
    name: table.name,
    schema: withoutNextId(table.createTable),
    ...(schemaOnly
      ? {}
      : { columns: table.columns.map((column) => column.name), primary_key_columns: table.primaryKey }),
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

function compile(slashed: string): RegExp {
  const pattern = slashed.replace(/^\/+|\/+$/g, "");
  try {
    return new RegExp(pattern);
  } catch (cause) {
    const why = /Unterminated group/.test(String(cause)) ? "missing closing )" : (cause as Error).message;
    throw new Error(`cannot compile regexp ${pattern} for table: error parsing regexp: ${why}: \`${pattern}\``, {
      cause,
    });
  }
}
