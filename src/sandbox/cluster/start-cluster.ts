import pMap from "p-map";
import { type EtcdServer, startEtcd } from "../etcd/server.js";
import { createMysqlServer } from "../mysql/server.js";
import type { ClusterSecurity } from "../security.js";
import { type ProfileName, profiles } from "../tablet/profiles.js";
import type { Timings } from "../tablet/state.js";
import { type SandboxTablet, startTablet } from "../tablet/tablet.js";
import { openSandboxTopo } from "../topo.js";
import { startVtgate, type Vtgate } from "../vtgate/server.js";
import { distribute } from "./distribute.js";
import { claimPort } from "./ports.js";
import { writeClusterRecords } from "./records.js";
import type { ClusterShape, KeyspaceShape, ShardShape, TabletShape } from "./shape.js";
import { Stack } from "./stack.js";

export interface ClusterOptions {
  /** For messages: "source cluster". */
  name: string;
  shape: ClusterShape;
  profile: ProfileName;
  /** Of the global topology's etcd, and of the vtgate; 0 takes a free one. */
  etcdPort: number;
  vtgatePort: number;
  /** How far replicas stay behind their primary, in milliseconds. */
  lagMs: number;
  /** Of tablets, where they differ from Vitess's own. */
  timings?: Partial<Timings>;
  /** Statements that fill a keyspace: run on its primaries before replicas start, rows in the shards where they belong. */
  load: (keyspace: string) => Iterable<string>;
  /** Default: everything in the clear, and nobody is asked who he is. */
  security?: ClusterSecurity;
  /** "127.0.0.1:2379": an etcd that runs already and holds nothing, in place of those that would be started. */
  etcd?: string;
}

export interface Cluster {
  readonly shape: ClusterShape;
  /** "127.0.0.1:12379": of the global topology, whose root is `topoRoot`. */
  readonly etcd: string;
  readonly topoRoot: string;
  /** Each cell's etcd. */
  readonly cells: Readonly<Record<string, string>>;
  /** MySQL's protocol, on 127.0.0.1. */
  readonly vtgatePort: number;
  readonly tablets: readonly SandboxTablet[];
  close(): Promise<void>;
}

const topoRoot = "/vitess/global";
const catchUpMs = 60_000;
/** Each tablet's registration reads and writes the topology: a few at a time are as quick as all, and none waits long. */
const SHARDS_AT_ONCE = 4;

/** Starts a cluster: its etcds, its tablets, its vtgate. What was started is stopped again when a part fails. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const stack = new Stack();
  try {
    return await build(options, stack);
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function build(options: ClusterOptions, stack: Stack): Promise<Cluster> {
  const { shape } = options;
  const servers = await startEtcds(options, stack);
  const etcd = servers.get(shape.cells[0]?.name ?? "") ?? "";
  const topo = openSandboxTopo({ server: etcd, root: topoRoot }, options.security?.clients?.etcd);
  try {
    await writeClusterRecords(topo, shape, servers);
  } finally {
    topo.close();
  }
  const tablets: SandboxTablet[] = [];
  for (const keyspace of shape.keyspaces) {
    const statementsFor = distribute(options.load(keyspace.name), keyspace);
    const start = (shard: ShardShape) => startShard(options, etcd, keyspace, shard, statementsFor(shard.name), stack);
    tablets.push(...(await pMap(keyspace.shards, start, { concurrency: SHARDS_AT_ONCE })).flat());
  }
  const vtgate = await startClusterVtgate(options, etcd, stack);
  return {
    shape,
    etcd,
    topoRoot,
    cells: Object.fromEntries(servers),
    vtgatePort: vtgate.port,
    tablets,
    close: () => stack.close(),
  };
}

/** By cell; the first cell's serves the global topology and every cell without one of its own. */
async function startEtcds(options: ClusterOptions, stack: Stack): Promise<Map<string, string>> {
  const { etcd: given } = options;
  if (given !== undefined) return new Map(options.shape.cells.map(({ name }) => [name, given]));
  const servers = new Map<string, string>();
  let global: EtcdServer | undefined;
  for (const [i, cell] of options.shape.cells.entries()) {
    if (global === undefined || cell.ownEtcd === true) {
      const port = await claimPort(i === 0 ? options.etcdPort : 0, `the ${options.name}'s etcd`);
      const etcd = await startEtcd({ port, ...options.security?.etcd });
      stack.push(() => etcd.close());
      global ??= etcd;
      servers.set(cell.name, etcd.endpoint);
    } else {
      servers.set(cell.name, global.endpoint);
    }
  }
  return servers;
}

async function startShard(
  options: ClusterOptions,
  etcd: string,
  keyspace: KeyspaceShape,
  shard: ShardShape,
  statements: Iterable<string>,
  stack: Stack,
): Promise<SandboxTablet[]> {
  const { tablets, clients } = options.security ?? {};
  const security = { ...(tablets && { security: tablets }), ...(clients && { clients }) };
  const start = async (tablet: TabletShape, replicaOf?: SandboxTablet): Promise<SandboxTablet> => {
    const mysql = await createMysqlServer({ timeZoneTables: options.shape.timeZoneTables !== false });
    stack.push(() => mysql.close());
    const started = await startTablet({
      cell: tablet.cell,
      uid: tablet.uid,
      keyspace: keyspace.name,
      shard: shard.name,
      type: tablet.type,
      topo: { server: etcd, root: topoRoot },
      mysql,
      profile: profiles[options.profile],
      ...(options.timings === undefined ? {} : { timings: options.timings }),
      ...(replicaOf === undefined ? {} : { replicaOf }),
      ...security,
    });
    stack.push(() => started.stop());
    if (replicaOf === undefined) return started;
    // A replica starts with everything its primary has, and falls behind from then on.
    await mysql.waitForGtid(replicaOf.mysql.gtidExecuted(), AbortSignal.timeout(catchUpMs));
    started.setReplicationLag(options.lagMs);
    return started;
  };
  const first = shard.tablets.find((tablet) => tablet.type === "PRIMARY");
  if (first === undefined) throw new Error(`shard ${keyspace.name}/${shard.name} has no primary`);
  const primary = await start(first);
  load(primary, statements);
  const replicas: SandboxTablet[] = [];
  for (const tablet of shard.tablets) if (tablet !== first) replicas.push(await start(tablet, primary));
  if (first.unreachable === true) await primary.kill();
  return [primary, ...replicas];
}

function load(primary: SandboxTablet, statements: Iterable<string>): void {
  const session = primary.mysql.session({ database: primary.dbName });
  try {
    for (const statement of statements) session.execute(statement);
  } finally {
    session.close();
  }
}

async function startClusterVtgate(options: ClusterOptions, etcd: string, stack: Stack): Promise<Vtgate> {
  const port = await claimPort(options.vtgatePort, `the ${options.name}'s vtgate`);
  const cell = options.shape.cells[0]?.name ?? "";
  const security = options.security?.clients;
  const topo = { server: etcd, root: topoRoot };
  const vtgate = await startVtgate({ cell, topo, port, ...(security && { security }) });
  stack.push(() => vtgate.close());
  return vtgate;
}
