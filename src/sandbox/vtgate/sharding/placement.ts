import { keyRangeContains, keyRangesIntersect, parseKeyRange } from "../../../wire/key-range.js";
import { type Destination, type MapFunction, VindexError } from "../../../wire/keyspace-id/destination.js";
import { mapFunction } from "../../../wire/keyspace-id/keyspace-id.js";
import type { MessageOutput } from "../../../wire/proto.js";
import { SqlError, unsupported } from "../errors.js";
import type { Literal } from "./literal.js";

type Keyspace = MessageOutput<"vschema.Keyspace">;

/** A table whose rows are spread by its first column vindex, its primary one. */
export interface ShardedTable {
  kind: "sharded";
  table: string;
  vindex: string;
  columns: string[];
  map: MapFunction;
  /** A column that a sequence fills when an INSERT doesn't. */
  sequenceColumn: string | undefined;
  /** The lookup vindex that an INSERT, UPDATE or DELETE would have to maintain, if there is one. */
  ownedLookup: string | undefined;
}

/** Where a table's rows are; of a reference table every shard has all. */
export type Placement = { kind: "single" } | { kind: "reference" } | ShardedTable;

/** Throws SqlError for a table of a sharded keyspace that can't be placed. */
export function placementOf(keyspace: Keyspace, table: string): Placement {
  if (!keyspace.sharded) return { kind: "single" };
  const entry = keyspace.tables[table];
  if (entry?.type === "reference") return { kind: "reference" };
  if (entry !== undefined && entry.pinned !== "") throw unsupported(`a pinned table: ${table}`);
  const [primary] = entry?.column_vindexes ?? [];
  if (entry === undefined || primary === undefined) {
    throw withoutPrimaryVindex(table);
  }
  const definition = keyspace.vindexes[primary.name];
  const map = definition && mapFunction(definition.type, definition.params, primary.name);
  if (map === undefined) throw unsupported(`a primary vindex of type ${definition?.type ?? primary.name}`);
  return {
    kind: "sharded",
    table,
    vindex: primary.name,
    columns: primary.columns.length > 0 ? primary.columns : [primary.column],
    map,
    sequenceColumn: entry.auto_increment?.column,
    ownedLookup: entry.column_vindexes.find(({ name }) => keyspace.vindexes[name]?.owner === table)?.name,
  };
}

export function withoutPrimaryVindex(table: string): SqlError {
  return new SqlError(1173, "42000", `VT09001: table '${table}' does not have a primary vindex`);
}

/** Where a vindex sends values of its columns, or of its first ones. Throws SqlError for values that it refuses. */
export function destinationOf({ map }: ShardedTable, values: readonly Literal[]): Destination {
  try {
    return map(
      values.map(({ value }) => value),
      values.map(({ type }) => type),
    );
  } catch (error) {
    if (error instanceof VindexError) throw new SqlError(1105, "HY000", error.message, { cause: error });
    throw error;
  }
}

/** Names of the shards that a destination is in. Throws SqlError when a keyspace id is in none. */
export function shardsOf(destination: Destination, shards: readonly string[]): string[] {
  if (destination.kind === "none") return [];
  if (destination.kind === "range") {
    return shards.filter((name) => keyRangesIntersect(parseKeyRange(name), destination));
  }
  const shard = shards.find((name) => keyRangeContains(parseKeyRange(name), destination.id));
  if (shard !== undefined) return [shard];
  // go/vt/key/destination.go, GetShardForKeyspaceID.
  const id = destination.id.toString("hex");
  throw new SqlError(1105, "HY000", `KeyspaceId ${id} didn't match any shards [${shards.join(" ")}]`);
}
