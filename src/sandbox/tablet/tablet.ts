/**
 * A sandbox vttablet: TabletManager and Query over gRPC in front of a MySQL server, its records in the
 * topology, and on a primary the engines of vreplication and VDiff.
 */

import { serviceDefinition } from "../../wire/proto.js";
import { quoteIdentifier } from "../../wire/sql.js";
import type { MysqlServer } from "../mysql/port.js";
import type { ProcessSecurity, TabletServerSecurity } from "../security.js";
import { openSandboxTopo, type TopoAddress } from "../topo.js";
import { errorText } from "./errors.js";
import type { VersionProfile } from "./profiles.js";
import { queryMethods } from "./query/methods.js";
import { Transactions } from "./query/transactions.js";
import { readDeniedTables, registerTablet } from "./register.js";
import { followPrimary } from "./replication.js";
import { TabletServer } from "./server.js";
import { sidecarTables } from "./sidecar.js";
import { defaultTimings, nowSeconds, type ServedType, TabletState, type Timings } from "./state.js";
import { tabletManagerMethods } from "./tablet-manager/methods.js";
import { VDiffEngine } from "./vdiff/engine.js";
import { Engine } from "./vreplication/engine.js";

export interface TabletOptions {
  cell: string;
  uid: number;
  keyspace: string;
  shard: string;
  type: ServedType;
  /** The cluster's global topology; the cell's CellInfo must be in it. */
  topo: TopoAddress;
  /** Closed by whoever opened it, after the tablet has stopped. */
  mysql: MysqlServer;
  profile: VersionProfile;
  /** 0 or none: any free one. */
  port?: number;
  /** The tablet whose MySQL a replica follows. */
  replicaOf?: SandboxTablet;
  lagMs?: number;
  timings?: Partial<Timings>;
  /** Of its gRPC port. */
  security?: TabletServerSecurity;
  /** How it speaks to its topology, to mounts and to other tablets. */
  clients?: ProcessSecurity;
}

export interface SandboxTablet {
  /** "zone1-0000000100" */
  readonly alias: string;
  readonly keyspace: string;
  readonly shard: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly mysql: MysqlServer;
  /** "vt_<keyspace>" */
  readonly dbName: string;
  readonly type: ServedType;
  setReplicationLag(ms: number): void;
  /** What a reparent does to one tablet: records, health, and the engines follow. */
  setType(type: ServedType): Promise<void>;
  /** Connections are accepted, nothing answers. */
  pause(): void;
  resume(): void;
  /** As kill -9 does: connections are cut, the topology still names the tablet. */
  kill(): Promise<void>;
  /** Ends every call, stream and timer of it. */
  stop(): Promise<void>;
}

/** Resolves when the tablet serves and is registered. */
export async function startTablet(options: TabletOptions): Promise<SandboxTablet> {
  const { etcd, tablets: peers = {} } = options.clients ?? {};
  const topo = openSandboxTopo(options.topo, etcd);
  const timings = { ...defaultTimings, ...options.timings };
  const state = new TabletState(options, options.profile, options.mysql, topo, timings, peers, options.type);
  state.lagMs = options.lagMs ?? 0;
  const engine = new Engine(state);
  const vdiffs = new VDiffEngine(state, engine, () => void kill());
  const transactions = new Transactions(state);
  const server = new TabletServer(options.security);
  server.addService(
    serviceDefinition("tabletmanagerservice.TabletManager"),
    tabletManagerMethods(state, engine, vdiffs),
  );
  server.addService(serviceDefinition("queryservice.Query"), queryMethods(state, transactions));

  const stopping = new AbortController();
  let following: { abort: AbortController; done: Promise<void> } | undefined;
  const follow = (primary: MysqlServer) => {
    const abort = new AbortController();
    const done = followPrimary(primary, state, abort.signal).catch((error) => {
      state.replicationError = `replication is not running: ${errorText(error)}`;
      state.announce();
    });
    following = { abort, done };
  };
  const unfollow = async () => {
    following?.abort.abort();
    await following?.done;
    following = undefined;
    state.replicationError = "";
  };
  const openEngines = async () => {
    if (state.type !== "PRIMARY") return;
    prepareDatabases(state);
    await engine.open();
    await vdiffs.open();
  };
  // In this order, in which a VDiff can't start its streams again (tabletmanager/tm_state.go).
  const closeEngines = async () => {
    await engine.close();
    await vdiffs.close();
  };
  const shutDown = async (close: () => Promise<void>) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await close();
    await Promise.all([closeEngines(), unfollow()]);
    transactions.closeAll();
    topo.close();
  };

  const kill = () => shutDown(() => server.kill());

  try {
    await openEngines();
    if (options.replicaOf !== undefined) follow(options.replicaOf.mysql);
    const port = await server.listen(options.port ?? 0);
    await registerTablet(state, port);
    state.deniedTables = await readDeniedTables(state);
    return {
      alias: state.alias,
      keyspace: options.keyspace,
      shard: options.shard,
      port,
      mysql: options.mysql,
      dbName: state.dbName,
      get type() {
        return state.type;
      },
      setReplicationLag(ms) {
        state.lagMs = ms;
        state.announce();
      },
      async setType(type) {
        if (type === state.type) return;
        state.type = type;
        state.primaryTermStart = type === "PRIMARY" ? nowSeconds() : 0;
        if (type === "PRIMARY") await unfollow();
        await closeEngines();
        await openEngines();
        await registerTablet(state, port);
        state.deniedTables = await readDeniedTables(state);
        state.announce();
      },
      pause: () => server.pause(),
      resume: () => server.resume(),
      kill,
      stop: () => shutDown(() => server.stop()),
    };
  } catch (error) {
    await shutDown(() => server.stop());
    throw error;
  }
}

/** The tablet's own database and `_vt`; replicas get them through replication. */
function prepareDatabases(state: TabletState): void {
  const session = state.mysql.session();
  try {
    session.execute(`create database if not exists ${quoteIdentifier(state.dbName)}`);
    for (const statement of sidecarTables(state.profile)) session.execute(statement);
  } finally {
    session.close();
  }
}
