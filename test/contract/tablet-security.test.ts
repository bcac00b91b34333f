import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AuthError, FailedError, UnreachableError, type VtmigrateError } from "../../src/errors.js";
import type { TabletSecurity, Tls } from "../../src/net/security.js";
import type { TabletServerSecurity } from "../../src/sandbox/security.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { Tablet } from "../../src/tablet/port.js";
import { Authority, type Certificate } from "../support/certificates.js";
import { type SecureTablet, startSecureTablet } from "../support/secure-tablet.js";

let tabletCa: Authority;
let clientCa: Authority;
let stranger: Authority;
let served: Certificate;
let client: Certificate;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  [tabletCa, clientCa, stranger] = await Promise.all([
    Authority.create("tablets"),
    Authority.create("clients"),
    Authority.create("a stranger"),
  ]);
  [served, client] = await Promise.all([tabletCa.issue({ name: "tablet" }), clientCa.issue({ name: "vtmigrate" })]);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const pem = (text: string) => Buffer.from(text);
const trusting = (authority: Authority): Tls => ({ ca: pem(authority.ca) });
const showing = ({ cert, key }: Certificate): Tls => ({ cert: pem(cert), key: pem(key) });
const both = (tls: Tls): TabletSecurity => ({ manager: tls, query: tls });

async function serve(security: TabletServerSecurity): Promise<SecureTablet> {
  const tablet = await startSecureTablet(security);
  cleanups.push(() => tablet.stop());
  return tablet;
}

function open(server: SecureTablet, security?: TabletSecurity, mount = ""): Tablet {
  const clients = createTabletClients(security && (() => security));
  cleanups.unshift(() => clients.close());
  return clients.open(server.record(mount));
}

async function failure(call: () => Promise<unknown>): Promise<VtmigrateError> {
  const started = Date.now();
  const error = await call().then(
    () => undefined,
    (thrown: VtmigrateError) => thrown,
  );
  expect(Date.now() - started).toBeLessThan(10_000);
  if (error === undefined) throw new Error("it didn't fail");
  return error;
}

/** Both services say the same, and dialling does. */
async function expectRefusal(tablet: Tablet, message: RegExp, hint: string): Promise<void> {
  const { grpcAddress } = tablet.record;
  for (const call of [() => tablet.ping(), () => tablet.health(), () => tablet.dial()]) {
    const error = await failure(call);
    expect(error).toBeInstanceOf(AuthError);
    expect(error.exitCode).toBe(4);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`tablet zone1-0000000100 at ${grpcAddress}: `);
    expect(error.at).toEqual({ address: grpcAddress, layer: "TLS" });
    expect(error.hint).toContain(hint);
  }
}

async function expectServed(tablet: Tablet): Promise<void> {
  await tablet.dial();
  await tablet.ping();
  expect(await tablet.health()).toMatchObject({ serving: true });
}

describe("TLS", () => {
  it("serves who knows the tablet's CA", async () => {
    const server = await serve({ tls: served });
    await expectServed(open(server, both(trusting(tabletCa))));
    expect(server.calls).toEqual(["Ping", "StreamHealth"]);
  });

  it("refuses a tablet of an unknown CA, which it names", async () => {
    const tablet = open(await serve({ tls: await stranger.issue({ name: "tablet" }) }), both(trusting(tabletCa)));
    await expectRefusal(tablet, /unknown CA, "a stranger"/, "-tablet_grpc_ca names");
  });

  it("refuses a tablet that has another name, and says which names it has", async () => {
    const tls = await tabletCa.issue({ name: "tablet", hosts: ["tablet.example.com", "10.1.2.3"] });
    const server = await serve({ tls });
    const message = /certificate is for tablet\.example\.com, 10\.1\.2\.3, not for 127\.0\.0\.1/;
    const hint = "-tablet_grpc_server_name gives";
    await expectRefusal(open(server, both(trusting(tabletCa))), message, hint);
    await expectServed(open(server, both({ ...trusting(tabletCa), serverName: "tablet.example.com" })));
    const wrong = open(server, both({ ...trusting(tabletCa), serverName: "other.example.com" }));
    await expectRefusal(wrong, /certificate is for .*, not for other\.example\.com/, hint);
  });

  it("refuses a certificate that has expired", async () => {
    const tls = await tabletCa.issue({ name: "tablet", expired: true });
    await expectRefusal(open(await serve({ tls }), both(trusting(tabletCa))), /expired on \d{4}-/, "renewed");
  });

  it("refuses a certificate that was revoked", async () => {
    const other = await tabletCa.issue({ name: "other" });
    const server = await serve({ tls: served });
    const listing = async (one: Certificate) => both({ ...trusting(tabletCa), crl: pem(await tabletCa.revoke(one)) });
    await expectRefusal(open(server, await listing(served)), /is revoked/, "new one");
    await expectServed(open(server, await listing(other)));
  });

  it("tells a plain client that the tablet wants TLS", async () => {
    const tablet = open(await serve({ tls: served }));
    await expectRefusal(tablet, /wants TLS/, "-tablet_grpc_ca names");
  });

  it("tells a TLS client that the tablet has none", async () => {
    const tablet = open(await serve({}), both(trusting(tabletCa)));
    await expectRefusal(tablet, /speak no TLS/, "leave -tablet_grpc_ca");
  });

  it("names Mount's flags for a mount's tablet", async () => {
    const tls = await tabletCa.issue({ name: "tablet", hosts: ["tablet.example.com"] });
    const tablet = open(await serve({ tls }), both(trusting(tabletCa)), "ext1");
    const hint = "Mount's -source_tablet_server_name";
    await expectRefusal(tablet, /not for 127\.0\.0\.1/, hint);
  });

  it("refuses files that are none, at once", async () => {
    const server = await serve({ tls: served });
    const noKey = { ...trusting(tabletCa), cert: pem(client.cert), key: pem("no key") };
    expect(() => open(server, both(noKey))).toThrow(AuthError);
    const foreign = { ...trusting(tabletCa), cert: pem(client.cert), key: pem(served.key) };
    expect(() => open(server, both(foreign))).toThrow(/can't be used: .*key values mismatch/);
  });

  it("still says that nobody listens", async () => {
    const server = await serve({ tls: served });
    await server.stop();
    const tablet = open(server, both(trusting(tabletCa)));
    const error = await failure(() => tablet.ping());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain("doesn't answer: connection refused");
    expect(error.at?.layer).toBe("TCP");
  });
});

describe("client certificates", () => {
  const mutual = () => ({ tls: { ...served, clientCa: clientCa.ca } });

  it("let in who shows one", async () => {
    const tablet = open(await serve(mutual()), both({ ...trusting(tabletCa), ...showing(client) }));
    await expectServed(tablet);
  });

  it("are wanted", async () => {
    const tablet = open(await serve(mutual()), both(trusting(tabletCa)));
    const hint = "-tablet_grpc_cert and -tablet_grpc_key name";
    await expectRefusal(tablet, /wants a client certificate/, hint);
  });

  it("of a CA that the tablet doesn't know are refused", async () => {
    const unknown = await stranger.issue({ name: "vtmigrate" });
    const tablet = open(await serve(mutual()), both({ ...trusting(tabletCa), ...showing(unknown) }));
    await expectRefusal(tablet, /refuse our certificate, .*issued by "CN=a stranger"/, "_cert");
  });

  it("that have expired are refused", async () => {
    const expired = await clientCa.issue({ name: "vtmigrate", expired: true });
    const tablet = open(await serve(mutual()), both({ ...trusting(tabletCa), ...showing(expired) }));
    await expectRefusal(tablet, /refuse our certificate, .*which expired on/, "_cert");
  });
});

describe("the two services", () => {
  it("are spoken to in their own ways, over one port", async () => {
    const server = await serve({ tls: served });
    const tablet = open(server, { manager: trusting(tabletCa), query: trusting(stranger) });
    await tablet.ping();
    expect((await failure(() => tablet.health())).hint).toContain("-tablet_grpc_ca names");
    const other = open(server, { manager: trusting(stranger), query: trusting(tabletCa) });
    expect((await failure(() => other.ping())).hint).toContain("-tablet_manager_grpc_ca names");
    expect((await failure(() => tablet.dial())).hint).toContain("-tablet_grpc_ca names");
    expect(server.calls).toEqual(["Ping"]);
  });

  it("are spoken to as each mount has it, at the same address", async () => {
    const server = await serve({ tls: served });
    const clients = createTabletClients((mount) => both(trusting(mount === "" ? tabletCa : stranger)));
    cleanups.unshift(() => clients.close());
    await clients.open(server.record()).ping();
    await expect(clients.open(server.record("ext1")).ping()).rejects.toThrow(AuthError);
  });
});

describe("static credentials", () => {
  const users = [{ username: "vtmigrate", password: "s3cret" }];
  const unsafe = (password: string): TabletSecurity => ({ login: { username: "vtmigrate", password } });

  it.each(["in the clear", "over TLS"])("let in who has them, %s", async (how) => {
    const secure = how === "over TLS";
    const server = await serve({ users, ...(secure && { tls: served }) });
    await expectServed(open(server, { ...unsafe("s3cret"), ...(secure && both(trusting(tabletCa))) }));
  });

  it("are wanted, by unary calls and by streams", async () => {
    const tablet = open(await serve({ users }));
    for (const call of [() => tablet.ping(), () => tablet.health()]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(AuthError);
      expect(error.message).toMatch(/^tablet zone1-0000000100 at \S+ refused: username and password must be provided$/);
      expect(error.hint).toMatch(/^-grpc_auth_static_client_creds names /);
      expect(error.at?.layer).toBe("RPC");
    }
  });

  it("that are wrong are refused, without being told", async () => {
    const tablet = open(await serve({ users }), unsafe("wr0ng"), "ext1");
    for (const call of [() => tablet.ping(), () => tablet.health()]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(AuthError);
      expect(error.message).toMatch(/auth failure: caller "vtmigrate" provided invalid credentials$/);
      expect(error.hint).toMatch(/Mount's -source_grpc_auth_static_client_creds names/);
      expect(everythingOf(error)).not.toContain("wr0ng");
    }
  });

  it("that gRPC can't send are not sent, nor told", async () => {
    const server = await serve({ users });
    for (const password of ["pässwörd", "trailing ", "two\nlines"]) {
      const tablet = open(server, unsafe(password));
      const error = await failure(() => tablet.ping());
      expect(error).toBeInstanceOf(AuthError);
      expect(everythingOf(error)).not.toContain(password);
    }
  });

  it("don't keep an older tablet from saying that it has no such call", async () => {
    const tablet = open(await serve({ users }));
    const error = await failure(() => tablet.refreshState());
    expect(error).not.toBeInstanceOf(FailedError);
    expect(error.message).toContain("has no RefreshState");
  });
});

/** What any log could print of an error, its causes included. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== "cause");
  const texts = own.map((name) => `${name}: ${JSON.stringify(Reflect.get(error, name))}`);
  return [...texts, String(error), everythingOf(error.cause)].join("\n");
}

afterAll(() => expect(cleanups).toEqual([]));
