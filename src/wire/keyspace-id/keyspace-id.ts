/** Keyspace ids: what a vindex makes of a row's columns (go/vt/vtgate/vindexes, v11.0.4 to v22.0.3). */
import { cfc } from "./cfc.js";
import { type ColumnValue, destinationOf, type HashFunction, type MapFunction, VindexError } from "./destination.js";
import { hashFunctions } from "./hashing.js";
import { multicol, multicolParams, regionExperimental } from "./multi-column.js";
import { numericStaticMap } from "./static-map.js";

/** Types that hash one column: as a column_vindex of multicol no other is accepted. */
const hashing = new Set([...hashFunctions.keys(), "numeric_static_map", "unicode_loose_md5", "unicode_loose_xxhash"]);

const NULL_ID = Buffer.from([0]);

/**
 * A vindex of this type with these parameters; undefined for a type that isn't computed here: lookups of every kind,
 * `unicode_loose_*`, `region_json` and maps in files (which only the tablet's machine has), and types that Vitess
 * doesn't know. `name` is the vindex's own, for errors. Throws VindexError for parameters that Vitess refuses.
 */
export function mapFunction(type: string, params: Record<string, string>, name = type): MapFunction | undefined {
  switch (type) {
    case "null":
      return () => destinationOf(NULL_ID);
    case "cfc":
      return cfc(params, name);
    case "region_experimental":
      return regionExperimental(params);
    case "multicol":
      return multicolOf(params);
    default: {
      const hash = hashFunction(type, params);
      return hash && ((values, types) => destinationOf(hash(values[0] ?? null, types?.[0])));
    }
  }
}

/**
 * The keyspace id of a row by its vindex columns' values, as text, in the vindex's order; `types` are the columns'
 * query.Types ("INT64", "VARCHAR"), by which `hash` tells -1 in a number column from "-1" in a text column. Null for
 * values that map to none (in a stream they fail the row), or only to a range.
 */
export type KeyspaceIdFunction = (
  values: readonly ColumnValue[],
  types?: readonly (string | undefined)[],
) => Buffer | null;

/** Undefined when ids of this type can't be computed here (see mapFunction), or its parameters make no vindex. */
export function keyspaceIdFunction(type: string, params: Record<string, string> = {}): KeyspaceIdFunction | undefined {
  const map = orElse(undefined, () => mapFunction(type, params));
  if (map === undefined) return undefined;
  return (values, types) => {
    const destination = orElse({ kind: "none" } as const, () => map(values, types));
    return destination.kind === "id" ? destination.id : null;
  };
}

function hashFunction(type: string, params: Record<string, string>): HashFunction | undefined {
  return type === "numeric_static_map" ? numericStaticMap(params) : hashFunctions.get(type);
}

function multicolOf(params: Record<string, string>): MapFunction | undefined {
  const parsed = multicolParams(params);
  const hashes = parsed.types.map((type) => {
    if (hashing.has(type)) return hashFunction(type, params);
    throw new VindexError(
      `multicol vindex supports vindexes that exports hashing function, are unique and are non-lookup vindex, passed vindex '${type}' is invalid`,
    );
  });
  const known = hashes.filter((hash) => hash !== undefined);
  return known.length === hashes.length ? multicol(parsed, known) : undefined;
}

function orElse<T, E>(otherwise: E, attempt: () => T): T | E {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof VindexError) return otherwise;
    throw error;
  }
}
