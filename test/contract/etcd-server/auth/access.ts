import { expect, it } from "vitest";
import { b, type Message } from "../../../support/raw-etcd.js";
import { type AuthSuite, DENIED, outcome } from "./suite.js";

/** What he may do. */
export function accessContract(suite: AuthSuite): void {
  it("lets root do everything", async () => {
    expect(await outcome(suite.root.range("\0", { range_end: b("\0") }))).toBe("ok");
    expect(await outcome(suite.root.delete("other/k", { prev_kv: true }))).toBe("ok");
    expect((await suite.root.call("Auth", "UserList", {})).users).toEqual(["both", "reader", "root", "writer"]);
  });

  it("lets nobody else manage users, but read what he himself may", async () => {
    const reader = await suite.user("reader");
    expect(await reader.failure("Auth", "UserList", {})).toBe(DENIED);
    expect(await reader.failure("Auth", "RoleAdd", { name: "x" })).toBe(DENIED);
    expect(await reader.failure("Auth", "UserGrantRole", { user: "reader", role: "root" })).toBe(DENIED);
    expect(await reader.failure("Auth", "UserGet", { name: "root" })).toBe(DENIED);
    expect((await reader.call("Auth", "UserGet", { name: "reader" })).roles).toEqual(["reader"]);
    expect(await reader.failure("Auth", "RoleGet", { role: "writer" })).toBe(DENIED);
    expect(await outcome(reader.call("Auth", "RoleGet", { role: "reader" }))).toBe("ok");
  });

  it("keeps root", async () => {
    expect(await suite.failure("UserDelete", { name: "root" })).toBe("3 etcdserver: invalid auth management");
    expect(await suite.failure("RoleDelete", { role: "root" })).toBe("3 etcdserver: invalid auth management");
  });

  it("reads by keys and ranges, as far as permissions go", async () => {
    const reader = await suite.user("reader");
    expect(await outcome(reader.range("r/a"))).toBe("ok");
    expect(await outcome(reader.range("r/", { range_end: b("r0") }))).toBe("ok");
    expect(await outcome(reader.range("r/b", { range_end: b("r/c") }))).toBe("ok");
    expect(await outcome(reader.range("r0"))).toBe(DENIED);
    expect(await outcome(reader.range("r/", { range_end: b("r1") }))).toBe(DENIED);
    expect(await outcome(reader.range("q", { range_end: b("r0") }))).toBe(DENIED);
    expect(await outcome(reader.range("r/", { range_end: b("\0") }))).toBe(DENIED);
    expect(await outcome(reader.put("r/a", "v"))).toBe(DENIED);
    expect(await outcome(reader.delete("r/a"))).toBe(DENIED);
    const both = await suite.user("both");
    expect(await outcome(both.range("b/", { range_end: b("b1") }))).toBe("ok");
    expect(await outcome(both.range("one"))).toBe("ok");
    expect(await outcome(both.range("one", { range_end: b("ones") }))).toBe(DENIED);
    expect(await outcome(both.range("zz", { range_end: b("\0") }))).toBe("ok");
  });

  it("writes what may be written, and shows only what may be read", async () => {
    const writer = await suite.user("writer");
    expect(await outcome(writer.put("w/a", "v"))).toBe("ok");
    expect(await outcome(writer.put("w/a", "v", { prev_kv: true }))).toBe(DENIED);
    expect(await outcome(writer.range("w/a"))).toBe(DENIED);
    expect(await outcome(writer.delete("w/a", { prev_kv: true }))).toBe(DENIED);
    expect(await outcome(writer.delete("w/", { range_end: b("w1") }))).toBe(DENIED);
    expect(await outcome(writer.delete("w/", { range_end: b("w0") }))).toBe("ok");
    expect(await outcome(writer.put("x", "v"))).toBe(DENIED);
  });

  it("looks into all of a transaction, whichever way it goes", async () => {
    const both = await suite.user("both");
    const compare = (key: string) => ({ key: b(key), target: "Version", result: "Equal", version: 0 });
    const put = (key: string, more: Message = {}) => ({ request_put: { key: b(key), value: b("v"), ...more } });
    const range = (key: string) => ({ request_range: { key: b(key) } });
    const remove = (key: string) => ({ request_delete_range: { key: b(key) } });
    const commit = (request: Message) => outcome(both.txn(request));
    expect(await commit({ compare: [compare("b/1")], success: [put("b/1")], failure: [range("one")] })).toBe("ok");
    expect(await commit({ compare: [compare("x")], success: [put("b/1")] })).toBe(DENIED);
    expect(await commit({ success: [put("b/1")], failure: [put("one")] })).toBe(DENIED);
    expect(await commit({ success: [range("x")] })).toBe(DENIED);
    expect(await commit({ success: [put("b/1"), remove("one")] })).toBe(DENIED);
    expect((await both.range("b/1")).kvs).toMatchObject([{ version: "1" }]);
  });

  it("looks into transactions within transactions, and lets only root compact", async ({ skip }) => {
    if (suite.server.overlooks) return skip("an older etcd");
    const both = await suite.user("both");
    const put = (key: string) => ({ request_put: { key: b(key), value: b("v") } });
    const compare = { key: b("x"), target: "Version", result: "Equal", version: 0 };
    const nested = (request_txn: Message) => outcome(both.txn({ success: [{ request_txn }] }));
    expect(await nested({ success: [put("b/2"), put("x")] })).toBe(DENIED);
    expect(await nested({ compare: [compare] })).toBe(DENIED);
    expect((await both.range("b/2")).kvs).toEqual([]);
    expect(await both.failure("KV", "Compact", { revision: "1" })).toBe(DENIED);
  });
}
