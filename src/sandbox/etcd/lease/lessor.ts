import { randomBytes } from "node:crypto";
import { errors } from "../errors.js";
import type { Int64, KeyValue } from "../messages.js";
import { type KeyString, keyString, single } from "../mvcc/interval.js";
import type { Store } from "../mvcc/store.js";
import type { CommittedChange } from "../mvcc/write-txn.js";
import { ExpiryTimer } from "./expiry-timer.js";

/** Seconds. etcd raises shorter leases to one and a half election timeouts (lease/lessor.go, minLeaseTTL). */
const minTtl = 2;
const maxTtl = 9_000_000_000;

interface Lease {
  id: Int64;
  ttl: number;
  /** Milliseconds of performance.now(), which no change of the clock moves. */
  expiresAt: number;
  keys: Set<KeyString>;
}

/** Leases, the keys bound to them, and their expiry (server/lease/lessor.go, v3.5). */
export class Lessor {
  readonly #leases = new Map<Int64, Lease>();
  readonly #store: Store;
  readonly #timer = new ExpiryTimer(() => this.#expire());
  readonly #stopListening: () => void;

  constructor(store: Store) {
    this.#store = store;
    this.#stopListening = store.onCommit((_revision, changes) => this.#rebind(changes));
  }

  has(id: Int64): boolean {
    return this.#leases.has(id);
  }

  /** The bound keys, in byte order; none when there is no such lease. */
  keysOf(id: Int64): Buffer[] {
    return [...(this.#leases.get(id)?.keys ?? [])].sort().map((key) => Buffer.from(key, "latin1"));
  }

  /** Id "0": one is chosen. `ttl` in seconds. Errors: leaseExists, leaseTtlTooLarge. */
  grant(id: Int64, ttl: number): { id: Int64; ttl: number } {
    if (ttl > maxTtl) {
      throw errors.leaseTtlTooLarge();
    }
    if (this.#leases.has(id)) {
      throw errors.leaseExists();
    }
    const lease: Lease = {
      id: id === "0" ? this.#freeId() : id,
      ttl: Math.max(ttl, minTtl),
      expiresAt: 0,
      keys: new Set(),
    };
    this.#leases.set(lease.id, lease);
    this.#refresh(lease);
    return { id: lease.id, ttl: lease.ttl };
  }

  /** Deletes the lease's keys in one revision. Errors: leaseNotFound. */
  revoke(id: Int64): void {
    this.#remove(this.#find(id));
    this.#schedule();
  }

  /** Begins the lease's time anew; its TTL in seconds. Errors: leaseNotFound. */
  renew(id: Int64): number {
    const lease = this.#find(id);
    this.#refresh(lease);
    return lease.ttl;
  }

  /** Whole seconds left, and the bound keys in byte order. Errors: leaseNotFound. */
  timeToLive(id: Int64): { ttl: number; grantedTtl: number; keys: Buffer[] } {
    const lease = this.#find(id);
    return {
      ttl: Math.max(0, Math.floor((lease.expiresAt - performance.now()) / 1000)),
      grantedTtl: lease.ttl,
      keys: this.keysOf(id),
    };
  }

  /** The ids, the one that expires first in front. */
  list(): Int64[] {
    return [...this.#leases.values()].sort((a, b) => a.expiresAt - b.expiresAt).map((lease) => lease.id);
  }

  close(): void {
    this.#timer.stop();
    this.#stopListening();
  }

  #find(id: Int64): Lease {
    const lease = this.#leases.get(id);
    if (lease === undefined) {
      throw errors.leaseNotFound();
    }
    if (lease.expiresAt <= performance.now()) {
      // Its time was up before the timer could say so: it can't be renewed any more.
      this.#expire();
      throw errors.leaseNotFound();
    }
    return lease;
  }

  #remove(lease: Lease): void {
    this.#leases.delete(lease.id);
    this.#store.write((txn) => {
      for (const key of [...lease.keys].sort()) {
        txn.delete(single(key));
      }
    });
  }

  #refresh(lease: Lease): void {
    lease.expiresAt = performance.now() + lease.ttl * 1000;
    this.#schedule();
  }

  #schedule(): void {
    const times = [...this.#leases.values()].map((lease) => lease.expiresAt);
    this.#timer.set(times.length > 0 ? Math.min(...times) : undefined);
  }

  #expire(): void {
    const now = performance.now();
    for (const lease of [...this.#leases.values()].filter((lease) => lease.expiresAt <= now)) {
      this.#remove(lease);
    }
    this.#schedule();
  }

  /** A key is bound to the lease of its last put. */
  #rebind(changes: readonly CommittedChange[]): void {
    for (const { event, before } of changes) {
      const key = keyString(event.kv.key);
      this.#keysOf(before)?.delete(key);
      this.#keysOf(event.kv)?.add(key);
    }
  }

  #keysOf(kv: KeyValue | undefined): Set<KeyString> | undefined {
    return kv && this.#leases.get(kv.lease)?.keys;
  }

  /** etcd chooses positive ids only. */
  #freeId(): Int64 {
    for (;;) {
      const id = (randomBytes(8).readBigUInt64BE() >> 1n).toString();
      if (id !== "0" && !this.#leases.has(id)) {
        return id;
      }
    }
  }
}
