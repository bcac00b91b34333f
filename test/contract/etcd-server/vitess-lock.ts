import { describe, expect, it, onTestFinished } from "vitest";
import { b, plain, RawEtcd, type RawStream, revisionOf } from "../../support/raw-etcd.js";
import type { Suite } from "../etcd-server.contract.js";

/**
 * Vitess's lock, request by request (go/vt/topo/etcd2topo/lock.go, v22): a key per waiter, bound to a lease and
 * created once; whoever has no older key beside his holds the lock, the others wait for the deletion of
 * the youngest older one.
 */
class VitessLock {
  readonly #etcd: RawEtcd;
  readonly #keepAlive: RawStream;
  leaseId = "";
  #revision = 0;

  constructor(
    endpoint: string,
    private readonly dir: string,
  ) {
    this.#etcd = new RawEtcd(endpoint);
    this.#keepAlive = this.#etcd.stream("Lease", "LeaseKeepAlive");
    onTestFinished(() => this.#etcd.close());
  }

  async queue(contents: string): Promise<void> {
    const { ID } = await this.#etcd.call("Lease", "LeaseGrant", { TTL: 30 });
    this.leaseId = `${ID}`;
    await this.check();
    const key = b(`${this.dir}/locks/${this.leaseId}`);
    const txn = await this.#etcd.txn({
      compare: [{ key, target: "Version", result: "Equal", version: 0 }],
      success: [{ request_put: { key, value: b(contents), lease: this.leaseId } }],
    });
    expect(txn.succeeded).toBe(true);
    this.#revision = revisionOf(txn);
  }

  /** Who stands before us, the next one only; undefined: nobody. */
  async before(): Promise<{ key: string; value: string } | undefined> {
    const prefix = `${this.dir}/locks/`;
    const { kvs } = await this.#etcd.range(prefix, {
      range_end: b(prefix.replace(/\/$/, "0")),
      sort_target: "Mod",
      sort_order: "Descend",
      limit: 1,
      max_mod_revision: this.#revision - 1,
    });
    return (plain(kvs) as { key: string; value: string }[])[0];
  }

  async acquire(): Promise<void> {
    for (let other = await this.before(); other !== undefined; other = await this.before()) {
      const watch = this.#etcd.stream("Watch", "Watch");
      watch.write({ create_request: { key: b(other.key), start_revision: this.#revision } });
      for (let deleted = false; !deleted; ) {
        const { events } = await watch.next();
        deleted = (events as { type: string }[]).some(({ type }) => type === "Delete");
      }
      watch.cancel();
    }
  }

  /** The seconds that the lease has again; "0" when the lock is lost. */
  async check(): Promise<string> {
    this.#keepAlive.write({ ID: this.leaseId });
    return `${(await this.#keepAlive.next()).TTL}`;
  }

  async release(): Promise<void> {
    await this.#etcd.call("Lease", "LeaseRevoke", { ID: this.leaseId });
  }
}

export function vitessLockContract(suite: Suite): void {
  describe("Vitess's lock", () => {
    it("goes to the first that came, then to the next, in order", async () => {
      const dir = `${suite.prefix()}keyspaces/commerce`;
      const lockers = [1, 2, 3].map(() => new VitessLock(suite.endpoint, dir));
      for (const [i, locker] of lockers.entries()) {
        await locker.queue(`locker ${i}`);
      }
      const [first, second, third] = lockers as [VitessLock, VitessLock, VitessLock];
      expect(await first.before()).toBeUndefined();
      expect((await second.before())?.value).toBe("locker 0");
      expect((await third.before())?.value).toBe("locker 1");

      const order: number[] = [];
      const turns = lockers.map(async (locker, i) => {
        await locker.acquire();
        order.push(i);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await locker.release();
      });
      await Promise.all(turns);
      expect(order).toEqual([0, 1, 2]);
    });

    it("moves on when one in the middle of the queue gives up", async () => {
      const dir = `${suite.prefix()}keyspaces/commerce`;
      const [first, second, third] = [1, 2, 3].map(() => new VitessLock(suite.endpoint, dir)) as [
        VitessLock,
        VitessLock,
        VitessLock,
      ];
      for (const locker of [first, second, third]) {
        await locker.queue("x");
      }
      const held = third.acquire();
      await second.release();
      expect((await third.before())?.key).toContain(first.leaseId);
      await first.release();
      await held;
    });

    it("is known to be lost once its lease is revoked", async () => {
      const lock = new VitessLock(suite.endpoint, `${suite.prefix()}keyspaces/commerce`);
      await lock.queue("x");
      await lock.acquire();
      expect(await lock.check()).toBe("30");
      await suite.raw.call("Lease", "LeaseRevoke", { ID: lock.leaseId });
      expect(await lock.check()).toBe("0");
    });
  });
}
