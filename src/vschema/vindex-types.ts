/**
 * The vindex types that Vitess registers (go/vt/vtgate/vindexes, v22.0.3), and what of them a VSchema's
 * validity depends on.
 */
export interface VindexType {
  /** Maps a row to at most one keyspace id: only such a vindex can be a table's first. */
  unique: boolean;
  /** Kept in a table of its own, which `owner` writes. */
  lookup: boolean;
  multiColumn: boolean;
  /** Parameters it knows; undefined where Vitess doesn't check them. */
  params: readonly string[] | undefined;
}

const lookupInternal = ["table", "from", "to", "ignore_nulls", "batch_lookup", "read_lock"];
const lookupCommon = [...lookupInternal, "autocommit", "multi_shard_autocommit"];

function functional(...params: string[]): VindexType {
  return { unique: true, lookup: false, multiColumn: false, params };
}

function lookup(unique: boolean, params: readonly string[]): VindexType {
  return { unique, lookup: true, multiColumn: false, params };
}

export const vindexTypes: ReadonlyMap<string, VindexType> = new Map<string, VindexType>([
  ["binary", functional()],
  ["binary_md5", functional()],
  ["cfc", functional("hash", "offsets")],
  ["consistent_lookup", lookup(false, [...lookupInternal, "write_only"])],
  ["consistent_lookup_unique", lookup(true, [...lookupInternal, "write_only"])],
  ["hash", functional()],
  ["lookup", lookup(false, [...lookupCommon, "no_verify", "write_only"])],
  ["lookup_unique", lookup(true, [...lookupCommon, "no_verify", "write_only"])],
  ["lookup_hash", lookup(false, [...lookupCommon, "write_only"])],
  ["lookup_hash_unique", lookup(true, [...lookupCommon, "write_only"])],
  ["lookup_unicodeloosemd5_hash", lookup(false, [...lookupCommon, "write_only"])],
  ["lookup_unicodeloosemd5_hash_unique", lookup(true, [...lookupCommon, "write_only"])],
  ["multicol", { unique: true, lookup: false, multiColumn: true, params: undefined }],
  ["null", functional()],
  ["numeric", functional()],
  ["numeric_static_map", functional("json", "json_path", "fallback_type")],
  ["region_experimental", { unique: true, lookup: false, multiColumn: true, params: ["region_bytes"] }],
  ["region_json", { unique: true, lookup: false, multiColumn: true, params: ["region_bytes", "region_map"] }],
  ["reverse_bits", functional()],
  ["unicode_loose_md5", functional()],
  ["unicode_loose_xxhash", functional()],
  ["xxhash", functional()],
]);
