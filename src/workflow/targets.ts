import { forEachAtOnce } from "../concurrency.js";
import { ConflictError, NotFoundError } from "../errors.js";
import type { Tablet, TabletClients } from "../tablet/port.js";
import type { ShardRecord, Topo } from "../topo/port.js";

/** A shard of the target keyspace and its primary, which holds the streams that fill the shard. */
export interface Target {
  shard: ShardRecord;
  primary: Tablet;
}

/**
 * Every shard of a keyspace with its primary, sorted by shard name (go/vt/vtctl/workflow, BuildTargets).
 * Shards that never served and have no primary yet are passed over: no stream can be there. NotFoundError "no shards found
 * in keyspace <ks>"; ConflictError for a serving shard without a primary. With `wanted` those shards alone, whatever has
 * become of the others; NotFoundError for one that isn't there.
 */
export async function readTargets(
  topo: Topo,
  tablets: TabletClients,
  keyspace: string,
  wanted: readonly string[] = [],
): Promise<Target[]> {
  const shards = await topo.shards(keyspace);
  if (shards.length === 0) {
    const known = (await topo.keyspaces()).join(", ") || "none";
    throw new NotFoundError(`no shards found in keyspace ${keyspace}`, {
      hint: `${topo.description} has keyspaces ${known}.`,
    });
  }
  if (wanted.length > 0) return openTargets(topo, tablets, chooseShards(shards, wanted, keyspace));
  const started = shards.filter((shard) => shard.isPrimaryServing || shard.primaryAlias !== undefined);
  return openTargets(topo, tablets, started.length > 0 ? started : shards);
}

function chooseShards(shards: ShardRecord[], wanted: readonly string[], keyspace: string): ShardRecord[] {
  const names = shards.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return shards.filter(({ name }) => wanted.includes(name));
  throw new NotFoundError(`shard ${unknown} not found in keyspace ${keyspace}`, {
    hint: `Its shards: ${names.join(", ")}.`,
  });
}

function openTargets(topo: Topo, tablets: TabletClients, shards: readonly ShardRecord[]): Promise<Target[]> {
  return forEachAtOnce(shards, async (shard) => ({ shard, primary: await openPrimary(topo, tablets, shard) }));
}

export async function openPrimary(topo: Topo, tablets: TabletClients, shard: ShardRecord): Promise<Tablet> {
  if (shard.primaryAlias === undefined) {
    throw new ConflictError(`no primary found for shard ${shard.keyspace}/${shard.name}`, {
      hint: `The shard's record has no primary alias in ${topo.description}.`,
    });
  }
  return tablets.open(await topo.tablet(shard.primaryAlias));
}

/** "-80/zone1-0000000200": how Vitess names a stream's place. */
export function targetName(target: Target): string {
  return `${target.shard.name}/${target.primary.record.alias}`;
}
