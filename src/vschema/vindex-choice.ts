import type { MessageOutput } from "../wire/proto.js";
import { multicolFunctions } from "./vindex-identity.js";
import { paramProblem, type VindexParams } from "./vindex-params.js";
import { vindexTypes } from "./vindex-types.js";

export type KeyspaceVSchema = MessageOutput<"vschema.Keyspace">;

/** The vindex by which a table's rows are told apart, with the table's columns that it takes. */
export interface ColumnVindexChoice {
  name: string;
  type: string;
  params: VindexParams;
  columns: string[];
}

/** Why a table has no such vindex. */
export type NoVindexReason = "no entry" | "pinned" | "sequence" | "no vindex" | "no usable vindex";

export type BestVindex =
  | { found: ColumnVindexChoice; reason?: undefined; problem?: undefined }
  | { found?: undefined; reason: NoVindexReason; problem: string };

/**
 * The vindex that VReplication computes keyspace ids with: of those that need no lookup and are unique the
 * cheapest, the first among equals (go/vt/vtgate/vindexes/vschema.go, FindBestColVindex, v11 to v22). `problem`
 * is Vitess's own sentence where it has one. Reference tables have none by nature: ask before.
 */
export function bestColumnVindex(vschema: KeyspaceVSchema, table: string): BestVindex {
  const entry = ownEntry(vschema.tables, table);
  if (entry === undefined) return { reason: "no entry", problem: `table ${table} not found in vschema` };
  if (entry.type === "sequence") {
    return { reason: "sequence", problem: `table ${table} is a sequence, which belongs in an unsharded keyspace` };
  }
  if (entry.column_vindexes.length === 0) {
    if (entry.pinned !== "") return { reason: "pinned", problem: `table ${table} is pinned and has no vindex` };
    return { reason: "no vindex", problem: `table ${table} has no vindex` };
  }
  let best: ColumnVindexChoice | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  const refused: string[] = [];
  for (const { name, column, columns } of entry.column_vindexes) {
    const definition = ownEntry(vschema.vindexes, name);
    if (definition === undefined) {
      refused.push(`vindex ${name} not found for table ${table}`);
      continue;
    }
    const { type, params } = definition;
    const candidate = { name, type, params, columns: columns.length > 0 ? columns : [column] };
    const problem = unusable(candidate);
    if (problem !== undefined) {
      if (problem !== "") refused.push(problem);
      continue;
    }
    const cost = vindexCost(type, params);
    if (cost >= lowest) continue;
    best = candidate;
    lowest = cost;
  }
  if (best !== undefined) return { found: best };
  const problem = refused[0] ?? `could not find a vindex to compute keyspace id for table ${table}`;
  return { reason: "no usable vindex", problem };
}

export function isReferenceTable(vschema: KeyspaceVSchema, table: string): boolean {
  return ownEntry(vschema.tables, table)?.type === "reference";
}

/** A map's own entry: a table may be called "constructor". */
export function ownEntry<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Undefined for a vindex that can be used; "" for lookups and non-unique ones, which Vitess skips silently. */
function unusable({ name, type, params, columns }: ColumnVindexChoice): string | undefined {
  const known = vindexTypes.get(type);
  if (known === undefined) return `vindexType "${type}" not found`;
  if (known.lookup || !known.unique) return "";
  const problem = paramProblem(type, name, params);
  if (problem !== undefined) return problem;
  // With fewer columns these map to a range of keyspace ids, with more to none: the stream would end in an error.
  const wanted = type === "multicol" ? Number(params.column_count) : known.multiColumn ? 2 : undefined;
  if (wanted === undefined || wanted === columns.length) return undefined;
  return `vindex ${name} of type ${type} takes ${wanted} columns, and has ${columns.join(", ")}`;
}

/** Cost() of the types in go/vt/vtgate/vindexes, equal from v11 to v22; 1 for those that only hash. */
function vindexCost(type: string, params: VindexParams): number {
  if (type === "binary" || type === "numeric") return 0;
  if (type === "null") return 100;
  if (type === "multicol") return multicolFunctions(params).reduce((sum, part) => sum + vindexCost(part, {}), 0);
  return 1;
}
