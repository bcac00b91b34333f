/** numeric_static_map (go/vt/vtgate/vindexes/numeric_static_map.go, v17 on: older versions know `json_path` alone). */
import { type HashFunction, VindexError } from "./destination.js";
import { hashFunctions, unsigned } from "./hashing.js";
import { bigEndian, parseUint64 } from "./integers.js";

/** What vindexes that hash nothing Vitess ignores as a fallback; these would hash, in a way that isn't computed here. */
const uncomputableFallbacks = new Set(["unicode_loose_md5", "unicode_loose_xxhash"]);

/**
 * The ids of numbers in the map are the numbers there; the others have the fallback's, or their own. Undefined when
 * it isn't computable here: the map is in a file of the tablet's machine, or the fallback folds Unicode.
 * Throws VindexError for parameters that Vitess refuses.
 */
export function numericStaticMap(params: Record<string, string>): HashFunction | undefined {
  const { json, json_path, fallback_type } = params;
  if (json === undefined && json_path === undefined) {
    throw new VindexError("NumericStaticMap: Could not find either `json_path` or `json` params in vschema");
  }
  if (json !== undefined && json_path !== undefined) {
    throw new VindexError("NumericStaticMap: Found both `json` and `json_path` params in vschema");
  }
  if (json === undefined || (fallback_type !== undefined && uncomputableFallbacks.has(fallback_type))) return undefined;
  const map = parseMap(json);
  const fallback = fallback_type === undefined ? undefined : hashFunctions.get(fallback_type);
  return (value, type) => {
    const number = unsigned(value);
    if (number === undefined) return null;
    const mapped = map.get(number);
    if (mapped === undefined && fallback !== undefined) return fallback(value, type);
    return bigEndian(mapped ?? number);
  };
}

/** A JSON object of numbers. They are read from the text: JSON.parse would round those above 2^53. */
function parseMap(json: string): Map<bigint, bigint> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json.replace(/(:\s*)(\d+)(?=\s*[,}])/g, '$1"$2"'));
  } catch (error) {
    throw new VindexError(`invalid JSON in parameter json: ${(error as Error).message}`);
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new VindexError("json: cannot unmarshal into Go value of type map[string]uint64");
  }
  return new Map(
    Object.entries(parsed).map(([key, value]) => {
      const from = /^\d+$/.test(key) ? parseUint64(key) : undefined;
      if (from === undefined)
        throw new VindexError(`strconv.ParseUint: parsing ${JSON.stringify(key)}: invalid syntax`);
      const to = typeof value === "string" ? parseUint64(value) : undefined;
      if (to === undefined) throw new VindexError("json: cannot unmarshal into Go value of type uint64");
      return [from, to];
    }),
  );
}
