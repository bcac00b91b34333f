import type { ColumnVindex__Output } from "../wire/generated/vschema/ColumnVindex.js";
import type { Keyspace__Output } from "../wire/generated/vschema/Keyspace.js";
import type { Table__Output } from "../wire/generated/vschema/Table.js";
import { ownEntry } from "./vindex-choice.js";

/** Both sides of a migration, as far as VSchemas tell. */
export interface AdviceInput {
  tables: readonly string[];
  source: Keyspace__Output;
  /** As it will be, with the entries that -tables gives. */
  target: Keyspace__Output;
  /** MySQL's AUTO_INCREMENT column by table, undefined for a table without one; a table that isn't here isn't known. */
  autoIncrementColumns?: ReadonlyMap<string, string | undefined>;
  /** Whether the target cluster's vtgates would find a sequence by the name that an entry gives, "seq" or "ks.seq". */
  findsSequence?(name: string): boolean;
  /** Such a name of the source with its keyspace there, where that is known. */
  sourceSequence?(name: string): string;
}

/** Something that the source's entry of a table says and the target's doesn't. */
export interface Lack {
  table: string;
  kind: "columnVindexes" | "autoIncrement" | "sequence" | "pinned" | "reference" | "columns";
  /** What it says: "email by email_map", "customer_id from customer_seq", "80"; "" where the kind says it all. */
  detail: string;
  /** Means nothing in an unsharded keyspace, which the target is. */
  useless: boolean;
}

/** A column whose values come from somewhere else in the target than in the source, or from nowhere. */
export interface Numbering {
  table: string;
  column: string;
  /** The sequence of the source's entry; none where MySQL numbers the source's rows. */
  sequence: string | undefined;
  /** The target's vtgates would find a sequence of that name. */
  inTarget: boolean;
  /**
   * What becomes of an insert without a value: it fails, MySQL's AUTO_INCREMENT numbers it, or each shard's for itself;
   * "unknown" where the table's definition isn't at hand.
   */
  outcome: "fails" | "byMySql" | "byShard" | "unknown";
}

export interface VSchemaAdvice {
  sharded: boolean;
  lacks: Lack[];
  numbering: Numbering[];
  /** Sequences that the target's entries name, and its vtgates wouldn't find. */
  unresolved: { table: string; column: string; sequence: string }[];
  /** Migrated tables that are sequences, by either VSchema. */
  movedSequences: string[];
  /** The source's foreign key mode, where the target has another: "managed". */
  foreignKeyMode: string | undefined;
}

/**
 * What the source's VSchema says of the migrated tables and the target's doesn't, and what follows. Vitess carries none
 * of it over to another cluster (go/vt/wrangler/materializer.go, addTablesToVSchema, v22.0.3).
 */
export function adviseVSchema(input: AdviceInput): VSchemaAdvice {
  const { source, target, sourceSequence = (name) => name } = input;
  const tables = [...input.tables].sort();
  const entries = tables.map((table) => ({
    table,
    from: ownEntry(source.tables, table),
    to: ownEntry(target.tables, table),
  }));
  return {
    sharded: target.sharded,
    lacks: entries.flatMap(({ table, from, to }) => {
      return from === undefined ? [] : [...lacksOf(table, from, to, { sharded: target.sharded, sourceSequence })];
    }),
    numbering: entries.flatMap(({ table, from, to }) => numberingOf(table, from, to, input)),
    unresolved: entries.flatMap(({ table, to }) => unresolvedIn(table, to, input)),
    movedSequences: entries
      .filter(({ from, to }) => from?.type === "sequence" || to?.type === "sequence")
      .map(({ table }) => table),
    foreignKeyMode: missingForeignKeyMode(source, target),
  };
}

function* lacksOf(
  table: string,
  from: Table__Output,
  to: Table__Output | undefined,
  { sharded, sourceSequence }: { sharded: boolean; sourceSequence: (name: string) => string },
): Generator<Lack> {
  // By another vindex on the same columns the target routes its own way.
  const known = new Set(to?.column_vindexes.map(vindexColumns));
  const missing = from.column_vindexes.filter((one) => !known.has(vindexColumns(one)));
  if (missing.length > 0) {
    const detail = missing.map((one) => `${vindexColumns(one)} by ${one.name}`);
    yield { table, kind: "columnVindexes", detail: detail.join(" and "), useless: !sharded };
  }
  const numbered = from.auto_increment;
  if (numbered !== null && !to?.auto_increment) {
    const detail = `${numbered.column} from ${sourceSequence(numbered.sequence)}`;
    yield { table, kind: "autoIncrement", detail, useless: false };
  }
  if (from.type === "sequence" && to?.type !== "sequence")
    yield { table, kind: "sequence", detail: "", useless: false };
  if (from.pinned !== "" && from.pinned !== to?.pinned) {
    yield { table, kind: "pinned", detail: from.pinned, useless: !sharded };
  }
  if (from.type === "reference" && (to?.type !== "reference" || (from.source !== "" && to.source === ""))) {
    const detail = from.source === "" ? "" : `of ${from.source}`;
    yield { table, kind: "reference", detail, useless: !sharded && from.source === "" };
  }
  const columns = new Set(to?.columns.map(({ name }) => name.toLowerCase()));
  if (from.columns.some(({ name }) => !columns.has(name.toLowerCase()))) {
    yield { table, kind: "columns", detail: from.column_list_authoritative ? "authoritative" : "", useless: false };
  }
}

/** "customer_id", or "region+id"; column names don't know upper from lower case. */
function vindexColumns({ column, columns }: ColumnVindex__Output): string {
  return (columns.length > 0 ? columns : [column]).join("+").toLowerCase();
}

function numberingOf(
  table: string,
  from: Table__Output | undefined,
  to: Table__Output | undefined,
  { target, autoIncrementColumns, findsSequence, sourceSequence }: AdviceInput,
): Numbering[] {
  if (to?.auto_increment) return [];
  const mysql = autoIncrementColumns?.get(table);
  const known = autoIncrementColumns?.has(table) === true;
  const outcome = (column: string): Numbering["outcome"] => {
    if (target.sharded && routesBy(to, column)) return "fails";
    if (!known) return "unknown";
    if (mysql?.toLowerCase() !== column.toLowerCase()) return "fails";
    return oneCounter ? "byMySql" : "byShard";
  };
  // One MySQL numbers an unsharded keyspace's rows, there as in the source.
  const oneCounter = !target.sharded || (to !== undefined && to.pinned !== "");
  const numbered = from?.auto_increment;
  if (numbered) {
    const { column, sequence } = numbered;
    const inTarget = findsSequence?.(sequence) === true;
    return [{ table, column, sequence: sourceSequence?.(sequence) ?? sequence, inTarget, outcome: outcome(column) }];
  }
  if (mysql === undefined || oneCounter || ["sequence", "reference"].includes(to?.type ?? "")) return [];
  return [{ table, column: mysql, sequence: undefined, inTarget: false, outcome: outcome(mysql) }];
}

/** Then vtgate needs the value before any MySQL could make one: NULL has no keyspace id. */
function routesBy(table: Table__Output | undefined, column: string): boolean {
  const [primary] = table?.column_vindexes ?? [];
  return primary !== undefined && vindexColumns(primary).split("+").includes(column.toLowerCase());
}

function unresolvedIn(table: string, to: Table__Output | undefined, { findsSequence }: AdviceInput) {
  const numbered = to?.auto_increment;
  if (!numbered || findsSequence === undefined || findsSequence(numbered.sequence)) return [];
  return [{ table, column: numbered.column, sequence: numbered.sequence }];
}

function missingForeignKeyMode(source: Keyspace__Output, target: Keyspace__Output): string | undefined {
  const mode = source.foreign_key_mode;
  const matters = mode === "managed" || mode === "disallow";
  return matters && target.foreign_key_mode !== mode ? mode : undefined;
}
