import { forEachAtOnce } from "../concurrency.js";
import { VtmigrateError } from "../errors.js";
import type { CallOptions, Tablet, TabletClients } from "../tablet/port.js";
import type { Topo } from "../topo/port.js";
import { parseBinlogSource } from "../wire/binlog-source.js";
import { records } from "../wire/result.js";
import { sqlString } from "../wire/sql.js";
import { formatWorkflowName } from "./name.js";
import { workflowsOf } from "./record.js";
import { openPrimary } from "./targets.js";

/** For one primary; a keyspace may have many that are gone. */
const CALL_MS = 10_000;

export interface MountUsers {
  /** "commerce.wf", sorted: by their streams, whoever made them, or by their record of ours. */
  workflows: string[];
  /** Shards whose primary couldn't be asked: "commerce/-80", and why. */
  unasked: { shard: string; reason: string }[];
}

/** Which workflows of a cluster read from a mount. Asks every primary of every keyspace. */
export async function mountUsers(
  topo: Topo,
  tablets: TabletClients,
  mount: string,
  signal: AbortSignal,
): Promise<MountUsers> {
  const keyspaces = await topo.keyspaces();
  const shards = (await forEachAtOnce(keyspaces, (keyspace) => topo.shards(keyspace))).flat();
  const started = shards.filter(({ isPrimaryServing, primaryAlias }) => isPrimaryServing || primaryAlias !== undefined);
  const unasked: MountUsers["unasked"] = [];
  const streaming = await forEachAtOnce(started, async (shard) => {
    try {
      const primary = await openPrimary(topo, tablets, shard);
      const names = await readingFrom(mount, primary, { signal, timeoutMs: CALL_MS });
      return names.map((workflow) => formatWorkflowName({ keyspace: shard.keyspace, workflow }));
    } catch (error) {
      if (signal.aborted || !(error instanceof VtmigrateError)) throw error;
      unasked.push({ shard: `${shard.keyspace}/${shard.name}`, reason: error.message });
      return [];
    }
  });
  const workflows = new Set([...streaming.flat(), ...(await workflowsOf(topo, mount))]);
  return { workflows: [...workflows].sort(), unasked: unasked.sort((a, b) => (a.shard < b.shard ? -1 : 1)) };
}

/** Names of the workflows with a stream on a tablet that reads from the mount. */
async function readingFrom(mount: string, primary: Tablet, options: CallOptions): Promise<string[]> {
  const where = `db_name = ${sqlString(primary.record.dbName)}`;
  const query = `select workflow, source from _vt.vreplication where ${where}`;
  const rows = records(await primary.vreplicationExec(query, options));
  return rows.filter(({ source }) => externalClusterOf(source ?? "") === mount).map(({ workflow }) => workflow ?? "");
}

/** Undefined for a source that can't be read: no tablet can run it either. */
function externalClusterOf(source: string): string | undefined {
  try {
    return parseBinlogSource(source).externalCluster;
  } catch {
    return undefined;
  }
}
