import { Etcd3, type IOptions } from "etcd3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Suite } from "../etcd-server.contract.js";

/** The same server through etcd3, the client that this tool uses. */
export function clientContract(suite: Suite): void {
  function open(options: Partial<IOptions> = {}): Etcd3 {
    const client = new Etcd3({ hosts: suite.endpoint, ...options });
    onTestFinished(() => client.close());
    return client;
  }

  describe("through etcd3", () => {
    it("puts, gets, lists and deletes", async () => {
      const client = open().namespace(suite.prefix());
      await client.put("a").value("1");
      await client.put("b").value("2");
      expect(await client.get("a").string()).toBe("1");
      expect(await client.get("none").string()).toBeNull();
      expect(await client.getAll().sort("Key", "Descend").keys()).toEqual(["b", "a"]);
      expect((await client.delete().all()).deleted).toBe("2");
    });

    it("creates once, and swaps only what didn't change", async () => {
      const client = open();
      const key = `${suite.prefix()}k`;
      const create = () => client.if(key, "Version", "==", 0).then(client.put(key).value("1")).commit();
      const created = await create();
      expect(created.succeeded).toBe(true);
      expect((await create()).succeeded).toBe(false);
      const swap = (revision: string) =>
        client.if(key, "Mod", "==", revision).then(client.put(key).value("2")).else(client.get(key)).commit();
      expect((await swap(created.header.revision)).succeeded).toBe(true);
      const refused = await swap(created.header.revision);
      expect(refused.succeeded).toBe(false);
      expect(refused.responses[0]?.response_range.kvs[0]?.value.toString()).toBe("2");
    });

    it("watches, also from a revision in the past", async () => {
      const client = open();
      const key = `${suite.prefix()}k`;
      const { header } = await client.put(key).value("1");
      const watcher = await client.watch().key(key).startRevision(header.revision).create();
      const values: string[] = [];
      const both = new Promise<void>((resolve) => {
        watcher.on("put", ({ value }) => {
          values.push(value.toString());
          if (values.length === 2) {
            resolve();
          }
        });
      });
      await client.put(key).value("2");
      await both;
      expect(values).toEqual(["1", "2"]);
      await watcher.cancel();
    });

    it("keeps a lease alive and revokes it", async () => {
      const client = open();
      const lease = client.lease(5);
      const key = `${suite.prefix()}k`;
      const renewed = new Promise((resolve) => lease.once("keepaliveSucceeded", resolve));
      await lease.put(key).value("1");
      expect(await renewed).toMatchObject({ TTL: "5" });
      await lease.keepaliveOnce();
      await lease.revoke();
      expect(await client.get(key).exists()).toBe(false);
    });

    it("notices a lease that was revoked behind its back", async () => {
      const client = open();
      const lease = client.lease(5);
      const id = await lease.grant();
      const lost = new Promise((resolve) => lease.once("lost", resolve));
      await client.leaseClient.leaseRevoke({ ID: id });
      await expect(lease.keepaliveOnce()).rejects.toThrow(/expired/i);
      await lost;
    });

    it("takes turns with its own lock", async () => {
      const client = open();
      const name = suite.prefix();
      const lock = await client.lock(name).ttl(5).acquire();
      await expect(client.lock(name).ttl(5).acquire()).rejects.toThrow(/lock/i);
      await lock.release();
      await client
        .lock(name)
        .ttl(5)
        .do(() => undefined);
    });

    it("is told that there are no users", async () => {
      const client = open({ auth: { username: "root", password: "x" }, credentials: undefined });
      await expect(client.get("a").string()).rejects.toThrow(/authentication is not enabled/);
    });
  });
}
