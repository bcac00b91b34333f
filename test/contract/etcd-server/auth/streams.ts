import { expect, it } from "vitest";
import { b, type RawEtcd } from "../../../support/raw-etcd.js";
import { type AuthSuite, DENIED, EMPTY, NO_TOKEN, outcome } from "./suite.js";

/** Watches and leases. */
export function streamsContract(suite: AuthSuite): void {
  it("cancels watches that may not be, when they are created; one that is goes on without its token", async () => {
    const watch = async (raw: RawEtcd, key: string) => {
      const stream = raw.stream("Watch", "Watch");
      stream.write({ create_request: { key: b(key), range_end: b("") } });
      const { created, canceled, cancel_reason: reason } = await stream.next();
      return { stream, created, canceled, reason };
    };
    const refused = (code: string, text: string) => ({
      created: true,
      canceled: true,
      reason: `rpc error: code = ${code} desc = ${text.slice(text.indexOf(" ") + 1)}`,
    });
    const both = await suite.user("both");
    expect(await watch(both, "x")).toMatchObject(refused("PermissionDenied", DENIED));
    expect(await watch(suite.nobody, "b/1")).toMatchObject(refused("InvalidArgument", EMPTY));
    const { stream, canceled } = await watch(both, "b/watched");
    expect(canceled).toBe(false);
    await suite.auth("UserChangePassword", { name: "both", password: "both's" });
    expect(await watch(both, "b/1")).toMatchObject(refused("Unauthenticated", NO_TOKEN));
    await suite.root.put("b/watched", "v");
    expect((await stream.next()).events).toMatchObject([{ type: "Put" }]);
  });

  it("guards a lease by the keys that are bound to it", async () => {
    const [both, reader] = [await suite.user("both"), await suite.user("reader")];
    const { ID } = await both.call("Lease", "LeaseGrant", { TTL: 60 });
    expect(await outcome(both.put("b/leased", "v", { lease: ID }))).toBe("ok");
    expect(await reader.failure("Lease", "LeaseRevoke", { ID })).toBe(DENIED);
    expect(await outcome(both.call("Lease", "LeaseRevoke", { ID }))).toBe("ok");
    expect((await both.range("b/leased")).kvs).toEqual([]);
    const roots = await suite.root.call("Lease", "LeaseGrant", { TTL: 60 });
    await suite.root.put("other/leased", "v", { lease: roots.ID });
    expect(await outcome(both.put("b/x", "v", { lease: roots.ID }))).toBe(DENIED);
    expect(await both.failure("Lease", "LeaseRevoke", { ID: roots.ID })).toBe(DENIED);
  });

  it("keeps leases alive, and tells of them, for users only", async ({ skip }) => {
    if (suite.server.overlooks) return skip("an older etcd, where anybody may");
    const [both, reader] = [await suite.user("both"), await suite.user("reader")];
    expect(await suite.nobody.failure("Lease", "LeaseGrant", { TTL: 60 })).toBe(EMPTY);
    const { ID } = await both.call("Lease", "LeaseGrant", { TTL: 60 });
    await both.put("b/leased", "v", { lease: ID });
    const keepAlive = async (raw: RawEtcd) => {
      const stream = raw.stream("Lease", "LeaseKeepAlive");
      stream.write({ ID });
      return Promise.race([stream.ended, stream.next().then(({ TTL }) => `TTL ${TTL}`)]);
    };
    expect(await keepAlive(both)).toBe("TTL 60");
    expect(await keepAlive(reader)).toBe(DENIED);
    expect(await keepAlive(suite.nobody)).toBe(EMPTY);
    expect(await outcome(reader.call("Lease", "LeaseTimeToLive", { ID }))).toBe("ok");
    expect(await reader.failure("Lease", "LeaseTimeToLive", { ID, keys: true })).toBe(DENIED);
    expect(await suite.nobody.failure("Lease", "LeaseTimeToLive", { ID })).toBe(EMPTY);
    expect(await reader.failure("Lease", "LeaseLeases", {})).toBe(DENIED);
    expect(await suite.nobody.failure("Maintenance", "Status", {})).toBe(EMPTY);
  });
}
