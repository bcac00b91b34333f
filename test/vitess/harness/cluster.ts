import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import type { Install } from "./install.js";
import { mysqlSocket, serverEnv, startMysql } from "./mysql.js";
import { freePorts } from "./ports.js";
import type { RunAs } from "./run-as.js";
import { mustRun } from "./run-program.js";
import { startServer } from "./server.js";
import { type ClusterShape, keyspacesOf, type TabletShape, tabletAlias } from "./shape.js";

export interface RunningTablet extends TabletShape {
  /** "zone1-0000000200" */
  alias: string;
  /** Its server's name: "vttablet-zone1-200". */
  server: string;
  grpcPort: number;
  webPort: number;
  mysqlSocket: string;
  /** "vt_commerce" */
  database: string;
}

/** What there is to talk to. All of it is JSON. */
export interface RunningCluster {
  shape: ClusterShape;
  /** "127.0.0.1:<port>" */
  etcd: string;
  topoRoot: string;
  /** "127.0.0.1:<port>", for vtctldclient and vtctlclient. */
  vtctld: string;
  vtgateMysqlPort: number;
  vtgateGrpcPort: number;
  tablets: RunningTablet[];
}

export interface Setup {
  install: Install;
  folder: string;
  runAs: RunAs;
  /** Told of every server that is up. */
  onProgress(line: string): void;
}

const ROOT = "/vitess/global";
const HEALTH_MS = 60_000;

/** Starts etcd, vtctld, the tablets with their MySQL, and vtgate; resolves when vtgate can reach every primary. */
export async function startCluster(setup: Setup, shape: ClusterShape): Promise<RunningCluster> {
  const { install, folder } = setup;
  const { programs } = install;
  const [etcdPort = 0, peerPort = 0, vtctldWeb = 0, vtctldPort = 0, gateWeb = 0, gateGrpc = 0, gateMysql = 0] =
    await freePorts(7);
  const etcd = `127.0.0.1:${etcdPort}`;
  const vtctld = `127.0.0.1:${vtctldPort}`;
  const topo = [
    ...["--topo_implementation", "etcd2", "--topo_global_server_address", `http://${etcd}`],
    ...["--topo_global_root", ROOT, "--log_dir", join(folder, "logs")],
  ];
  const local = ["--bind-address", "127.0.0.1", "--grpc_bind_address", "127.0.0.1"];
  const start = (name: string, program: string, args: string[], ports: number[]) =>
    startServer(folder, { name, program, args, ports, env: serverEnv(folder), runAs: setup.runAs }).then(() =>
      setup.onProgress(name),
    );
  const vtctldclient = (...args: string[]) =>
    mustRun(programs.vtctldclient, ["--server", vtctld, ...args], { env: serverEnv(folder), runAs: setup.runAs });

  await start(`etcd-${shape.name}`, install.etcd, etcdArgs(folder, shape.name, etcdPort, peerPort), [etcdPort]);
  const vtctldArgs = ["--cell", shape.cell, "--port", String(vtctldWeb), "--grpc_port", String(vtctldPort)];
  const services = ["--service_map", "grpc-vtctl,grpc-vtctld"];
  await start(`vtctld-${shape.name}`, programs.vtctld, [...topo, ...local, ...vtctldArgs, ...services], [vtctldPort]);
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

  const tablets = await pMap(
    shape.tablets,
    async (tablet): Promise<RunningTablet> => {
      const [mysqlPort = 0, webPort = 0, grpcPort = 0] = await freePorts(3);
      await startMysql(install, folder, { uid: tablet.uid, port: mysqlPort }, setup.runAs);
      const server = `vttablet-${shape.cell}-${tablet.uid}`;
      const alias = tabletAlias(shape.cell, tablet.uid);
      const args = [
        ...["--tablet-path", alias, "--tablet_hostname", "127.0.0.1", "--init_keyspace", tablet.keyspace],
        ...["--init_shard", tablet.shard, "--init_tablet_type", "replica", "--db_charset", "utf8mb4"],
        ...["--port", String(webPort), "--grpc_port", String(grpcPort), "--health_check_interval", "1s"],
        ...["--service_map", "grpc-queryservice,grpc-tabletmanager,grpc-updatestream"],
      ];
      await start(server, programs.vttablet, [...topo, ...local, ...args], [grpcPort]);
      const socket = mysqlSocket(folder, tablet.uid);
      return { ...tablet, alias, server, grpcPort, webPort, mysqlSocket: socket, database: `vt_${tablet.keyspace}` };
    },
    { concurrency: 2 },
  );
  for (const { keyspace, shard, type, alias } of tablets) {
    if (type === "PRIMARY") await vtctldclient("PlannedReparentShard", `${keyspace}/${shard}`, "--new-primary", alias);
  }
  for (const [keyspace, vschema] of Object.entries(shape.vschemas)) {
    await vtctldclient("ApplyVSchema", "--vschema", JSON.stringify(vschema), keyspace);
  }
  const gateArgs = ["--cell", shape.cell, "--cells_to_watch", shape.cell, "--tablet_types_to_wait", "PRIMARY,REPLICA"];
  const gatePorts = ["--port", String(gateWeb), "--grpc_port", String(gateGrpc)];
  const gateMysqlArgs = ["--mysql_server_port", String(gateMysql), "--mysql_server_bind_address", "127.0.0.1"];
  const gate = [...gateArgs, ...gatePorts, ...gateMysqlArgs, "--mysql_auth_server_impl", "none"];
  const gateService = ["--service_map", "grpc-vtgateservice"];
  await start(`vtgate-${shape.name}`, programs.vtgate, [...topo, ...local, ...gate, ...gateService], [gateMysql]);

  const running = {
    shape,
    etcd,
    topoRoot: ROOT,
    vtctld,
    vtgateMysqlPort: gateMysql,
    vtgateGrpcPort: gateGrpc,
    tablets,
  };
  await waitForPrimaries(running, vtctldclient);
  return running;
}

/** Every shard's primary is known to the topology under the alias that the shape wants. */
async function waitForPrimaries(
  cluster: RunningCluster,
  vtctldclient: (...args: string[]) => Promise<string>,
): Promise<void> {
  const wanted = cluster.tablets.filter(({ type }) => type === "PRIMARY").map(({ alias }) => alias);
  const deadline = Date.now() + HEALTH_MS;
  for (;;) {
    const listed = await vtctldclient("GetTablets", "--tablet-type", "primary");
    if (wanted.every((alias) => listed.includes(alias))) return;
    if (Date.now() > deadline) throw new Error(`these tablets didn't become primary: ${wanted.join(", ")}\n${listed}`);
    await sleep(200);
  }
}

function etcdArgs(folder: string, name: string, port: number, peerPort: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  return [
    ...["--name", name, "--data-dir", join(folder, `etcd-${name}`), "--unsafe-no-fsync"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `${name}=${peer}`],
  ];
}
