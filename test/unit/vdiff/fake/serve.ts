import { status } from "@grpc/grpc-js";
import { StillRunningError, UnreachableError } from "../../../../src/errors.js";
import { startEtcd } from "../../../../src/sandbox/etcd/server.js";
import { TabletError } from "../../../../src/sandbox/tablet/errors.js";
import { type Call, type Methods, type StreamCall, TabletServer } from "../../../../src/sandbox/tablet/server.js";
import type { Topo } from "../../../../src/topo/port.js";
import { openTopo } from "../../../../src/topo/topo.js";
import { encode, type MessageInput, type MessageName, serviceDefinition } from "../../../../src/wire/proto.js";
import { encodeResult, encodeRow } from "../../../../src/wire/result.js";
import type { FakeClusters } from "./cluster.js";
import type { FakeTablet } from "./tablet.js";

const ROOT = "/vitess/global";

export interface Served {
  endpoint: string;
  topo: Topo;
  servers: Map<string, TabletServer>;
  stop(): Promise<void>;
}

/** Both clusters over real sockets, the source mounted as "ext1". */
export async function serveBoth(clusters: FakeClusters): Promise<{ source: Served; target: Served }> {
  const source = await serve("zx", [clusters.sourcePrimary, clusters.sourceReplica]);
  const target = await serve("zone1", [clusters.targetPrimary]);
  await target.topo.createMount("ext1", { type: "etcd2", server: source.endpoint, root: ROOT });
  return { source, target };
}

/** A cluster over real sockets: an etcd with its records, and its fake tablets behind gRPC servers. */
async function serve(cell: string, tablets: FakeTablet[]): Promise<Served> {
  const etcd = await startEtcd();
  const topo = await openTopo({ type: "etcd2", server: etcd.endpoint, root: ROOT });
  const put = async <Name extends MessageName>(path: string, name: Name, value: MessageInput<Name>) =>
    void (await topo.global.create(path, encode(name, value)));
  await put(`cells/${cell}/CellInfo`, "topodata.CellInfo", { server_address: etcd.endpoint, root: `/vitess/${cell}` });
  await put("keyspaces/commerce/Keyspace", "topodata.Keyspace", {});
  const primary = tablets.find(({ tablet }) => tablet.record.type === "PRIMARY")?.tablet.record;
  await put("keyspaces/commerce/shards/0/Shard", "topodata.Shard", {
    primary_alias: primary,
    is_primary_serving: true,
  });
  const conn = await topo.cell(cell);
  const servers = new Map<string, TabletServer>();
  for (const fake of tablets) {
    const { record } = fake.tablet;
    const server = new TabletServer();
    server.addService(serviceDefinition("tabletmanagerservice.TabletManager"), managerMethods(fake));
    server.addService(serviceDefinition("queryservice.Query"), queryMethods(fake));
    const port = await server.listen(0);
    servers.set(record.alias, server);
    const value = {
      alias: record,
      hostname: "127.0.0.1",
      port_map: { grpc: port },
      keyspace: "commerce",
      shard: "0",
      type: record.type,
    };
    await conn.create(`tablets/${record.alias}/Tablet`, encode("topodata.Tablet", value));
  }
  const nodes = tablets.map(({ tablet }) => ({ tablet_alias: tablet.record }));
  await conn.create("keyspaces/commerce/shards/0/ShardReplication", encode("topodata.ShardReplication", { nodes }));
  return {
    endpoint: etcd.endpoint,
    topo,
    servers,
    async stop() {
      for (const server of servers.values()) await server.stop();
      topo.close();
      await etcd.close();
    },
  };
}

function managerMethods({ tablet }: FakeTablet): Methods {
  return {
    Ping: (request) => request,
    GetSchema: async () => ({ schema_definition: await tablet.getSchema([]) }),
    VReplicationExec: async ({ query }) => ({ result: encodeResult(await tablet.vreplicationExec(query)) }),
    VReplicationWaitForPos: (request, call) =>
      asTablet(() => tablet.vreplicationWaitForPos(request.id, request.position, limits(call)).then(() => ({}))),
    WaitForPosition: (request, call) =>
      asTablet(() => tablet.waitForPosition(request.position, limits(call)).then(() => ({}))),
    ExecuteFetchAsApp: async ({ query }) => ({
      result: encodeResult(await tablet.executeFetchAsApp(query.toString("utf8"))),
    }),
    PrimaryPosition: async () => ({ position: await tablet.primaryPosition() }),
  };
}

function queryMethods({ tablet }: FakeTablet): Methods {
  const { keyspace, shard, type } = tablet.record;
  return {
    StreamHealth: (_request, call) => call.send({ target: { keyspace, shard, tablet_type: type }, serving: true }),
    VStreamResults: (request, call: StreamCall<MessageInput<"binlogdata.VStreamResultsResponse">>) =>
      asTablet(async () => {
        for await (const event of tablet.vstreamResults(request.query, { signal: call.signal })) {
          if (event.kind === "start") await call.send({ fields: event.fields, gtid: event.position });
          else await call.send({ rows: event.rows.map((row) => encodeRow(row.values())) });
        }
      }),
  };
}

function limits(call: Call): { timeoutMs: number; signal: AbortSignal } {
  return { timeoutMs: call.deadline - Date.now(), signal: call.signal };
}

/** The fake's errors as a tablet words them. */
async function asTablet<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UnreachableError) throw new TabletError(status.UNAVAILABLE, error.message);
    if (error instanceof StillRunningError)
      throw new TabletError(status.DEADLINE_EXCEEDED, "context deadline exceeded");
    throw error;
  }
}
