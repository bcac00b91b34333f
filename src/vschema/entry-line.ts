import { compact, goJson } from "../io/json.js";
import type { Table } from "../wire/generated/vschema/Table.js";
import { decode } from "../wire/proto.js";
import { tableToJson } from "./document.js";

/** A table's entry as it stands among a VSchema's "tables": `"customer":{"columnVindexes":[...]}`; without bytes a bare one. */
export function entryLine(table: string, definition: Uint8Array = Buffer.alloc(0)): string {
  const entry: Table = decode("vschema.Table", definition);
  return `${JSON.stringify(table)}: ${goJson(tableToJson(entry), compact)}`;
}
