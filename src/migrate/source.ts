import { NotFoundError, UsageError } from "../errors.js";
import type { Tablet, TabletClients } from "../tablet/port.js";
import type { ShardRecord, Topo } from "../topo/port.js";
import { openPrimary } from "../workflow/targets.js";

export interface SourceName {
  mount: string;
  keyspace: string;
}

export interface SourceShard {
  shard: ShardRecord;
  primary: Tablet;
}

/** "<mount>.<keyspace>", with vtctl's words for what is wrong with it. */
export function parseSource(text: string): SourceName {
  if (text === "") throw new UsageError("source keyspace is not specified", { hint: "-source <mount>.<keyspace>" });
  const [mount, keyspace, ...rest] = text.split(".");
  if (!mount || !keyspace || rest.length > 0) {
    throw new UsageError(`invalid format for external source cluster: ${text}`, {
      hint: "-source <mount>.<keyspace>, exactly one dot",
    });
  }
  return { mount, keyspace };
}

/** The mounted topology, after checking that it has the keyspace. It stays open as long as `topo` does. */
export async function openSource(topo: Topo, source: SourceName): Promise<Topo> {
  const opened = await topo.openMount(source.mount);
  await requireKeyspace(opened, source.keyspace);
  return opened;
}

/** NotFoundError as vtctl words it, with the keyspaces that there are as its hint. */
export async function requireKeyspace(topo: Topo, keyspace: string): Promise<void> {
  try {
    await topo.keyspace(keyspace);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const names = await topo.keyspaces();
    throw new NotFoundError(error.message, {
      hint: `keyspace ${keyspace} not found; ${topo.description} has ${names.join(", ") || "none"}`,
      cause: error,
    });
  }
}

/** The shards that serve, with their primaries (go/vt/vtctl/workflow/utils.go, getServingShards). */
export async function readSourceShards(topo: Topo, tablets: TabletClients, keyspace: string): Promise<SourceShard[]> {
  const shards = (await topo.shards(keyspace)).filter((shard) => shard.isPrimaryServing);
  if (shards.length === 0) throw new NotFoundError(`${keyspace} has no serving shards`);
  return Promise.all(shards.map(async (shard) => ({ shard, primary: await openPrimary(topo, tablets, shard) })));
}
