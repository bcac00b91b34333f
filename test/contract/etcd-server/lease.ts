import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { b, type Message, plain } from "../../support/raw-etcd.js";
import type { Suite } from "../etcd-server.contract.js";

export function leaseContract(suite: Suite): void {
  const grant = (TTL: number, ID: string | number = 0) => suite.raw.call("Lease", "LeaseGrant", { ID, TTL });
  const timeToLive = (ID: unknown) => suite.raw.call("Lease", "LeaseTimeToLive", { ID, keys: true });
  const listed = async () =>
    ((await suite.raw.call("Lease", "LeaseLeases", {})).leases as Message[]).map(({ ID }) => ID);

  describe("Lease", () => {
    it("chooses a positive id, or takes the one given", async () => {
      const chosen = await grant(60);
      expect(chosen).toMatchObject({ ID: expect.stringMatching(/^[1-9]\d*$/), TTL: "60", error: "" });
      expect(await grant(60, 77)).toMatchObject({ ID: "77", TTL: "60" });
      expect(await listed()).toEqual(expect.arrayContaining([chosen.ID, "77"]));
      expect(await suite.raw.failure("Lease", "LeaseGrant", { ID: 77, TTL: 60 })).toBe(
        "9 etcdserver: lease already exists",
      );
    });

    it("keeps ids of 63 bits exact", async () => {
      const p = suite.prefix();
      const ID = "9223372036854775807";
      await grant(60, ID);
      await suite.raw.put(`${p}k`, "", { lease: ID });
      expect(plain((await suite.raw.range(`${p}k`)).kvs)).toMatchObject([{ lease: ID }]);
    });

    it("raises a TTL that is too short, and refuses one that is too long", async () => {
      expect((await grant(0)).TTL).toBe("2");
      expect((await grant(1)).TTL).toBe("2");
      expect((await grant(9_000_000_000)).TTL).toBe("9000000000");
      expect(await suite.raw.failure("Lease", "LeaseGrant", { TTL: 9_000_000_001 })).toBe(
        "11 etcdserver: too large lease TTL",
      );
    });

    it("refuses a put with a lease that doesn't exist", async () => {
      const p = suite.prefix();
      const revision = await suite.raw.revision();
      expect(await suite.raw.failure("KV", "Put", { key: b(p), lease: 4711 })).toBe(
        "5 etcdserver: requested lease not found",
      );
      expect(await suite.raw.revision()).toBe(revision);
    });

    it("knows a lease's keys: those of their last put", async () => {
      const p = suite.prefix();
      const { ID } = await grant(60);
      const { ID: other } = await grant(60);
      for (const key of ["a", "b", "c", "d"]) {
        await suite.raw.put(p + key, "", { lease: ID });
      }
      await suite.raw.put(`${p}b`, "");
      await suite.raw.put(`${p}c`, "", { lease: other });
      await suite.raw.delete(`${p}d`);
      const { TTL, grantedTTL, keys } = await timeToLive(ID);
      expect([grantedTTL, plain(keys)]).toEqual(["60", [`${p}a`]]);
      expect([59, 60]).toContain(Number(TTL));
      expect(plain((await timeToLive(other)).keys)).toEqual([`${p}c`]);
      expect((await suite.raw.call("Lease", "LeaseTimeToLive", { ID })).keys).toEqual([]);
      expect(plain(await timeToLive(4711))).toEqual({ ID: "4711", TTL: "-1", grantedTTL: "0", keys: [] });
    });

    it("revokes: deletes the keys in one revision, the lease, and only once", async () => {
      const p = suite.prefix();
      const { ID } = await grant(60);
      await suite.raw.put(`${p}a`, "", { lease: ID });
      await suite.raw.put(`${p}b`, "", { lease: ID });
      const revision = await suite.raw.revision();
      await suite.raw.call("Lease", "LeaseRevoke", { ID });
      expect(await suite.raw.revision()).toBe(revision + 1);
      expect((await suite.raw.range(p, { range_end: b(`${p}z`) })).count).toBe("0");
      expect(await listed()).not.toContain(ID);
      expect(await suite.raw.failure("Lease", "LeaseRevoke", { ID })).toBe("5 etcdserver: requested lease not found");
    });

    it("expires in real time: keys go in one revision, watchers hear of it", async () => {
      const p = suite.prefix();
      const { ID } = await grant(2);
      await suite.raw.put(`${p}a`, "", { lease: ID });
      await suite.raw.put(`${p}b`, "", { lease: ID });
      const watch = suite.raw.stream("Watch", "Watch");
      watch.write({ create_request: { key: b(p), range_end: b(`${p}z`) } });
      await watch.next();
      const started = Date.now();
      const { events } = await watch.next();
      expect(plain(events)).toMatchObject([
        { type: "Delete", kv: { key: `${p}a` } },
        { type: "Delete", kv: { key: `${p}b` } },
      ]);
      expect(Date.now() - started).toBeGreaterThan(1500);
      expect((await timeToLive(ID)).TTL).toBe("-1");
      expect(await listed()).not.toContain(ID);
      watch.cancel();
    });

    it("lives on while it is kept alive, and dies afterwards", async () => {
      const p = suite.prefix();
      const { ID } = await grant(2);
      await suite.raw.put(`${p}k`, "", { lease: ID });
      const keepAlive = suite.raw.stream("Lease", "LeaseKeepAlive");
      for (let i = 0; i < 4; i++) {
        keepAlive.write({ ID });
        const { header, ...renewed } = await keepAlive.next();
        expect(renewed).toEqual({ ID, TTL: "2" });
        expect(header).toMatchObject({ cluster_id: expect.stringMatching(/^[1-9]/) });
        await sleep(800);
      }
      expect((await suite.raw.range(`${p}k`)).count).toBe("1");
      await sleep(2500);
      expect((await suite.raw.range(`${p}k`)).count).toBe("0");
      keepAlive.write({ ID });
      expect(await keepAlive.next()).toMatchObject({ ID, TTL: "0" });
      keepAlive.halfClose();
      expect(await keepAlive.ended).toBe("end");
    });

    it("answers a keepalive of an unknown lease with TTL 0, on the same stream as others", async () => {
      const { ID } = await grant(60);
      const keepAlive = suite.raw.stream("Lease", "LeaseKeepAlive");
      keepAlive.write({ ID: 4711 });
      keepAlive.write({ ID });
      expect(await keepAlive.next()).toMatchObject({ ID: "4711", TTL: "0" });
      expect(await keepAlive.next()).toMatchObject({ ID, TTL: "60" });
      keepAlive.cancel();
    });
  });
}
