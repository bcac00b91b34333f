import { forEachAtOnce } from "../concurrency.js";
import type { CallOptions } from "../tablet/port.js";
import { canonicalType } from "../tablet/types.js";
import { getIfExists } from "../topo/cas.js";
import type { ShardRecord, Topo } from "../topo/port.js";
import { decode } from "../wire/proto.js";
import { streamsInto } from "./other-workflows.js";
import type { Target } from "./targets.js";

/** Tables that a shard's primary refuses although nothing moves them any more. */
export interface Leftover {
  target: Target;
  tables: string[];
}

/**
 * Denied tables that vtctldclient's complete has left behind (v22). Those that a workflow of today fills are in use;
 * those that a routing rule sends to another keyspace have moved there, and are denied for good reason.
 */
export async function findLeftovers(
  topo: Topo,
  keyspace: string,
  targets: readonly Target[],
  options: CallOptions,
): Promise<Leftover[]> {
  if (!targets.some(({ shard }) => deniedTables(shard).length > 0)) return [];
  const away = await movedAway(topo, keyspace);
  const streams = (await forEachAtOnce(targets, (target) => streamsInto(target, options))).flat();
  const isFilled = (table: string) => streams.some(({ fills }) => fills(table));
  return targets.flatMap((target) => {
    const tables = deniedTables(target.shard).filter((table) => !away.has(table) && !isFilled(table));
    return tables.length === 0 ? [] : [{ target, tables: tables.sort() }];
  });
}

function deniedTables(shard: ShardRecord): string[] {
  return shard.tabletControls
    .filter((control) => canonicalType(control.tablet_type) === "PRIMARY")
    .flatMap((control) => control.denied_tables);
}

/** Tables of the keyspace whose rule names another keyspace (go/vt/topo/topoproto, vschema.RoutingRules). */
export async function movedAway(topo: Topo, keyspace: string): Promise<Set<string>> {
  const file = await getIfExists(topo.global, "RoutingRules");
  if (file === undefined) return new Set();
  const { rules } = decode("vschema.RoutingRules", file.contents);
  const prefix = `${keyspace}.`;
  return new Set(
    rules
      .filter((rule) => rule.from_table.startsWith(prefix) && rule.to_tables.some((to) => !to.startsWith(prefix)))
      .map((rule) => rule.from_table.slice(prefix.length).replace(/@\w+$/, "")),
  );
}
