import { expect, it } from "vitest";
import { openEtcdConn } from "../../../src/topo/etcd/conn.js";
import { Authority } from "../../support/certificates.js";
import { bytes, MIGRATE, NARROW, refusal, type SecurePlace } from "./place.js";

/** What the user reads who is not let in. */
export function refusalsContract(place: () => SecurePlace): void {
  it("without a user", async () => {
    const opening = openEtcdConn({ server: place().plain.endpoint, root: "/vitess" });
    expect(await refusal(opening)).toMatch(
      /^etcd at [\d.:]+ refused us: it wants a user and a password \| Give -topo_etcd_username/,
    );
  });

  it("with a certificate alone, whose name is not a user's", async () => {
    expect(await refusal(place().open({ login: undefined }, "/vitess"))).toContain(
      `permission denied: our certificate's user ("CN=someone") may not read /vitess/ |`,
    );
  });

  it("with a user that doesn't exist, or another password", async () => {
    const text = (name: string) =>
      `etcd at ${place().etcd.endpoint} refused the user "${name}": there is no such user, or not with this password`;
    const unknown = { username: "nobody", password: MIGRATE.password };
    expect(await refusal(place().open({ login: unknown }))).toContain(text("nobody"));
    expect(await refusal(place().open({ login: { ...MIGRATE, password: `${MIGRATE.password}!` } }))).toContain(
      text("migrate"),
    );
  });

  it("keys that its roles don't cover: by their names", async () => {
    const elsewhere = refusal(place().open({}, "/elsewhere/global"));
    expect(await elsewhere).toMatch(
      /^etcd at [\d.:]+ refused us: permission denied: user "migrate" may not read \/elsewhere\/global\/ \| A role/,
    );
    // Readable at the first look, and not below.
    const conn = await place().open({ login: NARROW }, "/vitess/narrow/keyspaces");
    const denied = 'permission denied: user "narrow" may not';
    const outside = "/vitess/narrow/cells";
    expect(await refusal(conn.get("../cells/zone1"))).toContain(`${denied} read ${outside}/zone1 |`);
    expect(await refusal(conn.listDir("../cells"))).toContain(`${denied} read ${outside}/ and what begins so |`);
    expect(await refusal(conn.create("../cells/a", bytes("1")))).toContain(`${denied} read and write ${outside}/a |`);
    expect(await refusal(conn.update("../cells/a", bytes("1"), undefined))).toContain(`${denied} write ${outside}/a |`);
    expect(await refusal(conn.delete("../cells/a"))).toContain(`${denied} write ${outside}/a |`);
    const locking = conn.lock("../cells", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    expect(await refusal(locking)).toContain(`${denied} read and write ${outside}/locks/`);
  });

  it("when its password has changed meanwhile", async () => {
    const conn = await place().open({ login: NARROW }, "/vitess/narrow/keyspaces");
    await place().root.auth.userChangePassword({ name: NARROW.username, password: "a new one" });
    expect(await refusal(conn.get("file"))).toContain('refused the user "narrow"');
    await place().root.auth.userChangePassword({ name: NARROW.username, password: NARROW.password });
    await expect(conn.get("file")).rejects.toThrow("node doesn't exist");
  });

  it("without a certificate of its own, or by a server of another CA", async () => {
    const { ca } = place().files();
    expect(await refusal(place().open({ tls: { ca } }))).toMatch(
      /^cannot reach etcd at [\d.:]+: the server wants a client certificate \(.*\) \(TLS\) \| Give -topo_etcd_tls_cert/,
    );
    const stranger = await Authority.create("a stranger");
    expect(await refusal(place().open({ tls: { ...place().files(), ca: bytes(stranger.ca) } }))).toContain(
      `cannot reach etcd at ${place().etcd.endpoint}: the server's certificate comes from an unknown CA, "the etcd's CA" (TLS)`,
    );
    const { cert, key } = await stranger.issue({ name: "client" });
    expect(await refusal(place().open({ tls: { ca, cert: bytes(cert), key: bytes(key) } }))).toMatch(
      /the server (refused|seems to refuse) our certificate, "CN=client" issued by "CN=a stranger"/,
    );
    expect(await refusal(place().open({ tls: undefined }))).toMatch(
      /the server there wants TLS \(TLS\) \| .*-topo_etcd_tls_ca/,
    );
  });

  it("with files that are no certificates", async () => {
    const { ca, ...own } = place().files();
    const text = `cannot reach etcd at ${place().etcd.endpoint}: our own certificate, key, CA or list`;
    expect(await refusal(place().open({ tls: { ca, cert: bytes("none"), key: bytes("none") } }))).toContain(text);
    expect(await refusal(place().open({ tls: { ca: bytes("none"), ...own } }))).toContain(text);
    expect(await refusal(place().open({ tls: { ca, cert: own.cert } }))).toContain(text);
  });

  it("at one of several endpoints, of which the others are away", async () => {
    const refusing = refusal(openEtcdConn({ server: `127.0.0.1:1,${place().plain.endpoint}`, root: "/vitess" }));
    expect(await refusing).toMatch(
      /^no etcd endpoint takes us: .*127\.0\.0\.1:1: connection refused.*it wants a user and a password/,
    );
  });
}
