import { keyRangeContains, parseKeyRange } from "../../../wire/key-range.js";
import type { Value } from "../../../wire/result.js";
import { type KeyspaceIdOf, type SrvVSchema, tableVindex } from "../../tablet/vstream/vindex.js";
import { SqlError } from "../errors.js";

/** Where a table's rows are. */
export type Placement =
  /** The keyspace isn't sharded. */
  | { kind: "single" }
  /** Every shard has all rows (type "reference" in the VSchema). */
  | { kind: "reference" }
  /** By the table's first column vindex, its primary one. */
  | { kind: "sharded"; vindex: string; columns: string[]; keyspaceId: KeyspaceIdOf };

/** Throws SqlError for a table of a sharded keyspace that has neither a vindex nor is a reference table. */
export function placementOf(vschema: SrvVSchema, keyspace: string, table: string): Placement {
  const own = vschema.keyspaces[keyspace];
  if (own?.sharded !== true) return { kind: "single" };
  const entry = own.tables[table];
  if (entry?.type === "reference") return { kind: "reference" };
  const [primary] = entry?.column_vindexes ?? [];
  if (primary === undefined) {
    throw new SqlError(1173, "42000", `VT09001: table '${table}' does not have a primary vindex`);
  }
  return { kind: "sharded", vindex: primary.name, ...tableVindex(vschema, keyspace, table) };
}

/** The shard of a row by its vindex columns' values; undefined when they map to no keyspace id. */
export function shardOfRow(
  placement: Extract<Placement, { kind: "sharded" }>,
  values: Value[],
  shards: readonly string[],
): string | undefined {
  const keyspaceId = placement.keyspaceId(values);
  if (keyspaceId === null) return undefined;
  const shard = shards.find((name) => keyRangeContains(parseKeyRange(name), keyspaceId));
  if (shard !== undefined) return shard;
  // go/vt/key/destination.go, GetShardForKeyspaceID.
  throw new SqlError(
    1105,
    "HY000",
    `KeyspaceId ${keyspaceId.toString("hex")} didn't match any shards [${shards.join(" ")}]`,
  );
}
