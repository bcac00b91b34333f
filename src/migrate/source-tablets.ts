import { forEachAtOnce } from "../concurrency.js";
import type { TabletRecord } from "../tablet/port.js";
import type { Topo } from "../topo/port.js";
import type { Target } from "../workflow/targets.js";

/** Every tablet of a source keyspace, of whatever type. */
export async function tabletsOfKeyspace(source: Topo, keyspace: string): Promise<TabletRecord[]> {
  const shards = await source.shards(keyspace);
  return (await forEachAtOnce(shards, ({ name }) => source.tabletsOfShard(keyspace, name))).flat();
}

/**
 * Targets whose primary is one of the source's own tablets, by the address that both topologies give: two topologies may
 * speak of the same servers, and what is dropped on such a target is the source's.
 */
export function alsoSources(targets: readonly Target[], source: readonly TabletRecord[]): Target[] {
  const addresses = new Set(source.map(({ grpcAddress }) => grpcAddress));
  return targets.filter(({ primary }) => addresses.has(primary.record.grpcAddress));
}
