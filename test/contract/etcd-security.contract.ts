import { inspect } from "node:util";
import { Etcd3 } from "etcd3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AuthError } from "../../src/errors.js";
import type { EtcdSecurity, Login } from "../../src/net/security.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import type { Conn } from "../../src/topo/port.js";
import { Authority } from "../support/certificates.js";
import { addUsers, rootOptions } from "../support/etcd-users.js";
import type { EtcdTls } from "../support/real-etcd.js";

/** An etcd over TLS, without users at first. Its tokens live for `tokenMs` after they were used. */
export interface SecureEtcd {
  readonly endpoint: string;
  readonly tokenMs: number;
  /** Makes it forget all tokens; undefined where that can't be had. */
  restart?(): Promise<void>;
  close(): Promise<void>;
}

const MIGRATE: Login = { username: "migrate", password: "a secret, to be found nowhere" };
const NARROW: Login = { username: "narrow", password: "another secret" };

/** What our client does on an etcd with TLS, client certificates and users. */
export function etcdSecurityContract(start: (tls?: EtcdTls) => Promise<SecureEtcd>): void {
  let authority: Authority;
  let etcd: SecureEtcd;
  /** Without TLS. */
  let plain: SecureEtcd;
  let tls: EtcdTls;
  let root: Etcd3;
  let noUser: Etcd3;
  let topologies = 0;

  beforeAll(async () => {
    authority = await Authority.create("the etcd's CA");
    const [server, client] = [await authority.issue({ name: "server" }), await authority.issue({ name: "someone" })];
    tls = { ca: authority.ca, server, client };
    etcd = await start(tls);
    await addUsers(
      etcd.endpoint,
      [
        { name: MIGRATE.username, password: MIGRATE.password, prefixes: ["/vitess/"] },
        { name: NARROW.username, password: NARROW.password, prefixes: ["/vitess/narrow/keyspaces/"] },
      ],
      tls,
    );
    plain = await start();
    await addUsers(plain.endpoint, []);
    root = new Etcd3(rootOptions(etcd.endpoint, tls));
    noUser = new Etcd3(rootOptions(etcd.endpoint, tls, false));
  });
  afterAll(async () => {
    await plain?.close();
    root?.close();
    noUser?.close();
    await etcd?.close();
  });

  const files = (): NonNullable<EtcdSecurity["tls"]> => ({
    ca: Buffer.from(tls.ca),
    cert: Buffer.from(tls.client?.cert ?? ""),
    key: Buffer.from(tls.client?.key ?? ""),
  });

  async function open(security: EtcdSecurity = {}, at = `/vitess/own${++topologies}`): Promise<Conn> {
    const conn = await openEtcdConn({
      server: etcd.endpoint,
      root: at,
      security: { tls: files(), login: MIGRATE, ...security },
    });
    onTestFinished(() => conn.close());
    return conn;
  }

  /** Of what is thrown: an AuthError, within 10 s, without the password. */
  async function refusal(doing: Promise<unknown>): Promise<string> {
    const started = performance.now();
    const error = await doing.then(
      () => undefined,
      (thrown: AuthError) => thrown,
    );
    expect(error).toBeInstanceOf(AuthError);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(MIGRATE.password);
    return `${error?.message} | ${error?.hint}`;
  }

  /** etcd forgets the tokens of a user whose password changes, and be it to the same one. */
  async function forgetTokens(): Promise<void> {
    await root.auth.userChangePassword({ name: MIGRATE.username, password: MIGRATE.password });
  }

  const bytes = (text: string) => Buffer.from(text);

  it("reads, writes, watches and locks", async () => {
    const conn = await open();
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    expect((await seen.next()).value).toBeUndefined();
    const version = await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await conn.update("file", bytes("2"), version);
    expect((await conn.get("file")).contents).toEqual(bytes("2"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    await lock.check();
    await lock.release();
    await conn.delete("file");
    stop.abort();
  });

  it("logs in again when its token is not known any more: reads, writes, a lock that is held, a watch", async () => {
    const conn = await open();
    await conn.create("file", bytes("1"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();

    await forgetTokens();
    await lock.check();
    await forgetTokens();
    await conn.update("file", bytes("2"), undefined);
    expect((await seen.next()).value?.contents.toString()).toBe("2");
    await forgetTokens();
    expect((await conn.get("file")).contents).toEqual(bytes("2"));
    await forgetTokens();
    const watching = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    expect((await watching.next()).value?.contents.toString()).toBe("2");
    expect(lock.lost.aborted).toBe(false);
    await forgetTokens();
    await lock.release();
    expect(await conn.lockHolders("dir")).toEqual([]);
    stop.abort();
  });

  it("gives many requests at once one new token", async () => {
    const conn = await open();
    await forgetTokens();
    const names = Array.from({ length: 20 }, (_, index) => `file${index}`);
    await Promise.all(names.map((name) => conn.create(name, bytes(name))));
    expect((await conn.list("")).length).toBe(20);
  });

  it("holds a lock and a watch for longer than its token lives", async () => {
    const conn = await open();
    const stop = new AbortController();
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();
    await new Promise((resolve) => setTimeout(resolve, etcd.tokenMs));
    await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await lock.check();
    await lock.release();
    expect(await conn.lockHolders("dir")).toEqual([]);
    stop.abort();
  });

  it("waits for a lock while its token is forgotten", async () => {
    const [first, second] = [await open({}, "/vitess/both"), await open({}, "/vitess/both")];
    const held = await first.lock("dir", { action: "first", timeoutMs: 2_000, allowMissingDir: true });
    const waiting = second.lock("dir", { action: "second", timeoutMs: 8_000, allowMissingDir: true });
    while ((await first.lockHolders("dir")).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await forgetTokens();
    await held.release();
    const next = await waiting;
    expect((await first.lockHolders("dir")).map(({ Action }) => Action)).toEqual(["second"]);
    await next.release();
  });

  describe("is refused", () => {
    it("without a user", async () => {
      const opening = openEtcdConn({ server: plain.endpoint, root: "/vitess" });
      expect(await refusal(opening)).toMatch(
        /^etcd at [\d.:]+ refused us: it wants a user and a password \| Give -topo_etcd_username/,
      );
    });

    it("with a certificate alone, whose name is not a user's", async () => {
      expect(await refusal(open({ login: undefined }, "/vitess"))).toContain(
        `permission denied: our certificate's user ("CN=someone") may not read /vitess/ |`,
      );
    });

    it("with a user that doesn't exist, or another password", async () => {
      const text = (name: string) =>
        `etcd at ${etcd.endpoint} refused the user "${name}": there is no such user, or not with this password`;
      const unknown = { username: "nobody", password: MIGRATE.password };
      expect(await refusal(open({ login: unknown }))).toContain(text("nobody"));
      expect(await refusal(open({ login: { ...MIGRATE, password: `${MIGRATE.password}!` } }))).toContain(
        text("migrate"),
      );
    });

    it("keys that its roles don't cover: by their names", async () => {
      const elsewhere = refusal(open({}, "/elsewhere/global"));
      expect(await elsewhere).toMatch(
        /^etcd at [\d.:]+ refused us: permission denied: user "migrate" may not read \/elsewhere\/global\/ \| A role/,
      );
      // Readable at the first look, and not below.
      const conn = await open({ login: NARROW }, "/vitess/narrow/keyspaces");
      const denied = 'permission denied: user "narrow" may not';
      const outside = "/vitess/narrow/cells";
      expect(await refusal(conn.get("../cells/zone1"))).toContain(`${denied} read ${outside}/zone1 |`);
      expect(await refusal(conn.listDir("../cells"))).toContain(`${denied} read ${outside}/ and what begins so |`);
      expect(await refusal(conn.create("../cells/a", bytes("1")))).toContain(`${denied} read and write ${outside}/a |`);
      expect(await refusal(conn.update("../cells/a", bytes("1"), undefined))).toContain(
        `${denied} write ${outside}/a |`,
      );
      expect(await refusal(conn.delete("../cells/a"))).toContain(`${denied} write ${outside}/a |`);
      const locking = conn.lock("../cells", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
      expect(await refusal(locking)).toContain(`${denied} read and write ${outside}/locks/`);
    });

    it("when its password has changed meanwhile", async () => {
      const conn = await open({ login: NARROW }, "/vitess/narrow/keyspaces");
      await root.auth.userChangePassword({ name: NARROW.username, password: "a new one" });
      expect(await refusal(conn.get("file"))).toContain('refused the user "narrow"');
      await root.auth.userChangePassword({ name: NARROW.username, password: NARROW.password });
      await expect(conn.get("file")).rejects.toThrow("node doesn't exist");
    });

    it("without a certificate of its own, or by a server of another CA", async () => {
      const { ca } = files();
      expect(await refusal(open({ tls: { ca } }))).toMatch(
        /^cannot reach etcd at [\d.:]+: the server wants a client certificate \(.*\) \(TLS\) \| Give -topo_etcd_tls_cert/,
      );
      const stranger = await Authority.create("a stranger");
      expect(await refusal(open({ tls: { ...files(), ca: bytes(stranger.ca) } }))).toContain(
        `cannot reach etcd at ${etcd.endpoint}: the server's certificate comes from an unknown CA, "the etcd's CA" (TLS)`,
      );
      const { cert, key } = await stranger.issue({ name: "client" });
      expect(await refusal(open({ tls: { ca, cert: bytes(cert), key: bytes(key) } }))).toMatch(
        /the server refused our certificate, "CN=client" issued by "CN=a stranger"/,
      );
      expect(await refusal(open({ tls: undefined }))).toMatch(
        /the server there wants TLS \(TLS\) \| .*-topo_etcd_tls_ca/,
      );
    });

    it("at one of several endpoints, of which the others are away", async () => {
      const refusing = refusal(openEtcdConn({ server: `127.0.0.1:1,${plain.endpoint}`, root: "/vitess" }));
      expect(await refusing).toMatch(/127\.0\.0\.1:1: connection refused.*it wants a user and a password/);
    });
  });

  it("takes a certificate's name for the user's where no user is given", async () => {
    const { cert, key } = await authority.issue({ name: MIGRATE.username });
    const conn = await open({ login: undefined, tls: { ...files(), cert: bytes(cert), key: bytes(key) } });
    await conn.create("file", bytes("1"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    await lock.check();
    await lock.release();
    const narrow = await open(
      { tls: { ...files(), cert: bytes(cert), key: bytes(key) }, login: NARROW },
      "/vitess/narrow/keyspaces",
    );
    expect(await refusal(narrow.get("../file"))).toContain('user "narrow" may not read');
  });

  it("needs no more than what is below its root", async () => {
    const conn = await open({ login: NARROW }, "/vitess/narrow/keyspaces");
    expect((await conn.identity()).root).toBe("/vitess/narrow/keyspaces");
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    expect((await conn.locksBelow("")).map(({ dir }) => dir)).toEqual(["dir"]);
    await lock.check();
    await lock.release();
  });

  it("goes on without a user when there are none, and gives its name once there are", async () => {
    const conn = await open();
    await root.auth.authDisable();
    const other = await open();
    await other.create("file", bytes("1"));
    await conn.create("file", bytes("1"));
    await noUser.auth.authEnable();
    expect((await other.get("file")).contents).toEqual(bytes("1"));
    expect((await conn.get("file")).contents).toEqual(bytes("1"));
  });

  it("goes on when the server was restarted and has forgotten everybody", async ({ skip }) => {
    if (etcd.restart === undefined) return skip("the sandbox's etcd keeps nothing over a restart");
    const conn = await open();
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();
    await etcd.restart();
    await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await lock.check();
    await lock.release();
    stop.abort();
  });
}
