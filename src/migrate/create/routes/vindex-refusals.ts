import { PreflightError } from "../../../errors.js";
import {
  bestColumnVindex,
  type ColumnVindexChoice,
  isReferenceTable,
  type KeyspaceVSchema,
  type NoVindexReason,
  ownEntry,
} from "../../../vschema/vindex-choice.js";
import { sameVindexFunction, type VindexFunction } from "../../../vschema/vindex-identity.js";
import { vindexTypes } from "../../../vschema/vindex-types.js";
import type { MovedTable, PairingInput } from "./table-routes.js";

export interface UnresolvedVindex {
  vindex: ColumnVindexChoice;
  tables: string[];
  /** Source cells that have it, when others don't. */
  cellsWith: string[];
}

/** A part of a VSchema's JSON, as ApplyVSchema takes it. */
interface Proposal {
  vindexes: Record<string, object>;
  tables: Record<string, object>;
}

/** Tables whose rows the target's VSchema sends nowhere, with entries that would do. */
export function refuseTargetVSchema(
  { source, target }: PairingInput,
  lacking: { table: MovedTable; why: { reason: NoVindexReason; problem: string } }[],
): PreflightError {
  const proposal: Proposal = { vindexes: {}, tables: {} };
  const hopeless: string[] = [];
  for (const { table, why } of lacking) {
    if (why.reason === "sequence" || why.reason === "pinned") hopeless.push(table.name);
    else propose(proposal, table, source.vschema, target.vschema);
  }
  const problems = lacking.map(({ why }) => why.problem).join("; ");
  const parts = [];
  if (Object.keys(proposal.tables).length > 0) {
    parts.push(
      `Add what fits your queries to the VSchema of ${target.keyspace} (GetVSchema ${target.keyspace}, then ApplyVSchema), or leave tables out with -exclude. For example:\n${lines(proposal)}`,
    );
  }
  if (hopeless.length > 0) {
    parts.push(`Leave out with -exclude, or into an unsharded keyspace: ${hopeless.join(", ")}.`);
  }
  return new PreflightError(
    `target keyspace ${target.keyspace} is sharded, and its VSchema doesn't say which shard gets which rows: ${problems}`,
    { hint: parts.reverse().join(" ") },
  );
}

/** Columns that the target's vindexes want and the source's tables haven't. */
export function refuseColumns(
  { target }: PairingInput,
  missing: { table: MovedTable; absent: string[] }[],
): PreflightError {
  const names = missing.flatMap(({ table, absent }) => absent.map((column) => `${table.name}.${column}`));
  const there = missing.map(({ table }) => `${table.name} has ${table.columns.join(", ")}`).join("; ");
  return new PreflightError(`the source has no columns ${names.join(", ")}, by which the target is sharded`, {
    hint: `Correct columnVindexes in the VSchema of ${target.keyspace}. In the source, ${there}.`,
  });
}

/** Vindexes that the source cluster can't resolve, with what to add there. */
export function refuseReferences({ source, target }: PairingInput, unresolved: UnresolvedVindex[]): PreflightError {
  const proposal: Proposal = { vindexes: {}, tables: {} };
  for (const { vindex } of unresolved) {
    const taken = (name: string) => ownEntry(source.vschema.vindexes, name) ?? ownEntry(proposal.vindexes, name);
    proposal.vindexes[freeName(vindex.name.replaceAll(".", "_"), taken)] = definition(vindex);
  }
  const which = unresolved.map(({ vindex, tables }) => `${describe(vindex)} for ${tables.join(", ")}`).join("; ");
  const stale = unresolved
    .filter(({ cellsWith }) => cellsWith.length > 0)
    .map(({ vindex, cellsWith }) => {
      return ` Only cells ${cellsWith.join(", ")} have the one for ${vindex.name} in their SrvVSchema: RebuildVSchemaGraph in the source cluster may be enough.`;
    });
  const v11 = unresolved.some(({ vindex }) => vindex.type === "multicol") ? " Vitess v11 has no multicol." : "";
  return new PreflightError(
    `the source cluster, which picks out the rows for each shard of ${target.keyspace}, has no vindex like ${which}`,
    {
      hint: `Add to the VSchema of ${source.keyspace} in the source cluster:\n${lines(proposal)}${stale.join("")}${v11}`,
    },
  );
}

function describe({ name, type, params }: ColumnVindexChoice): string {
  const listed = Object.entries(params).map(([key, value]) => `, ${key} ${value}`);
  return `${name} (type ${type}${listed.join("")})`;
}

function definition({ type, params }: VindexFunction): object {
  return Object.keys(params).length > 0 ? { type, params } : { type };
}

/** As the source has it, if it is sharded; else by the primary key and a vindex that the target has. */
function propose(proposal: Proposal, table: MovedTable, source: KeyspaceVSchema, target: KeyspaceVSchema): void {
  if (source.sharded && isReferenceTable(source, table.name)) {
    proposal.tables[table.name] = { type: "reference" };
    return;
  }
  const own = source.sharded ? bestColumnVindex(source, table.name).found : undefined;
  const columns = own?.columns ?? [table.primaryKey[0] ?? table.columns[0] ?? ""];
  const vindex = own ?? usualVindex(target);
  const taken = (name: string) => ownEntry(target.vindexes, name);
  const existing = Object.entries(target.vindexes).find(([, one]) => sameVindexFunction(one, vindex))?.[0];
  const name = existing ?? freeName(vindex.name, taken);
  if (existing === undefined) proposal.vindexes[name] = definition(vindex);
  const [column] = columns;
  const columnVindex = columns.length === 1 ? { column, name } : { columns, name };
  proposal.tables[table.name] = { columnVindexes: [columnVindex] };
}

/** Takes any column type, and every version from v11 on has it. */
const ANY_COLUMN = { name: "xxhash", type: "xxhash", params: {} };

function usualVindex(target: KeyspaceVSchema): VindexFunction & { name: string } {
  const uses = new Map<string, number>();
  for (const table of Object.keys(target.tables)) {
    const name = bestColumnVindex(target, table).found?.name;
    if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const names = Object.keys(target.vindexes).sort((a, b) => (uses.get(b) ?? 0) - (uses.get(a) ?? 0));
  for (const name of names) {
    const { type, params } = target.vindexes[name] ?? ANY_COLUMN;
    const known = vindexTypes.get(type);
    if (known?.unique && !known.lookup && !known.multiColumn && type !== "null") return { name, type, params };
  }
  return ANY_COLUMN;
}

function freeName(name: string, taken: (name: string) => object | undefined): string {
  if (taken(name) === undefined) return name;
  let number = 2;
  while (taken(`${name}_${number}`) !== undefined) number++;
  return `${name}_${number}`;
}

/** One line for each vindex and table. */
function lines({ vindexes, tables }: Proposal): string {
  const parts = Object.entries({ vindexes, tables })
    .map(([part, entries]) => ({ part, entries: Object.entries(entries) }))
    .filter(({ entries }) => entries.length > 0)
    .map(({ part, entries }) => {
      const rows = entries.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
      return `  "${part}": {\n${rows.join(",\n")}\n  }`;
    });
  return `{\n${parts.join(",\n")}\n}`;
}
