import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { b, type Message, plain, RawEtcd } from "../../support/raw-etcd.js";

export interface AuthUnderTest {
  readonly endpoint: string;
  /** A token's time, and as long as it takes the server to look for those whose time is over. */
  readonly tokenMs: number;
  /** 3.4 overlooks some requests, which 3.5.33 doesn't: of leases, nested transactions, compactions. */
  readonly overlooks: boolean;
  close(): Promise<void>;
}

const EMPTY = "3 etcdserver: user name is empty";
const DENIED = "7 etcdserver: permission denied";
const NO_TOKEN = "16 etcdserver: invalid auth token";
const AUTH_FAILED = "3 etcdserver: authentication failed, invalid user ID or password";

/** Users, roles and permissions, as Vitess's clients and we meet them in an etcd. */
export function authContract(start: () => Promise<AuthUnderTest>): void {
  let server: AuthUnderTest;
  /** Without a token; and root's. */
  let nobody: RawEtcd;
  let root: RawEtcd;

  beforeAll(async () => {
    server = await start();
    nobody = new RawEtcd(server.endpoint);
  });
  afterAll(async () => {
    nobody?.close();
    root?.close();
    await server?.close();
  });

  async function logIn(name: string, password = `${name}'s`): Promise<RawEtcd> {
    const { token } = await nobody.call("Auth", "Authenticate", { name, password });
    return new RawEtcd(server.endpoint, String(token));
  }

  async function user(name: string): Promise<RawEtcd> {
    const raw = await logIn(name);
    onTestFinished(() => raw.close());
    return raw;
  }

  const auth = (method: string, request: Message = {}) => (root ?? nobody).call("Auth", method, request);
  const failure = (method: string, request: Message = {}) => (root ?? nobody).failure("Auth", method, request);

  type Grant = [permType: string, key: string, end?: string];

  /** Makes a user of one role, which is called like him. */
  async function add(name: string, ...grants: Grant[]): Promise<void> {
    await auth("UserAdd", { name, password: `${name}'s` });
    await auth("RoleAdd", { name });
    await auth("UserGrantRole", { user: name, role: name });
    for (const [permType, key, end = ""] of grants) {
      await auth("RoleGrantPermission", { name, perm: { permType, key: b(key), range_end: b(end) } });
    }
  }

  /** "ok", or "<code> <text>". */
  function outcome(call: Promise<Message>): Promise<string> {
    return call.then(
      () => "ok",
      ({ code, details }: ServiceError) => `${code} ${details}`,
    );
  }

  describe("before it is enabled", () => {
    it("nobody can log in, and everybody may do everything", async () => {
      expect(await failure("Authenticate", { name: "root", password: "x" })).toBe(
        "9 etcdserver: authentication is not enabled",
      );
      expect(await outcome(nobody.put("k", "v"))).toBe("ok");
    });

    it("can't be enabled without a root user who has the root role", async () => {
      expect(await failure("AuthEnable")).toBe("9 etcdserver: root user does not exist");
      await auth("UserAdd", { name: "root", password: "root's" });
      expect(await failure("AuthEnable")).toBe("9 etcdserver: root user does not have root role");
      await auth("UserGrantRole", { user: "root", role: "root" });
    });

    it("has users and roles, with etcd's words for what is not there or there already", async () => {
      expect(await failure("UserAdd", { name: "", password: "x" })).toBe(EMPTY);
      expect(await failure("UserAdd", { name: "root", password: "x" })).toBe("9 etcdserver: user name already exists");
      expect(await failure("UserGet", { name: "x" })).toBe("9 etcdserver: user name not found");
      expect(await failure("UserDelete", { name: "x" })).toBe("9 etcdserver: user name not found");
      expect(await failure("UserChangePassword", { name: "x", password: "y" })).toBe(
        "9 etcdserver: user name not found",
      );
      expect(await failure("UserGrantRole", { user: "root", role: "x" })).toBe("9 etcdserver: role name not found");
      expect(await failure("UserRevokeRole", { name: "root", role: "x" })).toBe(
        "9 etcdserver: role is not granted to the user",
      );
      expect(await failure("RoleGet", { role: "x" })).toBe("9 etcdserver: role name not found");
      expect(await failure("RoleDelete", { role: "x" })).toBe("9 etcdserver: role name not found");
      await auth("RoleAdd", { name: "once" });
      expect(await failure("RoleAdd", { name: "once" })).toBe("9 etcdserver: role name already exists");
      const keys = { key: b("k"), range_end: b("") };
      expect(await failure("RoleRevokePermission", { role: "once", ...keys })).toBe(
        "9 etcdserver: permission is not granted to the role",
      );
      expect(await failure("RoleGrantPermission", { name: "x", perm: { permType: "Read", ...keys } })).toBe(
        "9 etcdserver: role name not found",
      );
      await auth("RoleGrantPermission", { name: "once", perm: { permType: "Read", ...keys } });
      await auth("RoleGrantPermission", { name: "once", perm: { permType: "Readwrite", ...keys } });
      expect(plain(await auth("RoleGet", { role: "once" }))).toEqual({
        perm: [{ permType: "Readwrite", key: "k", range_end: "" }],
      });
      await auth("UserGrantRole", { user: "root", role: "once" });
      expect((await auth("UserGet", { name: "root" })).roles).toEqual(["once", "root"]);
      await auth("RoleDelete", { role: "once" });
      expect((await auth("UserGet", { name: "root" })).roles).toEqual(["root"]);
      expect((await auth("RoleList")).roles).toEqual([]);
      expect((await auth("UserList")).users).toEqual(["root"]);
    });
  });

  describe("once it is enabled", () => {
    beforeAll(async () => {
      await nobody.put("other/k", "v");
      await add("reader", ["Read", "r/", "r0"]);
      await add("writer", ["Write", "w/", "w0"]);
      await add(
        "both",
        ["Readwrite", "b/", "b0"],
        ["Readwrite", "b0", "b1"],
        ["Read", "one"],
        ["Readwrite", "z", "\0"],
      );
      await auth("AuthEnable");
    });
    beforeEach(async () => {
      root?.close();
      root = await logIn("root");
    });

    it("wants a token with each request, and takes none that it didn't give", async () => {
      const put = { request_put: { key: b("k"), value: b("v") } };
      expect(await outcome(nobody.range("k"))).toBe(EMPTY);
      expect(await outcome(nobody.put("k", "v"))).toBe(EMPTY);
      expect(await outcome(nobody.delete("k"))).toBe(EMPTY);
      expect(await outcome(nobody.txn({ success: [put] }))).toBe(EMPTY);
      expect(await nobody.failure("Auth", "UserList", {})).toBe(EMPTY);
      for (const token of ["nonsense", "abcdefghijklmnop.1"]) {
        const raw = new RawEtcd(server.endpoint, token);
        expect(await outcome(raw.range("k"))).toBe(NO_TOKEN);
        expect(await outcome(raw.put("k", "v"))).toBe(NO_TOKEN);
        raw.close();
      }
    });

    it("takes no wrong password and no unknown user", async () => {
      expect(await nobody.failure("Auth", "Authenticate", { name: "reader", password: "x" })).toBe(AUTH_FAILED);
      expect(await nobody.failure("Auth", "Authenticate", { name: "x", password: "x" })).toBe(AUTH_FAILED);
    });

    it("lets root do everything", async () => {
      expect(await outcome(root.range("\0", { range_end: b("\0") }))).toBe("ok");
      expect(await outcome(root.delete("other/k", { prev_kv: true }))).toBe("ok");
      expect((await root.call("Auth", "UserList", {})).users).toEqual(["both", "reader", "root", "writer"]);
    });

    it("lets nobody else manage users, but read what he himself may", async () => {
      const reader = await user("reader");
      expect(await reader.failure("Auth", "UserList", {})).toBe(DENIED);
      expect(await reader.failure("Auth", "RoleAdd", { name: "x" })).toBe(DENIED);
      expect(await reader.failure("Auth", "UserGrantRole", { user: "reader", role: "root" })).toBe(DENIED);
      expect(await reader.failure("Auth", "UserGet", { name: "root" })).toBe(DENIED);
      expect((await reader.call("Auth", "UserGet", { name: "reader" })).roles).toEqual(["reader"]);
      expect(await reader.failure("Auth", "RoleGet", { role: "writer" })).toBe(DENIED);
      expect(await outcome(reader.call("Auth", "RoleGet", { role: "reader" }))).toBe("ok");
    });

    it("reads by keys and ranges, as far as permissions go", async () => {
      const reader = await user("reader");
      expect(await outcome(reader.range("r/a"))).toBe("ok");
      expect(await outcome(reader.range("r/", { range_end: b("r0") }))).toBe("ok");
      expect(await outcome(reader.range("r/b", { range_end: b("r/c") }))).toBe("ok");
      expect(await outcome(reader.range("r0"))).toBe(DENIED);
      expect(await outcome(reader.range("r/", { range_end: b("r1") }))).toBe(DENIED);
      expect(await outcome(reader.range("q", { range_end: b("r0") }))).toBe(DENIED);
      expect(await outcome(reader.range("r/", { range_end: b("\0") }))).toBe(DENIED);
      expect(await outcome(reader.put("r/a", "v"))).toBe(DENIED);
      expect(await outcome(reader.delete("r/a"))).toBe(DENIED);
      const both = await user("both");
      expect(await outcome(both.range("b/", { range_end: b("b1") }))).toBe("ok");
      expect(await outcome(both.range("one"))).toBe("ok");
      expect(await outcome(both.range("one", { range_end: b("ones") }))).toBe(DENIED);
      expect(await outcome(both.range("zz", { range_end: b("\0") }))).toBe("ok");
    });

    it("writes what may be written, and shows only what may be read", async () => {
      const writer = await user("writer");
      expect(await outcome(writer.put("w/a", "v"))).toBe("ok");
      expect(await outcome(writer.put("w/a", "v", { prev_kv: true }))).toBe(DENIED);
      expect(await outcome(writer.range("w/a"))).toBe(DENIED);
      expect(await outcome(writer.delete("w/a", { prev_kv: true }))).toBe(DENIED);
      expect(await outcome(writer.delete("w/", { range_end: b("w1") }))).toBe(DENIED);
      expect(await outcome(writer.delete("w/", { range_end: b("w0") }))).toBe("ok");
      expect(await outcome(writer.put("x", "v"))).toBe(DENIED);
    });

    it("looks into all of a transaction, whichever way it goes", async () => {
      const both = await user("both");
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
      const both = await user("both");
      expect(await watch(both, "x")).toMatchObject(refused("PermissionDenied", DENIED));
      expect(await watch(nobody, "b/1")).toMatchObject(refused("InvalidArgument", EMPTY));
      const { stream, canceled } = await watch(both, "b/watched");
      expect(canceled).toBe(false);
      await auth("UserChangePassword", { name: "both", password: "both's" });
      expect(await watch(both, "b/1")).toMatchObject(refused("Unauthenticated", NO_TOKEN));
      await root.put("b/watched", "v");
      expect((await stream.next()).events).toMatchObject([{ type: "Put" }]);
    });

    it("guards a lease by the keys that are bound to it", async () => {
      const [both, reader] = [await user("both"), await user("reader")];
      const { ID } = await both.call("Lease", "LeaseGrant", { TTL: 60 });
      expect(await outcome(both.put("b/leased", "v", { lease: ID }))).toBe("ok");
      expect(await reader.failure("Lease", "LeaseRevoke", { ID })).toBe(DENIED);
      expect(await outcome(both.call("Lease", "LeaseRevoke", { ID }))).toBe("ok");
      expect((await both.range("b/leased")).kvs).toEqual([]);
      const roots = await root.call("Lease", "LeaseGrant", { TTL: 60 });
      await root.put("other/leased", "v", { lease: roots.ID });
      expect(await outcome(both.put("b/x", "v", { lease: roots.ID }))).toBe(DENIED);
      expect(await both.failure("Lease", "LeaseRevoke", { ID: roots.ID })).toBe(DENIED);
    });

    it("looks into transactions within transactions, and lets only root compact", async ({ skip }) => {
      if (server.overlooks) return skip("an older etcd");
      const both = await user("both");
      const put = (key: string) => ({ request_put: { key: b(key), value: b("v") } });
      const compare = { key: b("x"), target: "Version", result: "Equal", version: 0 };
      const nested = (request_txn: Message) => outcome(both.txn({ success: [{ request_txn }] }));
      expect(await nested({ success: [put("b/2"), put("x")] })).toBe(DENIED);
      expect(await nested({ compare: [compare] })).toBe(DENIED);
      expect((await both.range("b/2")).kvs).toEqual([]);
      expect(await both.failure("KV", "Compact", { revision: "1" })).toBe(DENIED);
    });

    it("keeps leases alive, and tells of them, for users only", async ({ skip }) => {
      if (server.overlooks) return skip("an older etcd, where anybody may");
      const [both, reader] = [await user("both"), await user("reader")];
      expect(await nobody.failure("Lease", "LeaseGrant", { TTL: 60 })).toBe(EMPTY);
      const { ID } = await both.call("Lease", "LeaseGrant", { TTL: 60 });
      await both.put("b/leased", "v", { lease: ID });
      const keepAlive = async (raw: RawEtcd) => {
        const stream = raw.stream("Lease", "LeaseKeepAlive");
        stream.write({ ID });
        return Promise.race([stream.ended, stream.next().then(({ TTL }) => `TTL ${TTL}`)]);
      };
      expect(await keepAlive(both)).toBe("TTL 60");
      expect(await keepAlive(reader)).toBe(DENIED);
      expect(await keepAlive(nobody)).toBe(EMPTY);
      expect(await outcome(reader.call("Lease", "LeaseTimeToLive", { ID }))).toBe("ok");
      expect(await reader.failure("Lease", "LeaseTimeToLive", { ID, keys: true })).toBe(DENIED);
      expect(await nobody.failure("Lease", "LeaseTimeToLive", { ID })).toBe(EMPTY);
      expect(await reader.failure("Lease", "LeaseLeases", {})).toBe(DENIED);
      expect(await nobody.failure("Maintenance", "Status", {})).toBe(EMPTY);
    });

    it("forgets a user's tokens when he is deleted, and when his password changes", async () => {
      await add("guest", ["Read", "r/", "r0"]);
      const guest = await user("guest");
      expect(await outcome(guest.range("r/a"))).toBe("ok");
      await auth("UserChangePassword", { name: "guest", password: "new" });
      expect(await outcome(guest.range("r/a"))).toBe(NO_TOKEN);
      expect(await nobody.failure("Auth", "Authenticate", { name: "guest", password: "guest's" })).toBe(AUTH_FAILED);
      const again = await logIn("guest", "new");
      onTestFinished(() => again.close());
      await auth("UserRevokeRole", { name: "guest", role: "guest" });
      expect(await outcome(again.range("r/a"))).toBe(DENIED);
      await auth("UserDelete", { name: "guest" });
      expect(await outcome(again.range("r/a"))).toBe(NO_TOKEN);
    });

    it("keeps root", async () => {
      expect(await failure("UserDelete", { name: "root" })).toBe("3 etcdserver: invalid auth management");
      expect(await failure("RoleDelete", { role: "root" })).toBe("3 etcdserver: invalid auth management");
    });

    it("forgets a token that was not used for its time, and counts it anew with each use", async () => {
      const [used, unused] = [await user("reader"), await user("reader")];
      const steps = 10;
      for (let step = 0; step < steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, server.tokenMs / steps));
        expect(await outcome(used.range("r/a"))).toBe("ok");
      }
      expect(await outcome(unused.range("r/a"))).toBe(NO_TOKEN);
    });

    it("can be disabled: then everybody may do everything again, and old tokens are none", async () => {
      const reader = await user("reader");
      await auth("AuthDisable");
      expect(await outcome(nobody.put("x", "v"))).toBe("ok");
      await nobody.call("Auth", "AuthEnable", {});
      expect(await outcome(reader.range("r/a"))).toBe(NO_TOKEN);
    });
  });
}
