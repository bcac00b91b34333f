import type { Delete, Dml, Query, TableName, Update } from "../../mysql/parse/ast.js";
import { parseStatement } from "../../mysql/parse/statement.js";
import { tablesOf } from "../../mysql/parse/tables.js";
import type { Answer } from "../answer.js";
import { unsupported } from "../errors.js";
import { addUp, concatenate } from "./merge.js";
import { type Placement, type ShardedTable, withoutPrimaryVindex } from "./placement.js";
import { dispatchSelect } from "./select.js";
import { namesOf, shardsOfWhere } from "./shards-of-where.js";
import { splitInsert } from "./split-insert.js";

/** What each shard runs, and what the client gets of their answers. */
export interface Dispatch {
  /** By shard; never empty. */
  statements: ReadonlyMap<string, string>;
  merge: (answers: Answer[]) => Answer;
}

/** What a sharded keyspace is to a query. */
export interface ShardedKeyspace {
  /** In key range order; at least one. */
  shards: readonly string[];
  /** Throws SqlError for a table that the VSchema can't place. */
  placement: (table: string) => Placement;
}

/**
 * Spreads a statement over a sharded keyspace's shards, as far as a small vtgate does: INSERT by its rows, SELECT,
 * UPDATE and DELETE by what WHERE says of the vindex columns, DDL to every shard.
 * `sql` names no keyspace any more. Throws SqlError.
 */
export function dispatch(sql: string, keyspace: ShardedKeyspace): Dispatch {
  const statement = parseStatement(sql);
  if (statement.kind === "query") return dispatchQuery(sql, statement.query, keyspace);
  const shards = statement.kind === "dml" ? writtenShards(sql, statement.dml, keyspace) : keyspace.shards;
  const statements = shards instanceof Map ? shards : new Map(shards.map((shard) => [shard, sql]));
  return { statements, merge: addUp };
}

function dispatchQuery(sql: string, query: Query, keyspace: ShardedKeyspace): Dispatch {
  const sharded = shardedTables(query, keyspace);
  const anyShard = new Map(keyspace.shards.slice(0, 1).map((shard) => [shard, sql]));
  const [table, ...others] = sharded;
  if (table === undefined) return { statements: anyShard, merge: concatenate };
  if (others.length > 0) throw unsupported("a query over several tables that are sharded");
  return dispatchSelect(sql, query, table, keyspace.shards);
}

function writtenShards(sql: string, dml: Dml, keyspace: ShardedKeyspace): readonly string[] | Map<string, string> {
  refuseReferenceTable(dml, keyspace);
  const [table, ...others] = shardedTables(dml, keyspace);
  if (table === undefined) return keyspace.shards;
  if (table.ownedLookup !== undefined) throw unsupported(`writes that maintain the lookup vindex ${table.ownedLookup}`);
  if (dml.kind === "insert") {
    if (dml.table.name !== table.table || others.length > 0)
      throw unsupported("INSERT ... SELECT from a sharded table");
    if (dml.replace) throw unsupported("REPLACE INTO with sharded keyspace");
    return splitInsert(sql, dml, table, keyspace.shards);
  }
  const target = dml.kind === "update" ? dml.table : dml.from;
  if (target.kind !== "table" || target.name.name !== table.table || others.length > 0) {
    throw unsupported(`${dml.kind.toUpperCase()} over several tables in a sharded keyspace`);
  }
  if (dml.kind === "update") refuseMovingRows(dml.set, table);
  const shards = shardsOfWhere(dml.where, table, namesOf(target), keyspace.shards);
  if (shards.length > 1 && dml.limit !== undefined) {
    throw unsupported(`multi shard ${dml.kind.toUpperCase()} with LIMIT`);
  }
  return shards.length > 0 ? shards : keyspace.shards.slice(0, 1);
}

/** A reference table that has no source is written in no keyspace of several shards (v18.0.8's vtgate). */
function refuseReferenceTable(dml: Dml, { placement }: ShardedKeyspace): void {
  const written = dml.kind === "insert" ? dml.table : writtenTable(dml);
  if (written === undefined || written.database !== undefined) return;
  if (placement(written.name).kind === "reference") throw withoutPrimaryVindex(written.name);
}

/** Undefined for an UPDATE or DELETE over several tables. */
function writtenTable(dml: Update | Delete): TableName | undefined {
  const target = dml.kind === "update" ? dml.table : dml.from;
  return target.kind === "table" ? target.name : undefined;
}

function refuseMovingRows(set: { column: { name: string } }[], { columns, vindex }: ShardedTable): void {
  const vindexColumns = columns.map((column) => column.toLowerCase());
  if (!set.some(({ column }) => vindexColumns.includes(column.name.toLowerCase()))) return;
  throw unsupported(`you cannot UPDATE primary vindex columns; invalid update on vindex: ${vindex}`);
}

/** Those that aren't reference tables; a table comes as often as it is named. */
function shardedTables(tree: object, { placement }: ShardedKeyspace): ShardedTable[] {
  return tablesOf(tree)
    .filter(({ database }) => database === undefined)
    .map(({ name }) => placement(name))
    .filter((found) => found.kind === "sharded");
}
