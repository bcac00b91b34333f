import { setTimeout as delay } from "node:timers/promises";
import type { Etcd3, ILeaseKeepAliveResponse } from "etcd3";
import { ConflictError } from "../../errors.js";
import type { EtcdClient } from "./client.js";

/** A failed renewal is tried again after this. */
const RETRY_MS = 1_000;

/**
 * A lease that is kept alive until it is revoked. `lost` is aborted as soon as it is gone, or when it could not be
 * renewed for as long as the server promised to keep it: from then on somebody else may hold what it held.
 */
export class Lease {
  private readonly lostBy = new AbortController();
  private readonly stop = new AbortController();
  private expiry: NodeJS.Timeout | undefined;

  private constructor(
    private readonly client: EtcdClient,
    readonly id: string,
    private readonly ttlMs: number,
    /** What is lost with it, for the message: "the lock of keyspaces/commerce". */
    private readonly subject: string,
  ) {}

  get lost(): AbortSignal {
    return this.lostBy.signal;
  }

  /** `ttlSeconds` is what we ask for; etcd may grant more. */
  static async grant(client: EtcdClient, ttlSeconds: number, subject: string, signal?: AbortSignal): Promise<Lease> {
    const asked = performance.now();
    const granted = await client.read((etcd) => etcd.leaseClient.leaseGrant({ TTL: ttlSeconds }), signal);
    const lease = new Lease(client, granted.ID, Number(granted.TTL) * 1000, subject);
    lease.expectExpiry(asked);
    lease.keepAlive().catch((error) => lease.lose(String(error)));
    return lease;
  }

  /**
   * One renewal, at once (clientv3's KeepAliveOnce). ConflictError when the lease is gone, UnreachableError when the
   * server does not answer.
   */
  async renew(signal?: AbortSignal): Promise<void> {
    const asked = performance.now();
    const answer = await this.client.read((etcd) => keepAliveOnce(etcd, this.id, this.client.timeoutMs), signal);
    if (Number(answer.TTL) > 0) return this.expectExpiry(asked);
    this.lose("its lease has expired or was revoked");
    this.lost.throwIfAborted();
  }

  lose(why: string): void {
    if (this.stop.signal.aborted) return;
    this.end();
    const hint = "Somebody else may be changing it now: look at its state before you repeat the command.";
    this.lostBy.abort(new ConflictError(`${this.subject} was lost: ${why}`, { hint }));
  }

  /**
   * Gives it back, with every key that is bound to it. Never rejects: a server that does not answer ends the lease by
   * itself when its time is up.
   */
  async revoke(): Promise<void> {
    this.end();
    const revoked = this.client.read((etcd) => etcd.leaseClient.leaseRevoke({ ID: this.id }));
    await revoked.catch(() => undefined);
  }

  private end(): void {
    clearTimeout(this.expiry);
    this.stop.abort();
  }

  private async keepAlive(): Promise<void> {
    const { signal } = this.stop;
    let pause = this.ttlMs / 3;
    while (!signal.aborted) {
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      pause = await this.renew(signal).then(
        () => this.ttlMs / 3,
        () => RETRY_MS,
      );
    }
  }

  /** The server counts from when it heard us, which is after we asked. */
  private expectExpiry(asked: number): void {
    if (this.stop.signal.aborted) return;
    clearTimeout(this.expiry);
    const left = asked + this.ttlMs - performance.now();
    const why = `its lease could not be renewed for ${this.ttlMs / 1000} s`;
    this.expiry = setTimeout(() => this.lose(why), left).unref();
  }
}

/** A stream for one answer: nothing stays open that could break unnoticed. */
function keepAliveOnce(etcd: Etcd3, id: string, timeoutMs: number): Promise<ILeaseKeepAliveResponse> {
  return new Promise((resolve, reject) => {
    etcd.leaseClient.leaseKeepAlive({ deadline: Date.now() + timeoutMs }).then((stream) => {
      stream.on("data", (response) => {
        resolve(response);
        stream.cancel();
      });
      stream.on("error", reject);
      stream.on("end", () => reject(Object.assign(new Error("the stream ended"), { code: 14 })));
      stream.write({ ID: id });
    }, reject);
  });
}
