import { NotFoundError, UsageError } from "../errors.js";
import type { ShardRecord, Topo } from "../topo/port.js";

export interface SourceName {
  mount: string;
  keyspace: string;
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

/**
 * The shards that serve (go/vt/vtctl/workflow/utils.go, getServingShards), of which only `named` when names are
 * given. NotFoundError when there is none, or a name that isn't there.
 */
export async function readSourceShards(topo: Topo, keyspace: string, named: string[]): Promise<ShardRecord[]> {
  const all = await topo.shards(keyspace);
  const shards = all.filter((shard) => shard.isPrimaryServing);
  if (shards.length === 0) {
    const names = all.map((shard) => shard.name).join(", ");
    throw new NotFoundError(`${keyspace} has no serving shards`, {
      hint: `Source keyspace ${keyspace} in ${topo.description} has ${names === "" ? "no shards" : `${names}, and none of them serves`}.`,
    });
  }
  const unknown = named.filter((name) => !shards.some((shard) => shard.name === name));
  if (unknown.length > 0) {
    throw new NotFoundError(`no serving shard ${unknown.join(", ")} in source keyspace ${keyspace}`, {
      hint: `Its serving shards: ${shards.map((shard) => shard.name).join(", ")}.`,
    });
  }
  return named.length === 0 ? shards : shards.filter((shard) => named.includes(shard.name));
}
