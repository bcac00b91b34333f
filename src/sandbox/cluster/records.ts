import { isFullKeyRange, parseKeyRange } from "../../wire/key-range.js";
import type { SandboxTopo } from "../topo.js";
import type { ClusterShape } from "./shape.js";

/**
 * The records that an operator makes before tablets start: AddCellInfo, CreateKeyspace, CreateShard,
 * ApplyVSchema and RebuildVSchemaGraph of vtctldclient (v22). `servers` are the cells' etcds. Tablets add
 * their own records and the SrvKeyspace.
 */
export async function writeClusterRecords(
  topo: SandboxTopo,
  shape: ClusterShape,
  servers: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { name } of shape.cells) {
    const server_address = servers.get(name) ?? topo.address.server;
    await topo.put("topodata.CellInfo", `cells/${name}/CellInfo`, { server_address, root: `/vitess/${name}` });
  }
  for (const keyspace of shape.keyspaces) {
    const dir = `keyspaces/${keyspace.name}`;
    await topo.put("topodata.Keyspace", `${dir}/Keyspace`, { durability_policy: "none", sidecar_db_name: "_vt" });
    await topo.put("vschema.Keyspace", `${dir}/VSchema`, keyspace.vschema);
    for (const { name } of keyspace.shards) {
      const range = parseKeyRange(name);
      await topo.put(
        "topodata.Shard",
        `${dir}/shards/${name}/Shard`,
        isFullKeyRange(range) ? {} : { key_range: range },
      );
    }
  }
  const keyspaces = Object.fromEntries(shape.keyspaces.map(({ name, vschema }) => [name, vschema]));
  for (const { name } of shape.cells) {
    const cell = await topo.cell(name);
    await cell.put("vschema.SrvVSchema", "SrvVSchema", {
      keyspaces,
      routing_rules: {},
      shard_routing_rules: {},
      mirror_rules: {},
    });
  }
}
