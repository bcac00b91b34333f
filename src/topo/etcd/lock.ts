import type { IKeyValue } from "etcd3";
import { ConflictError } from "../../errors.js";
import { describeHolder } from "../lock-holder.js";
import type { Lock, LockContents, LockRequest } from "../port.js";
import { sleep } from "./abort.js";
import type { EtcdClient } from "./client.js";
import { childNames, rangeOf } from "./directory.js";
import { noNode } from "./errors.js";
import { createKey, readKey } from "./file.js";
import { Lease } from "./lease.js";
import { formatLockContents, parseLockContents } from "./lock-contents.js";
import { joinPath } from "./path.js";
import { KeyWatch, next } from "./watch.js";

/** `--topo_etcd_lease_ttl`'s default in every version: how long a killed process keeps a lock. */
const LEASE_SECONDS = 30;
const POLL_MS = 2_000;
const REOPEN_MS = 200;

/**
 * Takes a directory's lock as etcd2topo does (go/vt/topo/etcd2topo/lock.go), so that Vitess's own tools and we wait
 * for each other: a key bound to a lease, and one's turn has come when no older key is left. (etcd3's and etcdctl's
 * locks are other recipes.)
 *
 * NotFoundError when the directory does not exist; ConflictError naming the holder when `timeoutMs` is over, which
 * covers everything from the first request on; InterruptedError. Whatever the failure, our place in the queue is
 * given up.
 */
export async function acquireLock(client: EtcdClient, root: string, dir: string, request: LockRequest): Promise<Lock> {
  const dirKey = joinPath(root, dir);
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new ConflictError(`deadline exceeded: ${dir}`)), request.timeoutMs);
  const signal = AbortSignal.any([timeUp.signal, ...(request.signal ? [request.signal] : [])]);
  try {
    if (!request.allowMissingDir && (await childNames(client, dirKey, signal)).length === 0) throw noNode(dirKey);
    return await standInQueue(client, dir, dirKey, request.action, signal);
  } catch (error) {
    if (error !== timeUp.signal.reason) throw error;
    throw await heldByOther(client, root, dir, request.timeoutMs, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Who holds or awaits a directory's lock, oldest first. */
export async function lockHolders(
  client: EtcdClient,
  root: string,
  dir: string,
  signal?: AbortSignal,
): Promise<LockContents[]> {
  const range = {
    ...rangeOf(`${joinPath(root, dir, "locks")}/`),
    sort_target: "Create",
    sort_order: "Ascend",
  } as const;
  const { kvs } = await client.read((etcd) => etcd.kv.range(range), signal);
  return kvs.map((kv) => parseLockContents(kv.value.toString("utf8")));
}

async function standInQueue(
  client: EtcdClient,
  dir: string,
  dirKey: string,
  action: string,
  signal: AbortSignal,
): Promise<Lock> {
  const lease = await Lease.grant(client, LEASE_SECONDS, `the lock of ${dir}`, signal);
  const key = joinPath(dirKey, "locks", lease.id);
  try {
    const contents = Buffer.from(formatLockContents(action, new Date()));
    const revision = await createKey(client, key, contents, signal, lease.id);
    await ourTurn(client, `${dirKey}/locks/`, revision, AbortSignal.any([signal, lease.lost]));
    return new EtcdLock(client, dir, key, revision, lease);
  } catch (error) {
    await lease.revoke();
    throw error;
  }
}

/** Waits until no key is left that is older than ours; the youngest of them is the one to watch. */
async function ourTurn(client: EtcdClient, prefix: string, revision: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const older = await youngestOlder(client, prefix, revision, signal);
    if (older.kv === undefined) return;
    const watch = new KeyWatch(client, older.kv.key.toString("utf8"), next(older.revision));
    try {
      // Whatever ends the wait, the range above says whose turn it is.
      if ((await watch.next(POLL_MS, signal)) === "ended") await sleep(REOPEN_MS, signal);
    } finally {
      watch.close();
    }
  }
}

async function youngestOlder(
  client: EtcdClient,
  prefix: string,
  revision: string,
  signal: AbortSignal,
): Promise<{ kv: IKeyValue | undefined; revision: string }> {
  const range = {
    ...rangeOf(prefix),
    sort_target: "Mod",
    sort_order: "Descend",
    limit: 1,
    max_mod_revision: String(BigInt(revision) - 1n),
  } as const;
  const response = await client.read((etcd) => etcd.kv.range(range), signal);
  return { kv: response.kvs[0], revision: response.header.revision };
}

async function heldByOther(client: EtcdClient, root: string, dir: string, ms: number, cause: unknown) {
  const [holder] = await lockHolders(client, root, dir);
  const who = holder === undefined ? "it was released just now" : describeHolder(holder);
  return new ConflictError(`gave up after ${ms / 1000} s waiting for the lock of ${dir}: ${who}`, {
    hint: "It is released when that command ends; after a crash, when its lease is over (30 s; vtctld's named locks: 24 h).",
    cause,
  });
}

class EtcdLock implements Lock {
  private readonly released = new AbortController();

  constructor(
    private readonly client: EtcdClient,
    readonly dir: string,
    private readonly key: string,
    private readonly revision: string,
    private readonly lease: Lease,
  ) {
    this.watchOurKey().catch(() => undefined);
  }

  get lost(): AbortSignal {
    return this.lease.lost;
  }

  async check(): Promise<void> {
    this.lost.throwIfAborted();
    await this.lease.renew();
    await this.lookAtOurKey();
    this.lost.throwIfAborted();
  }

  async release(): Promise<void> {
    this.released.abort();
    await this.lease.revoke();
  }

  /** Hears at once of a revoked lease or a key deleted by hand; renewals would tell seconds later. */
  private async watchOurKey(): Promise<void> {
    const signal = AbortSignal.any([this.released.signal, this.lost]);
    for (let from = next(this.revision); !signal.aborted; ) {
      const watch = new KeyWatch(this.client, this.key, from);
      const news = await watch.next(LEASE_SECONDS * 1000, signal).finally(() => watch.close());
      if (news === "ended") await sleep(REOPEN_MS, signal);
      from = next(await this.lookAtOurKey(signal).catch(() => this.revision));
    }
  }

  /** Resolves to the store's revision. */
  private async lookAtOurKey(signal?: AbortSignal): Promise<string> {
    const { kv, revision } = await readKey(this.client, this.key, signal);
    if (kv === undefined) this.lease.lose("its key was deleted, or its lease expired or was revoked");
    return revision;
  }
}
