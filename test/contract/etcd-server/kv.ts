import { describe, expect, it } from "vitest";
import { b, type Message, plain, revisionOf } from "../../support/raw-etcd.js";
import type { Suite } from "../etcd-server.contract.js";

const codes = { invalidArgument: 3, outOfRange: 11 };

export function kvContract(suite: Suite): void {
  const keysOf = (response: Message) => (plain(response.kvs) as { key: string }[]).map((kv) => kv.key);
  /** Five keys below a new prefix; the revision before the first. */
  async function fiveKeys(): Promise<{ p: string; before: number }> {
    const p = suite.prefix();
    const before = await suite.raw.revision();
    for (const [name, value] of [
      ["b", "3"],
      ["a", "1"],
      ["d", "2"],
      ["c", "5"],
      ["e", "4"],
    ]) {
      await suite.raw.put(`${p}${name}`, `${value}`);
    }
    await suite.raw.put(`${p}a`, "9");
    return { p, before };
  }
  const end = (p: string) => ({ range_end: b(p.replace(/\/$/, "0")) });

  describe("KV", () => {
    it("writes a revision a put, counts versions and keeps the creation", async () => {
      const p = suite.prefix();
      const first = await suite.raw.put(`${p}k`, "1");
      const created = revisionOf(first);
      expect(first.prev_kv).toBeNull();
      const second = await suite.raw.put(`${p}k`, "2", { prev_kv: true });
      expect(revisionOf(second)).toBe(created + 1);
      expect(plain(second.prev_kv)).toMatchObject({ value: "1", version: "1", mod_revision: `${created}` });
      const { kvs, count, more } = await suite.raw.range(`${p}k`);
      expect(plain({ kvs, count, more })).toEqual({
        kvs: [
          {
            key: `${p}k`,
            value: "2",
            version: "2",
            create_revision: `${created}`,
            mod_revision: `${created + 1}`,
            lease: "0",
          },
        ],
        count: "1",
        more: false,
      });
    });

    it("fills every header in", async () => {
      const { header } = await suite.raw.range("x");
      const { header: other } = await suite.raw.put("x", "");
      expect(header).toMatchObject({
        cluster_id: expect.stringMatching(/^[1-9]/),
        member_id: expect.stringMatching(/^[1-9]/),
      });
      expect(other).toMatchObject({
        cluster_id: (header as Message).cluster_id,
        member_id: (header as Message).member_id,
        raft_term: "2",
      });
    });

    it("finds single keys, ranges, prefixes and everything from a key on", async () => {
      const { p } = await fiveKeys();
      expect(keysOf(await suite.raw.range(`${p}c`))).toEqual([`${p}c`]);
      expect(keysOf(await suite.raw.range(p))).toEqual([]);
      expect(keysOf(await suite.raw.range(`${p}b`, { range_end: b(`${p}d`) }))).toEqual([`${p}b`, `${p}c`]);
      expect(keysOf(await suite.raw.range(`${p}d`, { range_end: b(`${p}b`) }))).toEqual([]);
      expect(keysOf(await suite.raw.range(p, end(p)))).toEqual(["a", "b", "c", "d", "e"].map((k) => p + k));
      await suite.raw.put("~last", "");
      expect(keysOf(await suite.raw.range("~", { range_end: b("\0") }))).toContain("~last");
    });

    it("limits, and says that there is more and how many there are", async () => {
      const { p } = await fiveKeys();
      const limited = await suite.raw.range(p, { ...end(p), limit: 2 });
      expect([keysOf(limited), limited.more, limited.count]).toEqual([[`${p}a`, `${p}b`], true, "5"]);
      const exact = await suite.raw.range(p, { ...end(p), limit: 5 });
      expect([exact.more, keysOf(exact).length]).toEqual([false, 5]);
      const counted = await suite.raw.range(p, { ...end(p), count_only: true });
      expect([keysOf(counted), counted.more, counted.count]).toEqual([[], false, "5"]);
    });

    it.each([
      ["Key", "Descend", "edcba"],
      ["Version", "Descend", "abcde"],
      ["Create", "Ascend", "badce"],
      ["Mod", "Descend", "aecdb"],
      ["Value", "Ascend", "dbeca"],
      ["Mod", "None", "bdcea"],
    ])("sorts by %s, %s", async (target, order, expected) => {
      const { p } = await fiveKeys();
      const sorted = await suite.raw.range(p, { ...end(p), sort_target: target, sort_order: order });
      expect(keysOf(sorted)).toEqual([...expected].map((k) => p + k));
    });

    it("limits before it sorts when a target is given but no order", async () => {
      const { p } = await fiveKeys();
      const first = await suite.raw.range(p, { ...end(p), sort_target: "Mod", limit: 2 });
      expect([keysOf(first), first.more]).toEqual([[`${p}b`, `${p}c`], true]);
    });

    it("filters by revisions of creation and modification, and limits afterwards", async () => {
      const { p, before } = await fiveKeys();
      const names = async (more: Message) =>
        keysOf(await suite.raw.range(p, { ...end(p), ...more }))
          .join()
          .replaceAll(p, "");
      expect(await names({ max_mod_revision: before + 3 })).toBe("b,d");
      expect(await names({ min_mod_revision: before + 4 })).toBe("a,c,e");
      expect(await names({ max_create_revision: before + 2 })).toBe("a,b");
      expect(await names({ min_create_revision: before + 5 })).toBe("e");
      const youngest = { sort_target: "Mod", sort_order: "Descend", limit: 1, max_mod_revision: before + 5 };
      expect(await names(youngest)).toBe("e");
      expect((await suite.raw.range(p, { ...end(p), ...youngest })).count).toBe("5");
    });

    it("leaves values out when only keys are asked for", async () => {
      const { p } = await fiveKeys();
      const { kvs } = await suite.raw.range(`${p}a`, { keys_only: true });
      expect(plain(kvs)).toMatchObject([{ key: `${p}a`, value: "", version: "2" }]);
    });

    it("reads the past until it is compacted, and refuses the future", async () => {
      const { p, before } = await fiveKeys();
      await suite.raw.delete(`${p}b`);
      const past = await suite.raw.range(p, { ...end(p), revision: before + 2 });
      expect(plain(past.kvs)).toMatchObject([
        { key: `${p}a`, value: "1" },
        { key: `${p}b`, value: "3" },
      ]);
      expect(revisionOf(past)).toBe(before + 7);
      expect(await suite.raw.failure("KV", "Range", { key: b(p), revision: before + 8 })).toBe(
        `${codes.outOfRange} etcdserver: mvcc: required revision is a future revision`,
      );

      await suite.raw.call("KV", "Compact", { revision: before + 2, physical: true });
      expect(keysOf(await suite.raw.range(p, { ...end(p), revision: before + 2 }))).toHaveLength(2);
      const compacted = `${codes.outOfRange} etcdserver: mvcc: required revision has been compacted`;
      expect(await suite.raw.failure("KV", "Range", { key: b(p), revision: before + 1 })).toBe(compacted);
      expect(await suite.raw.failure("KV", "Compact", { revision: before + 2 })).toBe(compacted);
      expect(await suite.raw.failure("KV", "Compact", { revision: before + 100 })).toMatch(/future revision$/);
      expect(keysOf(await suite.raw.range(p, end(p)))).toHaveLength(4);
    });

    it("deletes, says how many and what, and makes no revision of deleting nothing", async () => {
      const { p } = await fiveKeys();
      const revision = await suite.raw.revision();
      const deleted = await suite.raw.delete(`${p}b`, { range_end: b(`${p}d`), prev_kv: true });
      expect([deleted.deleted, plain(deleted.prev_kvs), revisionOf(deleted)]).toMatchObject([
        "2",
        [
          { key: `${p}b`, value: "3" },
          { key: `${p}c`, value: "5" },
        ],
        revision + 1,
      ]);
      const nothing = await suite.raw.delete(`${p}b`);
      expect([nothing.deleted, nothing.prev_kvs, revisionOf(nothing)]).toEqual(["0", [], revision + 1]);
      const again = await suite.raw.put(`${p}b`, "new");
      expect(plain((await suite.raw.range(`${p}b`)).kvs)).toMatchObject([
        { version: "1", create_revision: `${revisionOf(again)}` },
      ]);
    });

    it("keeps the value or the lease when told to", async () => {
      const p = suite.prefix();
      const { ID } = await suite.raw.call("Lease", "LeaseGrant", { TTL: 60 });
      await suite.raw.put(`${p}k`, "1", { lease: ID });
      await suite.raw.put(`${p}k`, "", { ignore_value: true });
      expect(plain((await suite.raw.range(`${p}k`)).kvs)).toMatchObject([{ value: "1", lease: "0" }]);
      await suite.raw.put(`${p}k`, "1", { lease: ID });
      await suite.raw.put(`${p}k`, "2", { ignore_lease: true });
      expect(plain((await suite.raw.range(`${p}k`)).kvs)).toMatchObject([{ value: "2", lease: ID }]);
    });

    it.each([
      ["Range", {}, "key is not provided"],
      ["Put", {}, "key is not provided"],
      ["DeleteRange", {}, "key is not provided"],
      ["Put", { key: b("none"), ignore_value: true }, "key not found"],
      ["Put", { key: b("x"), value: b("1"), ignore_value: true }, "value is provided"],
      ["Put", { key: b("x"), lease: 1, ignore_lease: true }, "lease is provided"],
      ["Put", { key: b("x"), value: Buffer.alloc(1.5 * 1024 * 1024) }, "request is too large"],
    ])("refuses %s of %o: %s", async (method, request, text) => {
      expect(await suite.raw.failure("KV", method, request)).toBe(`${codes.invalidArgument} etcdserver: ${text}`);
    });

    it("takes a value just below its limit", async () => {
      const p = suite.prefix();
      await suite.raw.put(`${p}big`, "x".repeat(1.4 * 1024 * 1024));
      expect(Number((await suite.raw.range(`${p}big`)).count)).toBe(1);
    });

    it("takes an empty range_end that was sent for none in writes, but for everything after the key in reads", async () => {
      const { p } = await fiveKeys();
      expect((await suite.raw.delete(`${p}a`, { range_end: b("") })).deleted).toBe("1");
      const read = await suite.raw.range(`${p}b`, { range_end: b(""), limit: 4 });
      expect(keysOf(read)).toEqual(["b", "c", "d", "e"].map((k) => p + k));
    });
  });
}
