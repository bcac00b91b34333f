import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import { serverEnv } from "./mysql.js";
import { freePorts } from "./ports.js";
import { mustRun } from "./run-program.js";
import { startServer } from "./server.js";
import type { Setup } from "./setup.js";
import { type ClusterShape, keyspacesOf } from "./shape.js";
import { type RunningTablet, startTablet } from "./tablets.js";

/** What there is to talk to. All of it is JSON. */
export interface RunningCluster {
  shape: ClusterShape;
  /** "127.0.0.1:<port>" */
  etcd: string;
  topoRoot: string;
  /** "127.0.0.1:<port>", for vtctldclient and vtctlclient. */
  vtctld: string;
  vtgateMysqlPort: number;
  tablets: RunningTablet[];
}

const ROOT = "/vitess/global";
const PRIMARIES_MS = 60_000;

/** Starts etcd, vtctld, the tablets with their MySQL, and vtgate; resolves when every shard has its primary. */
export async function startCluster(setup: Setup, shape: ClusterShape): Promise<RunningCluster> {
  const etcd = await startEtcd(setup, shape);
  const flags = [
    ...["--topo_implementation", "etcd2", "--topo_global_server_address", `http://${etcd}`, "--topo_global_root", ROOT],
    ...["--log_dir", join(setup.folder, "logs"), "--bind-address", "127.0.0.1", "--grpc_bind_address", "127.0.0.1"],
  ];
  const vtctld = await startVtctld(setup, shape, flags);
  const vtctldclient: Vtctldclient = (...args) =>
    mustRun(setup.install.programs.vtctldclient, ["--server", vtctld, ...args], {
      env: serverEnv(setup.folder),
      runAs: setup.runAs,
    });
  await vtctldclient(
    "AddCellInfo",
    "--root",
    `/vitess/${shape.cell}`,
    "--server-address",
    `http://${etcd}`,
    shape.cell,
  );
  for (const keyspace of keyspacesOf(shape)) {
    await vtctldclient("CreateKeyspace", "--durability-policy", "none", keyspace);
  }
  const tablets = await startTablets(setup, shape, flags, vtctldclient);
  for (const [keyspace, vschema] of Object.entries(shape.vschemas)) {
    await vtctldclient("ApplyVSchema", "--vschema", JSON.stringify(vschema), keyspace);
  }
  const vtgateMysqlPort = await startVtgate(setup, shape, flags);
  return { shape, etcd, topoRoot: ROOT, vtctld, vtgateMysqlPort, tablets };
}

type Vtctldclient = (...args: string[]) => Promise<string>;

/** Its address. */
async function startEtcd(setup: Setup, { name }: ClusterShape): Promise<string> {
  const [port = 0, peerPort = 0] = await freePorts(2);
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const args = [
    ...["--name", name, "--data-dir", join(setup.folder, `etcd-${name}`), "--unsafe-no-fsync"],
    // Alone, and often short of CPU: it must not take that for the loss of its leader.
    ...["--heartbeat-interval", "500", "--election-timeout", "5000"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `${name}=${peer}`],
  ];
  await start(setup, `etcd-${name}`, setup.install.etcd, args, port);
  return `127.0.0.1:${port}`;
}

/** Its gRPC address. */
async function startVtctld(setup: Setup, { name, cell }: ClusterShape, flags: string[]): Promise<string> {
  const [web = 0, grpc = 0] = await freePorts(2);
  const services = ["--service_map", "grpc-vtctl,grpc-vtctld"];
  const args = [...flags, "--cell", cell, "--port", String(web), "--grpc_port", String(grpc), ...services];
  await start(setup, `vtctld-${name}`, setup.install.programs.vtctld, args, grpc);
  return `127.0.0.1:${grpc}`;
}

/** The port for MySQL's protocol. */
async function startVtgate(setup: Setup, { name, cell }: ClusterShape, flags: string[]): Promise<number> {
  const [web = 0, grpc = 0, mysql = 0] = await freePorts(3);
  const args = [
    ...["--cell", cell, "--cells_to_watch", cell, "--tablet_types_to_wait", "PRIMARY"],
    ...["--port", String(web), "--grpc_port", String(grpc), "--service_map", "grpc-vtgateservice"],
    ...["--mysql_server_port", String(mysql), "--mysql_server_bind_address", "127.0.0.1"],
    ...["--mysql_auth_server_impl", "none"],
  ];
  await start(setup, `vtgate-${name}`, setup.install.programs.vtgate, [...flags, ...args], mysql);
  return mysql;
}

/** A replica joins a shard that has its primary already. */
async function startTablets(
  setup: Setup,
  shape: ClusterShape,
  flags: string[],
  vtctldclient: Vtctldclient,
): Promise<RunningTablet[]> {
  const ofType = (wanted: string) => shape.tablets.filter(({ type }) => type === wanted);
  const concurrency = 2;
  const primaries = await pMap(ofType("PRIMARY"), (tablet) => startTablet(setup, shape, tablet, flags), {
    concurrency,
  });
  for (const { keyspace, shard, alias } of primaries) {
    await vtctldclient("PlannedReparentShard", `${keyspace}/${shard}`, "--new-primary", alias);
  }
  await waitForPrimaries(primaries, vtctldclient);
  const primaryOf = ({ keyspace, shard }: { keyspace: string; shard: string }) =>
    primaries.find((primary) => primary.keyspace === keyspace && primary.shard === shard);
  const replicas = await pMap(
    ofType("REPLICA"),
    (tablet) => startTablet(setup, shape, tablet, flags, primaryOf(tablet)),
    { concurrency },
  );
  return [...primaries, ...replicas];
}

async function waitForPrimaries(primaries: RunningTablet[], vtctldclient: Vtctldclient): Promise<void> {
  const deadline = Date.now() + PRIMARIES_MS;
  for (;;) {
    const listed = await vtctldclient("GetTablets", "--tablet-type", "primary");
    const waiting = primaries.filter(({ alias }) => !listed.includes(alias)).map(({ alias }) => alias);
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new Error(`these tablets didn't become primary: ${waiting.join(", ")}`);
    await sleep(200);
  }
}

async function start(setup: Setup, name: string, program: string, args: string[], port: number): Promise<void> {
  const { folder, runAs } = setup;
  await startServer(folder, { name, program, args, ports: [port], env: serverEnv(folder), runAs });
  setup.onProgress(name);
}
