import type { Expr, Query, Select, TableRef } from "../../mysql/parse/ast.js";
import { walk } from "../../mysql/parse/walk.js";
import { unsupported } from "../errors.js";
import { type Combination, combinationOf, combineAggregates } from "./aggregates.js";
import type { Dispatch } from "./dispatch.js";
import { concatenate, type MergeOrder, mergeRows } from "./merge.js";
import type { ShardedTable } from "./placement.js";
import { rewriteForMerge } from "./rewrite-select.js";
import { namesOf, shardsOfWhere } from "./shards-of-where.js";

/** A SELECT with one sharded table in it, and any number of reference tables. Throws SqlError. */
export function dispatchSelect(sql: string, query: Query, table: ShardedTable, shards: readonly string[]): Dispatch {
  if (query.kind !== "select" || query.with !== undefined) throw unsupported("UNION and WITH over sharded tables");
  const ref = query.from && keptTable(query.from, table.table);
  if (ref === undefined) throw unsupported(`a sharded table in a subquery or an outer join's optional side`);
  const chosen = shardsOfWhere(query.where, table, namesOf(ref), shards);
  const wanted = chosen.length > 0 ? chosen : shards.slice(0, 1);
  const spread = (text: string) => new Map(wanted.map((shard) => [shard, text]));
  if (wanted.length === 1) return { statements: spread(sql), merge: concatenate };

  const combinations = query.groupBy.length === 0 ? aggregatesOf(query, sql) : undefined;
  if (combinations !== undefined) {
    if (query.having !== undefined) throw unsupported("HAVING over several shards");
    return { statements: spread(sql), merge: (answers) => combineAggregates(answers, combinations) };
  }
  if (query.distinct) throw unsupported("DISTINCT over several shards");
  if (query.groupBy.length > 0 && !groupsByVindex(query, table)) throw unsupported("GROUP BY over several shards");
  const { text, order, limit } = rewriteForMerge(sql, query);
  const merge: MergeOrder = { order, ...(limit && { limit }) };
  return { statements: spread(text), merge: (answers) => mergeRows(answers, merge) };
}

/** The table's place in FROM when each of its rows comes up on its own shard only. */
function keptTable(ref: TableRef, name: string): Extract<TableRef, { kind: "table" }> | undefined {
  if (ref.kind === "table") return ref.name.name === name && ref.name.database === undefined ? ref : undefined;
  if (ref.kind === "derived") return undefined;
  const left = ref.type === "right" ? undefined : keptTable(ref.left, name);
  return left ?? (ref.type === "left" ? undefined : keptTable(ref.right, name));
}

/** A group is whole on one shard when all vindex columns are among what is grouped by. */
function groupsByVindex(query: Select, table: ShardedTable): boolean {
  const grouped = query.groupBy.flatMap((expr) => (expr.kind === "column" ? [expr.name.toLowerCase()] : []));
  return table.columns.every((column) => grouped.includes(column.toLowerCase()));
}

/** How each column of a SELECT of aggregates is put together; undefined when there is no aggregate in it. */
function aggregatesOf(query: Select, sql: string): Combination[] | undefined {
  const aggregates = query.items.map(({ expr }) => hasAggregate(expr));
  if (!aggregates.includes(true)) return undefined;
  return query.items.map(({ expr }) => {
    const combination = expr.kind === "star" ? undefined : combinationOf(expr);
    if (combination !== undefined) return combination;
    if (expr.kind === "call") {
      throw unsupported(`in scatter query: aggregation function '${sql.slice(expr.start, expr.end)}'`);
    }
    throw unsupported("in scatter query: complex aggregate expression");
  });
}

const aggregateNames = new Set(
  "avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min std stddev stddev_pop stddev_samp sum var_pop var_samp variance any_value".split(
    " ",
  ),
);

/** Subqueries keep theirs to themselves. */
function hasAggregate(expr: Select["items"][number]["expr"]): boolean {
  const inner = new Set<object>();
  let found = false;
  walk(expr, (node) => {
    if (node.kind === "subquery" || node.kind === "exists") walk(node.query, (part) => void inner.add(part));
    if (isAggregate(node as Expr) && !inner.has(node)) found = true;
  });
  return found;
}

function isAggregate(node: Expr): boolean {
  return node.kind === "call" && aggregateNames.has(node.name);
}
