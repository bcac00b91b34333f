import { Type } from "../wire/generated/query/Type.js";
import { _vschema_Keyspace_ForeignKeyMode as ForeignKeyMode } from "../wire/generated/vschema/Keyspace.js";

/**
 * The messages of a VSchema as protojson sees them: fields in number order (proto/vschema.proto, Vitess
 * v22.0.3), with snake_case names.
 */
export type VSchemaMessage =
  | "Keyspace"
  | "Vindex"
  | "Table"
  | "ColumnVindex"
  | "AutoIncrement"
  | "Column"
  | "MultiTenantSpec";

type FieldType =
  | { kind: "string" | "bool" | "int32" }
  /** `names`: every name the enum has, zero's first. */
  | { kind: "enum"; names: readonly string[] }
  | { kind: "message"; message: VSchemaMessage };

export interface Field {
  name: string;
  number: number;
  type: FieldType;
  /** Maps have text keys. */
  shape: "one" | "list" | "map";
  /** Printed even when it holds its type's zero. */
  explicitPresence?: boolean;
}

const string: FieldType = { kind: "string" };
const bool: FieldType = { kind: "bool" };
const int32: FieldType = { kind: "int32" };
const columnType: FieldType = { kind: "enum", names: Object.values(Type) };
const foreignKeyMode: FieldType = { kind: "enum", names: Object.values(ForeignKeyMode) };

function message(name: VSchemaMessage): FieldType {
  return { kind: "message", message: name };
}

function field(number: number, name: string, type: FieldType, shape: Field["shape"] = "one"): Field {
  return { number, name, type, shape };
}

export const messages: Record<VSchemaMessage, readonly Field[]> = {
  Keyspace: [
    field(1, "sharded", bool),
    field(2, "vindexes", message("Vindex"), "map"),
    field(3, "tables", message("Table"), "map"),
    field(4, "require_explicit_routing", bool),
    field(5, "foreign_key_mode", foreignKeyMode),
    field(6, "multi_tenant_spec", message("MultiTenantSpec")),
  ],
  Vindex: [field(1, "type", string), field(2, "params", string, "map"), field(3, "owner", string)],
  Table: [
    field(1, "type", string),
    field(2, "column_vindexes", message("ColumnVindex"), "list"),
    field(3, "auto_increment", message("AutoIncrement")),
    field(4, "columns", message("Column"), "list"),
    field(5, "pinned", string),
    field(6, "column_list_authoritative", bool),
    field(7, "source", string),
  ],
  ColumnVindex: [field(1, "column", string), field(2, "name", string), field(3, "columns", string, "list")],
  AutoIncrement: [field(1, "column", string), field(2, "sequence", string)],
  Column: [
    field(1, "name", string),
    field(2, "type", columnType),
    field(3, "invisible", bool),
    field(4, "default", string),
    field(5, "collation_name", string),
    field(6, "size", int32),
    field(7, "scale", int32),
    { ...field(8, "nullable", bool), explicitPresence: true },
    field(9, "values", string, "list"),
  ],
  MultiTenantSpec: [field(1, "tenant_id_column_name", string), field(2, "tenant_id_column_type", columnType)],
};

/** "column_vindexes" as protojson prints it: "columnVindexes". */
export function jsonName(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
