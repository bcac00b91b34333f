/**
 * Vindexes as vttablets make them of a VSchema's entries (go/vt/vtgate/vindexes; the newest facts are of v22.0.3).
 */
import { status } from "@grpc/grpc-js";
import { destinationText, type MapFunction, VindexError } from "../../../wire/keyspace-id/destination.js";
import { keyspaceIdFunction, mapFunction } from "../../../wire/keyspace-id/keyspace-id.js";
import type { MessageOutput } from "../../../wire/proto.js";
import type { Value } from "../../../wire/result.js";
import { TabletError } from "../errors.js";
import type { VersionProfile } from "../profiles.js";

export type SrvVSchema = MessageOutput<"vschema.SrvVSchema">;

export interface Vindex {
  name: string;
  unique: boolean;
  /** A lookup: it can't be computed from the row alone. */
  needsCursor: boolean;
  cost: number;
  multiColumn: boolean;
  map: MapFunction;
}

const costs: Record<string, number> = { binary: 0, numeric: 0, null: 100 };

const functional = new Set([
  ...["binary", "binary_md5", "cfc", "hash", "multicol", "null", "numeric", "numeric_static_map"],
  ...["region_experimental", "region_json", "reverse_bits", "unicode_loose_md5", "unicode_loose_xxhash", "xxhash"],
]);
const lookups = ["lookup", "lookup_hash", "lookup_unicodeloosemd5_hash", "consistent_lookup"];
const multiColumn = new Set(["multicol", "region_experimental", "region_json"]);

/** Throws Error or TabletError in the words of the profile's version. */
export function createVindex(
  profile: VersionProfile,
  type: string,
  name: string,
  params: Record<string, string>,
): Vindex {
  const unique = !lookups.includes(type);
  if (!unique || lookups.some((lookup) => type === `${lookup}_unique`)) return lookup(profile, type, name, params);
  if (!functional.has(type) || (type === "multicol" && !profile.vindexes.multicol)) {
    throw new Error(`vindexType "${type}" not found`);
  }
  const map = functionOf(profile, type, name, params);
  return { name, unique, needsCursor: false, cost: cost(type, params), multiColumn: multiColumn.has(type), map };
}

/** A multicol costs what its columns' vindexes do together (multicol.go, getColumnVindex). */
function cost(type: string, params: Record<string, string>): number {
  if (type !== "multicol") return costs[type] ?? 1;
  const given = params.column_vindex?.split(",") ?? [];
  const types = Array.from({ length: Number(params.column_count) }, (_, i) => given[i]?.trim() || "hash");
  return types.reduce((sum, columnType) => sum + (costs[columnType] ?? 1), 0);
}

function functionOf(profile: VersionProfile, type: string, name: string, params: Record<string, string>): MapFunction {
  if (type === "region_json") throw noSuchFile(params.region_map ?? "");
  if (type === "numeric_static_map") {
    const { json_path } = params;
    if (!profile.vindexes.inlineMaps && json_path === undefined) {
      throw new Error("NumericStaticMap: Could not find `json_path` param in vschema");
    }
    if (json_path !== undefined && (!profile.vindexes.inlineMaps || params.json === undefined)) {
      throw noSuchFile(json_path);
    }
  }
  const map = inWords(profile, type, () => mapFunction(type, params, name));
  if (map === undefined) {
    return () => {
      throw new Error(`vindex type ${type} is not supported by this tablet`);
    };
  }
  if (type === "region_experimental" && !profile.vindexes.multicol) {
    return (values, types) => (values.length === 2 ? map(values, types) : { kind: "none" });
  }
  return (values, types) => inWords(profile, type, () => map(values, types));
}

/** The tablet's machine has none of the files that VSchemas name. */
function noSuchFile(path: string): Error {
  return new Error(`open ${path}: no such file or directory`);
}

function inWords<T>({ streams }: VersionProfile, type: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof VindexError)) throw error;
    const coded = type === "multicol" || type === "cfc" || streams.detailedPkFields;
    throw coded ? new TabletError(status.INVALID_ARGUMENT, error.message) : new Error(error.message);
  }
}

/** Streams have no cursor to look anything up with; only vindexes under construction answer, with every shard. */
function lookup({ streams }: VersionProfile, type: string, name: string, params: Record<string, string>): Vindex {
  const map: MapFunction = () => {
    if (params.write_only === "true") return { kind: "range", start: Buffer.alloc(0), end: Buffer.alloc(0) };
    if (type === "consistent_lookup_unique") {
      // It asks the missing cursor; tabletserver.go's HandlePanic words what that ends in.
      throw new Error(
        "uncaught panic: runtime error: invalid memory address or nil pointer dereference\n. Stack-trace:\n",
      );
    }
    const text = "cannot perform lookup: no vcursor provided";
    throw streams.moreErrorCodes ? new TabletError(status.INTERNAL, `VT13001: [BUG] ${text}`) : new Error(text);
  };
  return { name, unique: type.endsWith("_unique"), needsCursor: true, cost: 10, multiColumn: false, map };
}

/**
 * A row's keyspace id by its vindex columns' values and their query.Types. Throws what Vitess's planbuilder.go
 * (getKeyspaceID) does: a row that maps to none, or to a range alone, fails its stream.
 */
export function keyspaceIdOfRow(vindex: Vindex, values: readonly Value[], types: readonly string[]): Buffer {
  const destination = vindex.map(vindex.multiColumn ? values : values.slice(0, 1), types);
  if (destination.kind === "id" && destination.id.length > 0) return destination.id;
  const printed = values.map((value, i) => valueText(value, types[i] ?? "")).join(" ");
  throw new Error(`could not map [${printed}] to a keyspace id, got destination ${destinationText(destination)}`);
}

/** `INT64(5)`, `VARCHAR("x")` (go/sqltypes/value.go, String). */
function valueText(value: Value, type: string): string {
  if (value === null) return "NULL";
  const text = value.toString("utf8");
  return /^(?:U?INT\d+|YEAR|FLOAT\d+|DECIMAL)$/.test(type) ? `${type}(${text})` : `${type}(${JSON.stringify(text)})`;
}

/** The keyspace id of a row's vindex columns; null when the values map to none. */
export type KeyspaceIdOf = (values: Value[]) => Buffer | null;

/** A table's primary vindex, its first one, with its columns: where vtgates send its rows. */
export function tableVindex(
  vschema: SrvVSchema,
  keyspace: string,
  table: string,
): { columns: string[]; keyspaceId: KeyspaceIdOf } {
  const own = vschema.keyspaces[keyspace];
  const primary = own?.tables[table]?.column_vindexes[0];
  if (own === undefined || primary === undefined) throw new Error(`table ${table} not found in vschema`);
  const { type, params } = own.vindexes[primary.name] ?? { type: "", params: {} };
  const keyspaceId = keyspaceIdFunction(type, params);
  if (keyspaceId === undefined) throw new Error(`vindex type ${type} of ${primary.name} can't be computed here`);
  return { columns: columnsOf(primary), keyspaceId };
}

export function columnsOf({ column, columns }: { column: string; columns: string[] }): string[] {
  return columns.length > 0 ? columns : [column];
}
