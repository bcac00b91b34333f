import type { IKeyValue } from "etcd3";
import type { Conn, Lock, LockContents, LockKey, LockRequest, TopoFile, TopoIdentity, Version } from "../port.js";
import type { EtcdClient } from "./client.js";
import { connectEtcd } from "./connect.js";
import { childNames, keysWithPrefix } from "./directory.js";
import { noNode } from "./errors.js";
import { clusterId, createKey, deleteKey, readKey, updateKey } from "./file.js";
import { acquireLock, lockHolders } from "./lock.js";
import { locksBelow } from "./lock-keys.js";
import type { EtcdOptions } from "./options.js";
import { directoryPrefix, joinPath } from "./path.js";
import { watchKey } from "./watch.js";

export interface EtcdConnRequest extends EtcdOptions {
  /** Endpoints, comma separated. */
  server: string;
  root: string;
  /** For opening only: the connection outlives it, as what an interrupted command has to put back needs it. */
  signal?: AbortSignal;
}

/**
 * Opens a topology in etcd v3, Vitess's "etcd2" (go/vt/topo/etcd2topo). Resolves when an endpoint has answered a
 * read; rejects within 10 s with UnreachableError or AuthError naming the address and the layer that failed, or
 * with UsageError for an address that is none.
 */
export async function openEtcdConn(request: EtcdConnRequest): Promise<Conn> {
  const { server, root, signal, ...options } = request;
  const client = await connectEtcd(server, directoryPrefix(joinPath(root)), options, signal);
  return new EtcdConn(client, server, root);
}

class EtcdConn implements Conn {
  readonly description: string;

  constructor(
    private readonly client: EtcdClient,
    server: string,
    private readonly root: string,
  ) {
    this.description = `etcd2 ${server} ${root}`;
  }

  async identity(signal?: AbortSignal): Promise<TopoIdentity> {
    const root = joinPath(this.root);
    return { clusterId: await clusterId(this.client, directoryPrefix(root), signal), root };
  }

  async get(path: string, signal?: AbortSignal): Promise<TopoFile> {
    const { kv } = await readKey(this.client, this.key(path), signal);
    if (kv === undefined) throw noNode(this.key(path));
    return file(path, kv);
  }

  create(path: string, contents: Uint8Array, signal?: AbortSignal): Promise<Version> {
    return createKey(this.client, this.key(path), contents, signal);
  }

  update(path: string, contents: Uint8Array, version: Version | undefined, signal?: AbortSignal): Promise<Version> {
    return updateKey(this.client, this.key(path), contents, version, signal);
  }

  delete(path: string, version?: Version, signal?: AbortSignal): Promise<void> {
    return deleteKey(this.client, this.key(path), version, signal);
  }

  listDir(dir: string, signal?: AbortSignal): Promise<string[]> {
    return childNames(this.client, this.key(dir), signal);
  }

  async list(prefix: string, signal?: AbortSignal): Promise<TopoFile[]> {
    const above = directoryPrefix(joinPath(this.root)).length;
    // Within the root even for an empty prefix: "/vitess/global" is no part of "/vitess/global2".
    const start = prefix === "" ? directoryPrefix(joinPath(this.root)) : this.key(prefix);
    const kvs = await keysWithPrefix(this.client, start, signal);
    return kvs.map((kv) => file(kv.key.toString("utf8").slice(above), kv));
  }

  async *watch(path: string, signal: AbortSignal): AsyncGenerator<TopoFile | undefined, void> {
    for await (const { kv } of watchKey(this.client, this.key(path), signal)) {
      yield kv === undefined ? undefined : file(path, kv);
    }
  }

  lock(dir: string, request: LockRequest): Promise<Lock> {
    return acquireLock(this.client, this.root, dir, request);
  }

  lockHolders(dir: string, signal?: AbortSignal): Promise<LockContents[]> {
    return lockHolders(this.client, this.root, dir, signal);
  }

  locksBelow(dir: string, signal?: AbortSignal): Promise<LockKey[]> {
    return locksBelow(this.client, this.root, dir, signal);
  }

  close(): void {
    this.client.close();
  }

  private key(path: string): string {
    return joinPath(this.root, path);
  }
}

function file(path: string, kv: IKeyValue): TopoFile {
  return { path, contents: kv.value, version: kv.mod_revision };
}
