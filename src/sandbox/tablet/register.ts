/**
 * The records that a vttablet writes about itself (go/vt/vttablet/tabletmanager/tm_init.go): keyspace and shard
 * where they are missing, its Tablet, its place in ShardReplication, the shard's primary, SrvKeyspace.
 */
import { isFullKeyRange, parseKeyRange } from "../../wire/key-range.js";
import type { MessageInput } from "../../wire/proto.js";
import { formatAlias } from "../topo.js";
import type { TabletState } from "./state.js";

const served = ["PRIMARY", "REPLICA", "RDONLY"] as const;

export async function registerTablet(state: TabletState, grpcPort: number): Promise<void> {
  const { cell, uid, keyspace, shard } = state.identity;
  const { topo } = state;
  const alias = { cell, uid };
  const range = keyRangeOf(shard);
  await topo.update("topodata.Keyspace", `keyspaces/${keyspace}/Keyspace`, (record) => record ?? {});
  await topo.update("topodata.Shard", `keyspaces/${keyspace}/shards/${shard}/Shard`, (record) => {
    const old = record ?? range;
    return state.type === "PRIMARY" ? { ...old, ...primaryFields(state) } : { ...old };
  });
  const cellTopo = await topo.cell(cell);
  await cellTopo.put("topodata.Tablet", `tablets/${formatAlias(alias)}/Tablet`, {
    alias,
    hostname: "127.0.0.1",
    port_map: { grpc: grpcPort },
    keyspace,
    shard,
    type: state.type,
    ...range,
    mysql_hostname: "127.0.0.1",
    ...(state.type === "PRIMARY" ? { primary_term_start_time: { seconds: state.primaryTermStart } } : {}),
  });
  const replication = `keyspaces/${keyspace}/shards/${shard}/ShardReplication`;
  await cellTopo.update("topodata.ShardReplication", replication, (record) => {
    const nodes = record?.nodes ?? [];
    const known = nodes.some(({ tablet_alias: node }) => node?.cell === cell && node.uid === uid);
    return known ? { nodes } : { nodes: [...nodes, { tablet_alias: alias }] };
  });
  await buildSrvKeyspace(state);
}

function primaryFields(state: TabletState): MessageInput<"topodata.Shard"> {
  return {
    primary_alias: { cell: state.identity.cell, uid: state.identity.uid },
    is_primary_serving: true,
    primary_term_start_time: { seconds: state.primaryTermStart },
  };
}

function keyRangeOf(shard: string): { key_range?: { start: Buffer; end: Buffer } } {
  const range = parseKeyRange(shard);
  return isFullKeyRange(range) ? {} : { key_range: range };
}

/** Which shards serve: what vtgates of the cell read. */
async function buildSrvKeyspace(state: TabletState): Promise<void> {
  const { cell, keyspace } = state.identity;
  const shards = await state.topo.list(`keyspaces/${keyspace}/shards`);
  const references = shards.map((name) => ({ name, ...keyRangeOf(name) }));
  const cellTopo = await state.topo.cell(cell);
  await cellTopo.put("topodata.SrvKeyspace", `keyspaces/${keyspace}/SrvKeyspace`, {
    partitions: served.map((type) => ({ served_type: type, shard_references: references })),
  });
}

/** The tables that the shard's record denies to this tablet (tm_state.go, updateDeniedTables). */
export async function readDeniedTables(state: TabletState): Promise<Set<string>> {
  const { cell, keyspace, shard } = state.identity;
  const record = await state.topo.get("topodata.Shard", `keyspaces/${keyspace}/shards/${shard}/Shard`);
  const controls = record.tablet_controls.filter(
    (control) => control.tablet_type === state.type && (control.cells.length === 0 || control.cells.includes(cell)),
  );
  return new Set(controls.flatMap((control) => control.denied_tables));
}
