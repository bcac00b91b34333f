import { paramProblem, type VindexParams } from "./vindex-params.js";

/** A vindex as a function from column values to keyspace ids: its name doesn't matter. */
export interface VindexFunction {
  type: string;
  params: VindexParams;
}

/**
 * Whether two vindexes compute the same keyspace ids, as far as their definitions tell. Parameters are compared
 * as Vitess's constructors read them (go/vt/vtgate/vindexes, v11 to v22): those that a type doesn't know count
 * for nothing, an absent one is its default, numbers and JSON are compared by value. Files that parameters
 * name are taken to be equal when their paths are.
 */
export function sameVindexFunction(a: VindexFunction, b: VindexFunction): boolean {
  return vindexFunctionKey(a) === vindexFunctionKey(b);
}

/** Equal for vindexes that compute the same keyspace ids; a text without a meaning of its own. */
export function vindexFunctionKey({ type, params }: VindexFunction): string {
  return JSON.stringify([type, meaning(type, params)]);
}

/** Whether the type alone, without parameters, is this very vindex: `in_keyrange(id, 'hash', '-80')`. */
export function isBareType(vindex: VindexFunction): boolean {
  if (paramProblem(vindex.type, vindex.type, {}) !== undefined) return false;
  return sameVindexFunction(vindex, { type: vindex.type, params: {} });
}

function meaning(type: string, params: VindexParams): unknown {
  if (withoutParams.has(type)) return [];
  // What no Vitess can construct is equal only to the same text.
  if (paramProblem(type, type, params) !== undefined) return Object.entries(params).sort();
  return meanings[type]?.(params) ?? Object.entries(params).sort();
}

const withoutParams: ReadonlySet<string> = new Set([
  "binary",
  "binary_md5",
  "hash",
  "null",
  "numeric",
  "reverse_bits",
  "unicode_loose_md5",
  "unicode_loose_xxhash",
  "xxhash",
]);

const meanings: Record<string, (params: VindexParams) => unknown> = {
  cfc: ({ hash = "", offsets = "" }) => (hash === "" ? [] : [hash, (offsets.match(/\d+/g) ?? []).map(Number)]),
  multicol: multicolMeaning,
  numeric_static_map: ({ json, json_path: path, fallback_type: fallback }) => [
    json === undefined ? ["file", path] : ["map", numericMap(json)],
    fallback === undefined ? [] : [fallback, meaning(fallback, {})],
  ],
  region_experimental: ({ region_bytes: bytes }) => [Number(bytes)],
  region_json: ({ region_map: path, region_bytes: bytes }) => [path ?? "", Number(bytes)],
};

/** How many bytes of which function each column gives (multicol.go). */
function multicolMeaning(params: VindexParams): unknown {
  const { column_count: count, column_bytes: bytes = "", column_vindex: vindexes = "", ...rest } = params;
  const columns = Number(count);
  const functions = multicolFunctions(params).map((type) => [type, meaning(type, rest)]);
  const given = bytes.split(",").slice(0, columns);
  let left = 8 - given.reduce((sum, text) => sum + Number(text), 0);
  let waiting = columns - given.filter((text) => text !== "").length;
  return functions.map((column, index) => {
    const text = given[index] ?? "";
    if (text !== "") return [column, Number(text)];
    const share = Math.ceil(left / waiting--);
    left -= share;
    return [column, share];
  });
}

/** The vindex type of each column of a multicol vindex; hash where none is named. */
export function multicolFunctions(params: VindexParams): string[] {
  const named = (params.column_vindex ?? "").split(",").map((name) => name.trim());
  return Array.from({ length: Number(params.column_count) }, (_, index) => named[index] || "hash");
}

/** Values are 64 bits wide, so no numbers of ours. Anything but a flat map of numbers stays as it is written. */
function numericMap(json: string): unknown {
  const entry = /"(\d+)"\s*:\s*(\d+)/g;
  if (json.replace(entry, "").replace(/[\s,]/g, "") !== "{}") return json;
  const entries = [...json.matchAll(entry)].map(
    ([, key = "0", value = "0"]) => [String(BigInt(key)), String(BigInt(value))] as const,
  );
  return [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
}
