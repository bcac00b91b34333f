import { FailedError } from "../errors.js";
import { goJson, protoIndented } from "../io/json.js";
import type { Keyspace } from "../wire/generated/vschema/Keyspace.js";
import type { Table } from "../wire/generated/vschema/Table.js";
import { decode, encode } from "../wire/proto.js";
import { type Field, jsonName, messages, type VSchemaMessage } from "./fields.js";

/**
 * A stored VSchema (vschema.Keyspace) with its defaults filled in; fields of newer versions are left out. FailedError for
 * bytes that are no VSchema.
 */
export function decodeVSchema(bytes: Uint8Array): Keyspace {
  return readStored(() => decode("vschema.Keyspace", bytes));
}

/** FailedError for what `read` says of stored bytes. */
export function readStored<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FailedError(`the stored VSchema can't be read: ${reason}`, { cause });
  }
}

/** The bytes to store: defaults aren't written, map entries stand in the order of their keys. */
export function encodeVSchema(vschema: Keyspace): Buffer {
  return encode("vschema.Keyspace", strip(vschema, "Keyspace", (name) => name, Object.fromEntries) as Keyspace);
}

/** A table's entry as bytes (vschema.Table), written like `encodeVSchema`'s. */
export function encodeTable(table: Table): Buffer {
  return encode("vschema.Table", strip(table, "Table", (name) => name, Object.fromEntries) as Table);
}

/**
 * The document as GetVSchema and ApplyVSchema print it (protojson with two spaces; go/json2/marshal.go):
 * camelCase, fields in number order, map keys sorted, defaults left out, enums as names; no newline at the end.
 */
export function formatVSchema(vschema: Keyspace): string {
  return goJson(vschemaToJson(vschema), protoIndented);
}

/** What `formatVSchema` prints, as a value: maps are Maps, so that keys such as "10" keep their order. */
export function vschemaToJson(vschema: Keyspace): object {
  return strip(vschema, "Keyspace", jsonName, (entries) => new Map(entries)) as object;
}

/** A table's entry like `vschemaToJson`'s. */
export function tableToJson(table: Table): object {
  return strip(table, "Table", jsonName, (entries) => new Map(entries)) as object;
}

type MakeMap = (entries: [string, unknown][]) => unknown;

function strip(value: unknown, name: VSchemaMessage, rename: (name: string) => string, makeMap: MakeMap): unknown {
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const field of messages[name]) {
    const kept = stripField(source[field.name], field, rename, makeMap);
    if (kept !== undefined) result[rename(field.name)] = kept;
  }
  return result;
}

/** Undefined for what isn't stored: absent, or its type's zero. */
function stripField(value: unknown, field: Field, rename: (name: string) => string, makeMap: MakeMap): unknown {
  if (value === undefined || value === null) return undefined;
  const { type } = field;
  const one = (item: unknown) => (type.kind === "message" ? strip(item, type.message, rename, makeMap) : item);
  if (field.shape === "list") {
    const items = value as unknown[];
    return items.length === 0 ? undefined : items.map(one);
  }
  if (field.shape === "map") {
    const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return entries.length === 0 ? undefined : makeMap(entries.map(([key, item]) => [key, one(item)]));
  }
  if (type.kind === "message" || field.explicitPresence) return one(value);
  const zero = type.kind === "enum" ? type.names[0] : { string: "", bool: false, int32: 0 }[type.kind];
  return value === zero || (type.kind === "enum" && value === 0) ? undefined : value;
}
