import { createServer } from "node:net";
import { Server } from "@grpc/grpc-js";
import { type ServerTls, serverCredentials } from "../server-tls.js";
import { addUsers, type EtcdAuth } from "./auth/add-users.js";
import { Auth } from "./auth/auth.js";
import { authService } from "./auth/service.js";
import { clusterService, maintenanceService } from "./cluster-services.js";
import { etcdService } from "./definitions.js";
import { Member } from "./header.js";
import { kvService } from "./kv/service.js";
import { Lessor } from "./lease/lessor.js";
import { leaseService } from "./lease/service.js";
import { Store } from "./mvcc/store.js";
import { measured } from "./request-size.js";
import { WatchService } from "./watch/service.js";

export interface EtcdOptions {
  /** 0, the default: a free one. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /**
   * Without: in the clear. With a `clientCa` a client is the user whom its certificate names (--client-cert-auth).
   */
  tls?: ServerTls;
  /** Without: everybody may do everything, until somebody adds users and enables them (etcdserverpb.Auth). */
  auth?: EtcdAuth;
  /** etcd's --auth-token-ttl; 5 minutes by default. */
  tokenTtlMs?: number;
  /** How often watchers that asked for it are told the revision; etcd's 10 minutes by default. */
  progressIntervalMs?: number;
}

export interface EtcdServer {
  readonly port: number;
  /** "127.0.0.1:2379" */
  readonly endpoint: string;
  readonly store: Store;
  /** Ends every stream at once, and leaves no timer; the port is free afterwards. A second call does nothing more. */
  close(): Promise<void>;
}

/** etcd takes its largest request plus 512 KiB (api/v3rpc/grpc.go). */
const maxReceiveBytes = 2 * 1024 * 1024;

/**
 * etcd's v3 API over gRPC, in memory: what a single etcd 3.5 answers. Rejects with
 * Node's Error ("listen EADDRINUSE: address already in use 127.0.0.1:2379") when the port can't be had.
 */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdServer> {
  const { host = "127.0.0.1", port: wantedPort = 0 } = options;
  await probe(host, wantedPort);
  const store = new Store();
  const member = new Member(store);
  const lessor = new Lessor(store);
  const auth = new Auth(options.tokenTtlMs);
  if (options.auth !== undefined) {
    addUsers(auth, options.auth);
  }
  const watch = new WatchService(store, auth, member, options.progressIntervalMs);
  const server = new Server({
    "grpc.max_receive_message_length": maxReceiveBytes,
    "grpc.max_send_message_length": -1,
  });
  server.addService(measured(etcdService("KV")), kvService(store, lessor, auth, member));
  server.addService(etcdService("Lease"), leaseService(lessor, auth, member));
  server.addService(etcdService("Watch"), watch.implementation);
  server.addService(etcdService("Maintenance"), maintenanceService(store, auth, member));
  server.addService(etcdService("Cluster"), clusterService(member));
  server.addService(etcdService("Auth"), authService(auth, member));

  const stop = once(async () => {
    lessor.close();
    watch.close();
    await shutDown(server);
  });
  try {
    const port = await bind(server, `${host}:${wantedPort}`, options.tls);
    const endpoint = `${host}:${port}`;
    member.clientUrl = `${options.tls === undefined ? "http" : "https"}://${endpoint}`;
    return { port, endpoint, store, close: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** grpc-js hides the reason why it can't listen in a list, and writes a line to stderr. */
function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once("error", reject);
    socket.listen(port, host, () => socket.close(() => resolve()));
  });
}

function bind(server: Server, address: string, tls: ServerTls | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, port) => (error ? reject(error) : resolve(port)));
  });
}

/** tryShutdown says when the sockets are closed; forceShutdown doesn't wait for clients to go. */
function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.tryShutdown(() => resolve());
    server.forceShutdown();
  });
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run();
    return result;
  };
}
