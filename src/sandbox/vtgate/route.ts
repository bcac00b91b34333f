import type { Answer } from "./answer.js";
import { SqlError, unsupported } from "./errors.js";
import type { Plan } from "./plan.js";
import { dispatch } from "./sharding/dispatch.js";
import { concatenate } from "./sharding/merge.js";
import type { TabletTypeName, Topology } from "./topology.js";

/** One shard that a query goes to. */
export interface ShardTarget {
  keyspace: string;
  shard: string;
  tabletType: TabletTypeName;
}

/** A plan's statements, and what becomes of their answers. */
export interface Routed {
  /** At least one; each shard once. */
  parts: { target: ShardTarget; sql: string }[];
  merge: (answers: Answer[]) => Answer;
}

/**
 * The shards of a plan: the one that a client names itself (USE `customer:-80`), any for what needs none in
 * particular, else those that the vindexes say. Throws SqlError.
 */
export function route(plan: Plan, topology: Topology): Routed {
  const { keyspace, tabletType, shard } = plan.target;
  const shards = topology.shards(keyspace, tabletType);
  const only = (name: string): Routed => ({
    parts: [{ target: { keyspace, shard: name, tabletType }, sql: plan.sql }],
    merge: concatenate,
  });
  if (shard !== undefined) {
    if (!shards.includes(shard)) throw new SqlError(1105, "HY000", `shard ${keyspace}/${shard} not found`);
    return only(shard);
  }
  const [first] = shards;
  if (first === undefined) throw new SqlError(1105, "HY000", `keyspace ${keyspace} has no ${tabletType} shards`);
  if (plan.anyShard || !topology.vschema.isSharded(keyspace)) {
    if (shards.length > 1 && !plan.anyShard) throw unsupported(`several shards in ${keyspace}, which isn't sharded`);
    return only(first);
  }
  const placement = (table: string) => topology.vschema.placement(keyspace, table);
  const { statements, merge } = dispatch(plan.sql, { shards, placement });
  const parts = [...statements].map(([name, sql]) => ({ target: { keyspace, shard: name, tabletType }, sql }));
  return { parts, merge };
}

/** As Vitess's messages name it: "commerce.0.primary". */
export function describeTarget(target: ShardTarget): string {
  return `${target.keyspace}.${target.shard}.${target.tabletType.toLowerCase()}`;
}
