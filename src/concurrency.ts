import pMap from "p-map";

/** Calls under way at once: enough for a keyspace of many shards, few enough for a laptop's sockets and a tablet's patience. */
export const AT_ONCE = 16;

/** Asks for each item, in its place; no more than 16 at a time. The first failure is thrown, and nothing further is begun. */
export function forEachAtOnce<In, Out>(items: Iterable<In>, ask: (item: In) => Promise<Out>): Promise<Out[]> {
  return pMap(items, ask, { concurrency: AT_ONCE });
}
