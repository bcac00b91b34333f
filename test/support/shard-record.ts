/** Changes to shards' records that a Reshard or a lost primary would make. */
import type { Cluster } from "../../src/sandbox/cluster/start-cluster.js";
import { openSandboxTopo } from "../../src/sandbox/topo.js";
import type { MessageInput } from "../../src/wire/proto.js";

/** Fields that are set; the others stay. A shard without a record gets one. */
export async function setShard(
  { etcd: server, topoRoot: root }: Cluster,
  shard: string,
  fields: MessageInput<"topodata.Shard">,
): Promise<void> {
  const topo = openSandboxTopo({ server, root });
  const [keyspace, name] = shard.split("/");
  try {
    await topo.update("topodata.Shard", `keyspaces/${keyspace}/shards/${name}/Shard`, (record) => ({
      ...record,
      ...fields,
    }));
  } finally {
    topo.close();
  }
}
