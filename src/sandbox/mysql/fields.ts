import type { Field__Output } from "../../wire/generated/query/Field.js";
import { type Column, columnFieldType, type Table } from "./catalog.js";
import type { OutputColumn } from "./translate/query.js";
import { formatColumnType } from "./types/column-type.js";
import { BINARY_CHARSET, CONNECTION_CHARSET, type SqlType } from "./types/sql-type.js";

/** A result column as MySQL describes it on a connection of utf8mb4. `column_type` stays empty: vttablet adds it where it does. */
export function outputField({ name, typed }: OutputColumn): Field__Output {
  const { origin } = typed;
  return {
    ...described(typed.type),
    name,
    table: origin?.table ?? "",
    org_table: origin?.orgTable ?? "",
    database: origin?.database ?? "",
    org_name: origin?.orgName ?? "",
    column_type: "",
  };
}

/** A table's column, with its declared type, as VStreamRows describes it. */
export function columnField(table: Table, column: Column): Field__Output {
  return {
    ...described(columnFieldType(table, column)),
    name: column.name,
    table: table.name,
    org_table: table.name,
    database: table.database,
    org_name: column.name,
    column_type: formatColumnType(column.type),
  };
}

function described(type: SqlType): Pick<Field__Output, "type" | "column_length" | "charset" | "decimals" | "flags"> {
  return {
    type: type.fieldType,
    column_length: type.length,
    charset: type.collation === undefined ? BINARY_CHARSET : CONNECTION_CHARSET,
    decimals: type.decimals,
    flags: type.flags,
  };
}
