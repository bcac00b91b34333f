/**
 * Vitess's lock of a directory in the topology (go/vt/topo/etcd2topo/lock.go): a key bound to a lease below
 * `locks/`; one's turn has come when no older key is left.
 */
import { hostname, userInfo } from "node:os";
import type { Etcd3, Lease } from "etcd3";
import { sleep } from "./tablet/gate.js";

export interface LockRequest {
  /** What the lock is for, as it stands in the key: "vdiff". */
  action: string;
  /** The key has Options (v22). */
  options: boolean;
  /** How long it is held, at most: see lockDirectory. */
  ttlSeconds: number;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface TopoLock {
  /** Never rejects: a lease that can't be given back ends by itself. */
  release(): Promise<void>;
}

const POLL_MS = 50;

/**
 * `dirKey` is the whole key of the directory, without a slash at its end. The lease is kept alive until the lock is had
 * and no longer, as Vitess does: whoever works behind it for longer than its time to live works without it (measured on
 * v18.0.8). Rejects with "deadline exceeded: <key>" when the time is up, with "interrupted: <key>" when the signal aborts.
 */
export async function lockDirectory(etcd: Etcd3, dirKey: string, request: LockRequest): Promise<TopoLock> {
  request.signal.throwIfAborted();
  const dir = `${dirKey}/locks`;
  const lease = etcd.lease(request.ttlSeconds);
  const timeUp = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeUp]);
  try {
    const key = `${dir}/${await lease.grant()}`;
    const { header } = await lease.put(key).value(contents(request));
    while (await hasOlder(etcd, dir, Number(header.revision))) await sleep(POLL_MS, signal);
    lease.release();
    return { release: () => revoke(lease) };
  } catch (error) {
    await revoke(lease);
    if (timeUp.aborted) throw new Error(`deadline exceeded: ${dir}`);
    throw request.signal.aborted ? new Error(`interrupted: ${dir}`) : error;
  }
}

async function hasOlder(etcd: Etcd3, dir: string, revision: number): Promise<boolean> {
  const { kvs } = await etcd.getAll().prefix(`${dir}/`).exec();
  return kvs.some((kv) => Number(kv.create_revision) < revision);
}

async function revoke(lease: Lease): Promise<void> {
  await lease.revoke().catch(() => {});
}

/** go/vt/topo/locks.go, newLock and ToJSON. */
function contents({ action, options }: LockRequest): string {
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const who = { Action: action, HostName: hostname(), UserName: userName(), Time: time };
  const lock = { ...who, ...(options && { Options: {} }), Status: "Running" };
  return JSON.stringify(lock, undefined, 2);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry in its passwd file.
    return "unknown";
  }
}
