import { describe, expect, it } from "vitest";
import { b, type Message, plain, revisionOf } from "../../support/raw-etcd.js";
import type { Suite } from "../etcd-server.contract.js";

const put = (key: string, value: string, more: Message = {}) => ({
  request_put: { key: b(key), value: b(value), ...more },
});
const range = (key: string, more: Message = {}) => ({ request_range: { key: b(key), ...more } });
const del = (key: string, more: Message = {}) => ({ request_delete_range: { key: b(key), ...more } });
const nested = (txn: Message) => ({ request_txn: txn });

export function txnContract(suite: Suite): void {
  const succeeded = async (compare: Message | Message[]) =>
    (await suite.raw.txn({ compare: [compare].flat(), success: [], failure: [] })).succeeded;

  describe("Txn", () => {
    it("does everything in one revision, and sees its own writes", async () => {
      const p = suite.prefix();
      const { header } = await suite.raw.put(`${p}old`, "0");
      const revision = Number((header as Message).revision);
      const response = await suite.raw.txn({
        success: [
          put(`${p}a`, "1"),
          range(`${p}a`),
          del(`${p}old`, { prev_kv: true }),
          put(`${p}b`, "2", { prev_kv: true }),
        ],
      });
      expect(revisionOf(response)).toBe(revision + 1);
      expect(plain(response.responses)).toMatchObject([
        { response: "response_put" },
        { response_range: { kvs: [{ value: "1", mod_revision: `${revision + 1}` }] } },
        { response_delete_range: { deleted: "1", prev_kvs: [{ value: "0" }] } },
        { response: "response_put" },
      ]);
      expect(plain((await suite.raw.range(`${p}b`)).kvs)).toMatchObject([{ mod_revision: `${revision + 1}` }]);
    });

    it("takes the failure branch when a comparison doesn't hold, and makes no revision of reading", async () => {
      const p = suite.prefix();
      const { header } = await suite.raw.put(`${p}k`, "1");
      const response = await suite.raw.txn({
        compare: [{ key: b(`${p}k`), target: "Version", result: "Equal", version: 0 }],
        success: [put(`${p}k`, "2")],
        failure: [range(`${p}k`)],
      });
      expect([response.succeeded, revisionOf(response)]).toEqual([false, Number((header as Message).revision)]);
      expect(plain(response.responses)).toMatchObject([{ response_range: { kvs: [{ value: "1" }] } }]);
    });

    it("compares version, creation, modification, value and lease with every operator", async () => {
      const p = suite.prefix();
      const { ID } = await suite.raw.call("Lease", "LeaseGrant", { TTL: 60 });
      const created = revisionOf(await suite.raw.put(`${p}k`, "a", { lease: ID }));
      await suite.raw.put(`${p}k`, "m", { lease: ID });
      const one = BigInt(`${ID}`);
      for (const [target, field, less, equal, greater] of [
        ["Version", "version", 1, 2, 3],
        ["Create", "create_revision", created - 1, created, created + 1],
        ["Mod", "mod_revision", created, created + 1, created + 2],
        ["Value", "value", b("l"), b("m"), b("ma")],
        ["Lease", "lease", `${one - 1n}`, `${one}`, `${one + 1n}`],
      ] as const) {
        for (const [result, expected] of [
          ["Greater", [true, false, false]],
          ["Equal", [false, true, false]],
          ["Less", [false, false, true]],
          ["NotEqual", [true, false, true]],
        ] as const) {
          const compares = [less, equal, greater].map((than) => ({ key: b(`${p}k`), target, result, [field]: than }));
          const results = await Promise.all(compares.map((compare) => succeeded(compare)));
          expect(results, `${target} ${result}`).toEqual(expected);
        }
      }
    });

    it("takes a missing key for 0, but for no value at all", async () => {
      const key = b(suite.prefix());
      expect(await succeeded({ key, target: "Version", result: "Equal", version: 0 })).toBe(true);
      expect(await succeeded({ key, target: "Mod", result: "Less", mod_revision: 1 })).toBe(true);
      expect(await succeeded({ key, target: "Value", result: "Equal", value: b("") })).toBe(false);
      expect(await succeeded({ key, target: "Value", result: "NotEqual", value: b("x") })).toBe(false);
    });

    it("compares every key of a range, and all comparisons must hold", async () => {
      const p = suite.prefix();
      await suite.raw.put(`${p}a`, "1");
      await suite.raw.put(`${p}b`, "2");
      const all = { key: b(`${p}a`), range_end: b(`${p}c`) };
      expect(await succeeded({ ...all, target: "Value", result: "Greater", value: b("0") })).toBe(true);
      expect(await succeeded({ ...all, target: "Value", result: "Equal", value: b("1") })).toBe(false);
      const yes = { key: b(`${p}a`), target: "Version", result: "Equal", version: 1 };
      expect(await succeeded([yes, { ...yes, version: 2 }])).toBe(false);
      expect(await succeeded([])).toBe(true);
    });

    it("decides nested transactions by the state before the outer one", async () => {
      const p = suite.prefix();
      const response = await suite.raw.txn({
        success: [
          put(`${p}a`, "1"),
          nested({
            compare: [{ key: b(`${p}a`), target: "Version", result: "Equal", version: 0 }],
            success: [put(`${p}b`, "2"), range(`${p}a`)],
            failure: [put(`${p}c`, "3")],
          }),
        ],
      });
      const inner = (response.responses as Message[])[1]?.response_txn as Message;
      expect(inner.succeeded).toBe(true);
      expect(plain(inner.responses)).toMatchObject([{}, { response_range: { count: "1" } }]);
      expect(inner.header).toMatchObject({ revision: "0", cluster_id: "0" });
      expect((await suite.raw.range(`${p}c`)).count).toBe("0");
    });

    it.each([
      ["two puts", [put("k", "1"), put("k", "2")]],
      ["a put and a delete", [put("k", "1"), del("k")]],
      ["a put in a deleted range", [del("j", { range_end: b("l") }), put("k", "1")]],
      ["a put and a nested put", [put("k", "1"), nested({ failure: [put("k", "2")] })]],
    ])("refuses %s of one key", async (_what, success) => {
      expect(await suite.raw.failure("KV", "Txn", { success })).toBe(
        "3 etcdserver: duplicate key given in txn request",
      );
    });

    it("lets the branches of a nested transaction put the same key", async () => {
      const p = suite.prefix();
      await suite.raw.txn({ success: [nested({ success: [put(`${p}k`, "1")], failure: [put(`${p}k`, "2")] })] });
      expect(plain((await suite.raw.range(`${p}k`)).kvs)).toMatchObject([{ value: "1" }]);
    });

    it("writes nothing when a part of it can't be done", async () => {
      const p = suite.prefix();
      const revision = await suite.raw.revision();
      const failure = (op: Message) => suite.raw.failure("KV", "Txn", { success: [put(`${p}a`, "1"), op] });
      expect(await failure(put(`${p}b`, "2", { lease: 4711 }))).toBe("5 etcdserver: requested lease not found");
      expect(await failure(nested({ success: [put(`${p}b`, "2", { lease: 4711 })] }))).toMatch(/lease not found$/);
      expect(await failure(put(`${p}b`, "", { ignore_value: true }))).toBe("3 etcdserver: key not found");
      expect(await failure(range(`${p}b`, { revision: revision + 10 }))).toMatch(/^11 .*future revision$/);
      expect(await failure(del(""))).toBe("3 etcdserver: key is not provided");
      expect(await failure({})).toBe("3 etcdserver: key not found");
      expect(await suite.raw.revision()).toBe(revision);
      expect((await suite.raw.range(`${p}a`)).count).toBe("0");
    });

    it("takes 128 operations, and no more", async () => {
      const p = suite.prefix();
      const puts = Array.from({ length: 129 }, (_, i) => put(`${p}${i}`, ""));
      await suite.raw.txn({ success: puts.slice(1) });
      const tooMany = "3 etcdserver: too many operations in txn request";
      expect(await suite.raw.failure("KV", "Txn", { success: puts })).toBe(tooMany);
      const inner = [nested({ success: puts.slice(1, 101) })];
      await suite.raw.txn({ success: inner });
      expect(await suite.raw.failure("KV", "Txn", { success: [...inner, ...puts.slice(101)] })).toBe(tooMany);
    });
  });
}
