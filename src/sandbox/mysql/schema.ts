import { keyColumns, primaryKey, type Table } from "./catalog.js";
import { showCreateTable } from "./ddl/show-create.js";
import { columnField } from "./fields.js";
import type { TableSchema } from "./port.js";
import { formatColumnType, hasCharset } from "./types/column-type.js";
import { columnSqlType } from "./types/sql-type.js";

/** The table as tablets ask for it. */
export function tableSchema(table: Table, size: Pick<TableSchema, "rowCount" | "dataLength">): TableSchema {
  const primary = primaryKey(table);
  return {
    database: table.database,
    name: table.name,
    createTable: showCreateTable(table),
    columns: table.columns.map((column) => ({
      name: column.name,
      columnType: formatColumnType(column.type),
      nullable: column.nullable,
      generated: column.generated !== undefined,
      collation: hasCharset(column.type) ? column.type.collation : undefined,
      field: columnField(table, column),
    })),
    primaryKey: primary ? keyColumns(primary).map((column) => column.name) : [],
    primaryKeyEquivalent: primary ? [] : primaryKeyEquivalent(table),
    ...size,
  };
}

/** The shortest unique key over whole columns that can't be NULL (mysqlctl/schema.go, GetPrimaryKeyEquivalentColumns, v22). */
function primaryKeyEquivalent(table: Table): string[] {
  const candidates = table.keys.filter(
    (key) =>
      key.kind === "unique" &&
      key.parts.every((part) => part.column && !part.column.nullable && part.length === undefined),
  );
  const width = (index: number): number =>
    keyColumns(candidates[index] as Table["keys"][number]).reduce(
      (sum, column) => sum + columnSqlType(column.type).length,
      0,
    );
  const best = candidates.map((key, i) => ({ key, width: width(i) })).sort((a, b) => a.width - b.width)[0];
  return best ? keyColumns(best.key).map((column) => column.name) : [];
}
