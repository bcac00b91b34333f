import type { ColumnDefinition } from "../parse/ddl-ast.js";
import type { OutputColumn } from "../translate/query.js";
import type { ColumnType } from "../types/column-type.js";
import { Flags, type SqlType } from "../types/sql-type.js";

/** What CREATE TABLE ... SELECT makes of a query's columns. */
export function columnsOfQuery(columns: readonly OutputColumn[]): ColumnDefinition[] {
  return columns.map(({ name, typed }) => ({
    name,
    type: declared(typed.type),
    ...(typed.type.collation && { collation: typed.type.collation }),
    nullable: (typed.type.flags & Flags.NOT_NULL) === 0,
    onUpdateNow: false,
    autoIncrement: false,
    invisible: false,
    comment: "",
    checks: [],
  }));
}

function declared(type: SqlType): ColumnType {
  if (type.column) return { ...type.column };
  const base = { unsigned: false, zerofill: false };
  switch (type.representation) {
    case "int":
      return { ...base, base: type.length <= 10 ? "int" : "bigint" };
    case "uint":
      return { ...base, base: "bigint", unsigned: true };
    case "decimal":
      return {
        ...base,
        base: "decimal",
        length: Math.min(type.length - 1 - (type.scale > 0 ? 1 : 0), 65),
        scale: type.scale,
      };
    case "double":
      return { ...base, base: "double" };
    case "text": {
      const characters = Math.ceil(type.length / 4);
      return characters > 16383 ? { ...base, base: "longtext" } : { ...base, base: "varchar", length: characters };
    }
    case "date":
    case "json":
      return { ...base, base: type.representation };
    case "datetime":
    case "time":
      return { ...base, base: type.representation, scale: type.scale };
    default:
      return type.length > 65535 ? { ...base, base: "longblob" } : { ...base, base: "varbinary", length: type.length };
  }
}
