import { SqlError, unsupported } from "./errors.js";
import type { Plan } from "./plan.js";
import type { TabletTypeName, Topology } from "./topology.js";

/** One shard that a query goes to. */
export interface ShardTarget {
  keyspace: string;
  shard: string;
  tabletType: TabletTypeName;
}

/**
 * The shards of a plan. A keyspace that is sharded needs its vindexes to choose: a client may name a
 * shard itself (USE `customer:-80`), else the query is refused.
 */
export function route(plan: Plan, topology: Topology): ShardTarget {
  const { keyspace, tabletType, shard } = plan.target;
  const shards = topology.shards(keyspace, tabletType);
  if (shard !== undefined) {
    if (!shards.includes(shard)) throw new SqlError(1105, "HY000", `shard ${keyspace}/${shard} not found`);
    return { keyspace, shard, tabletType };
  }
  const [first, ...others] = shards;
  if (first === undefined) throw new SqlError(1105, "HY000", `keyspace ${keyspace} has no ${tabletType} shards`);
  if ((others.length > 0 || topology.vschema.isSharded(keyspace)) && !plan.anyShard) {
    throw unsupported(`queries over the shards of ${keyspace}; choose one: USE \`${keyspace}:${first}\``);
  }
  return { keyspace, shard: first, tabletType };
}

/** As Vitess's messages name it: "commerce.0.primary". */
export function describeTarget(target: ShardTarget): string {
  return `${target.keyspace}.${target.shard}.${target.tabletType.toLowerCase()}`;
}
