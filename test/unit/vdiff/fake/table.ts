import type { Field__Output as Field } from "../../../../src/wire/generated/query/Field.js";
import type { Type__Output as Type } from "../../../../src/wire/generated/query/Type.js";
import type { TableDefinition__Output as TableDefinition } from "../../../../src/wire/generated/tabletmanagerdata/TableDefinition.js";

/** A table of the fake cluster: values are text, as MySQL's protocol prints them. */
export interface FakeTable {
  name: string;
  columns: { name: string; type: string; fieldType: Type }[];
  key: string[];
}

export type FakeRow = (string | null)[];

export function definition(table: FakeTable, rowCount: number): TableDefinition {
  const columns = table.columns.map((column) => `  \`${column.name}\` ${column.type}`);
  const key = table.key.length === 0 ? [] : [`  PRIMARY KEY (${table.key.map((name) => `\`${name}\``).join(",")})`];
  return {
    name: table.name,
    schema: `CREATE TABLE \`${table.name}\` (\n${[...columns, ...key].join(",\n")}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`,
    columns: table.columns.map((column) => column.name),
    primary_key_columns: table.key,
    type: "BASE TABLE",
    data_length: "16384",
    row_count: String(rowCount),
    fields: table.columns.map((column) => field(column.name, column.fieldType)),
  };
}

export function field(name: string, type: Type): Field {
  return {
    name,
    type,
    table: "",
    org_table: "",
    database: "",
    org_name: name,
    column_length: 0,
    charset: 63,
    decimals: 0,
    flags: 0,
    column_type: "",
  };
}

export const customer: FakeTable = {
  name: "customer",
  columns: [
    { name: "customer_id", type: "bigint NOT NULL", fieldType: "INT64" },
    { name: "email", type: "varbinary(128) DEFAULT NULL", fieldType: "VARBINARY" },
  ],
  key: ["customer_id"],
};

export const corder: FakeTable = {
  name: "corder",
  columns: [
    { name: "order_id", type: "bigint NOT NULL", fieldType: "INT64" },
    { name: "customer_id", type: "bigint DEFAULT NULL", fieldType: "INT64" },
    { name: "sku", type: "varbinary(128) DEFAULT NULL", fieldType: "VARBINARY" },
    { name: "price", type: "bigint DEFAULT NULL", fieldType: "INT64" },
  ],
  key: ["order_id"],
};

export const product: FakeTable = {
  name: "product",
  columns: [
    { name: "sku", type: "varbinary(128) NOT NULL", fieldType: "VARBINARY" },
    { name: "description", type: "varbinary(128) DEFAULT NULL", fieldType: "VARBINARY" },
    { name: "price", type: "bigint DEFAULT NULL", fieldType: "INT64" },
  ],
  key: ["sku"],
};

export const notes: FakeTable = {
  name: "notes",
  columns: [
    { name: "name", type: "varchar(64) NOT NULL", fieldType: "VARCHAR" },
    { name: "body", type: "text", fieldType: "TEXT" },
    { name: "ts", type: "timestamp NULL DEFAULT CURRENT_TIMESTAMP", fieldType: "TIMESTAMP" },
    { name: "j", type: "json DEFAULT NULL", fieldType: "JSON" },
  ],
  key: ["name"],
};

export const log: FakeTable = {
  name: "log",
  columns: [
    { name: "at", type: "datetime DEFAULT NULL", fieldType: "DATETIME" },
    { name: "amount", type: "float DEFAULT NULL", fieldType: "FLOAT32" },
  ],
  key: [],
};
