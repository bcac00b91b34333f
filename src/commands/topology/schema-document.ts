import type { SchemaDefinition } from "../../tablet/port.js";
import { enumNumber } from "../../wire/proto.js";

type Table = SchemaDefinition["table_definitions"][number];

export interface SchemaDocument {
  database_schema: string;
  table_definitions: object[];
}

interface Parts {
  /** Name, type, rows and bytes of each table. */
  tableSizesOnly: boolean;
  /** Everything but columns, primary key and fields. */
  tableSchemaOnly: boolean;
}

/**
 * A schema as `GetSchema` of v22 prints tabletmanagerdata.SchemaDefinition (go/vt/vtctl/vtctl.go, MarshalJSON): proto
 * names in the order of the message, everything that is empty too, enums as numbers and 64-bit integers as strings.
 * Tablets before v16 send columns and fields whether they are wanted or not: they are left out here.
 */
export function schemaDocument(schema: SchemaDefinition, { tableSizesOnly, tableSchemaOnly }: Parts): SchemaDocument {
  return {
    database_schema: schema.database_schema,
    table_definitions: schema.table_definitions.map((table) => {
      const text = tableSizesOnly ? { ...table, schema: "" } : table;
      return tableDocument(tableSizesOnly || tableSchemaOnly ? withoutColumns(text) : text);
    }),
  };
}

function withoutColumns(table: Table): Table {
  return { ...table, columns: [], primary_key_columns: [], fields: [] };
}

function tableDocument(table: Table): object {
  return {
    name: table.name,
    schema: table.schema,
    columns: table.columns,
    primary_key_columns: table.primary_key_columns,
    type: table.type,
    data_length: table.data_length,
    row_count: table.row_count,
    fields: table.fields.map(fieldDocument),
  };
}

function fieldDocument(field: Table["fields"][number]): object {
  return {
    name: field.name,
    type: enumNumber("query.Type", field.type),
    table: field.table,
    org_table: field.org_table,
    database: field.database,
    org_name: field.org_name,
    column_length: field.column_length,
    charset: field.charset,
    decimals: field.decimals,
    flags: field.flags,
    column_type: field.column_type,
  };
}
