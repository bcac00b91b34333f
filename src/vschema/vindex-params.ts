import { vindexTypes } from "./vindex-types.js";

export type VindexParams = Readonly<Record<string, string>>;

/**
 * What is wrong with a vindex's parameters, in Vitess's words (the constructors in go/vt/vtgate/vindexes,
 * v22.0.3), or undefined. Files that parameters name lie on vtgate's machine and aren't looked at.
 */
export function paramProblem(type: string, name: string, params: VindexParams): string | undefined {
  if (vindexTypes.get(type)?.lookup) return lookupProblem(type, params);
  return checks[type]?.(name, params);
}

/** Parameters that a vindex of this type doesn't know, sorted; Vitess only warns of them. */
export function unknownParams(type: string, params: VindexParams): string[] {
  const known = vindexTypes.get(type)?.params;
  if (known === undefined) return [];
  return Object.keys(params)
    .filter((param) => !known.includes(param))
    .sort();
}

const checks: Record<string, (name: string, params: VindexParams) => string | undefined> = {
  region_experimental(_, params) {
    if (params.region_bytes === undefined) return "region_experimental missing region_bytes param";
    return regionBytes(params);
  },
  region_json: (_, params) => regionBytes(params),
  numeric_static_map(_, params) {
    if (params.json_path !== undefined && params.json !== undefined) {
      return "NumericStaticMap: Found both `json` and `json_path` params in vschema";
    }
    if (params.json_path !== undefined || params.json !== undefined) return undefined;
    return "NumericStaticMap: Could not find either `json_path` or `json` params in vschema";
  },
  cfc(name, params) {
    const { hash = "", offsets = "" } = params;
    if (hash === "") return undefined;
    if (hash !== "md5" && hash !== "xxhash64") return `invalid hash ${hash} to CFC vindex ${name}`;
    if (offsets === "") return "CFC vindex requires offsets when hash is defined";
    if (isSortedPositive(offsets)) return undefined;
    return `invalid offsets ${offsets} to CFC vindex ${name}. expected sorted positive ints in brackets`;
  },
  multicol: (_, params) => multicolProblem(params),
};

function lookupProblem(type: string, params: VindexParams): string | undefined {
  const flags = ["autocommit", "multi_shard_autocommit", "write_only", "no_verify", "ignore_nulls", "batch_lookup"];
  const known = vindexTypes.get(type)?.params ?? [];
  for (const flag of flags.filter((candidate) => known.includes(candidate))) {
    const value = params[flag];
    if (value === undefined || value === "true" || value === "false") continue;
    return `${flag} value must be 'true' or 'false': '${value}'`;
  }
  const readLock = params.read_lock;
  if (readLock === undefined || ["exclusive", "shared", "none"].includes(readLock)) return undefined;
  return `invalid read_lock value: ${readLock}`;
}

function regionBytes(params: VindexParams): string | undefined {
  const value = params.region_bytes ?? "";
  return value === "1" || value === "2" ? undefined : `region_bytes must be 1 or 2: ${value}`;
}

function isSortedPositive(text: string): boolean {
  if (!/^\s*\[\s*\d+(\s*,\s*\d+)*\s*\]\s*$/.test(text)) return false;
  const offsets = (text.match(/\d+/g) ?? []).map(Number);
  return offsets.every((offset, index) => offset > (offsets[index - 1] ?? 0));
}

function multicolProblem(params: VindexParams): string | undefined {
  const { column_count: text, column_bytes: bytes, column_vindex: vindexes } = params;
  if (text === undefined) return "number of columns not provided in the parameter 'column_count'";
  const count = Number(text);
  if (!/^[+-]?\d+$/.test(text)) return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  if (count < 1 || count > 8) return "number of columns should be between 1 and 8 in the parameter 'column_count'";
  const used = bytes === undefined ? [] : bytes.split(",");
  if (used.length > count) {
    return "number of column bytes provided are more than column count in the parameter 'column_bytes'";
  }
  const given = used.filter((part) => part !== "");
  const bad = given.find((part) => !/^[+-]?\d+$/.test(part));
  if (bad !== undefined) return `strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`;
  const left = 8 - given.reduce((sum, part) => sum + Number(part), 0);
  if (count - given.length > left) {
    return "column bytes count exceeds the keyspace id length (total bytes count cannot exceed 8 bytes) in the parameter 'column_bytes'";
  }
  const functions = vindexes === undefined ? [] : vindexes.split(",").map((part) => part.trim());
  if (functions.length > count) {
    return "number of vindex function provided are more than column count in the parameter 'column_vindex'";
  }
  for (const name of functions.filter((part) => part !== "")) {
    const type = vindexTypes.get(name);
    if (type === undefined) return `vindexType "${name}" not found`;
    if (!type.unique || type.lookup || type.multiColumn || name === "cfc") {
      return `multicol vindex supports vindexes that exports hashing function, are unique and are non-lookup vindex, passed vindex '${name}' is invalid`;
    }
  }
  return undefined;
}
