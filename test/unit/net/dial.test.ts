import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { InterruptedError } from "../../../src/errors.js";
import { dial } from "../../../src/net/dial.js";
import type { DialError } from "../../../src/net/dial-error.js";
import type { Tls } from "../../../src/net/security.js";
import { BadServers } from "../../support/bad-servers.js";
import { Authority, type Certificate } from "../../support/certificates.js";

const servers = new BadServers();
let authority: Authority;
let stranger: Authority;
let ca: Buffer;

beforeAll(async () => {
  authority = await Authority.create("the servers' CA");
  stranger = await Authority.create("a stranger");
  ca = Buffer.from(authority.ca);
});
afterAll(() => servers.close());

/** Serves HTTP/2 over TLS, on a free port. */
function serve(options: TlsOptions): Promise<string> {
  const server = createSecureServer({ ...options, allowHTTP1: false });
  server.on("sessionError", () => undefined);
  return servers.listen(server as unknown as Server);
}

const pem = ({ cert, key }: Certificate): Tls => ({ cert: Buffer.from(cert), key: Buffer.from(key) });

function knock(address: string, tls?: Tls, host = "127.0.0.1"): Promise<void> {
  return dial({ host, port: Number(address.split(":")[1]) }, tls, { timeoutMs: 3_000 });
}

/** What is wrong, as "code: reason (layer)". */
async function failure(address: string, tls?: Tls, host?: string): Promise<string> {
  const error = await knock(address, tls, host).then(
    () => undefined,
    (thrown: DialError) => thrown,
  );
  return error === undefined ? "none" : `${error.code}: ${error.reason} (${error.layer})`;
}

describe("the server's certificate", () => {
  it("is taken when it is for the host and from a known CA", async () => {
    await knock(await serve(await authority.issue({ name: "server" })), { ca });
  });

  it("is from a CA that grpc-js takes where none is given", async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), "vtmigrate-roots-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "roots.pem"), authority.ca);
    const address = await serve(await authority.issue({ name: "server" }));
    vi.stubEnv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", join(folder, "roots.pem"));
    onTestFinished(() => void vi.unstubAllEnvs());
    await knock(address, {});
    expect(await failure(address, { ca: Buffer.from(stranger.ca) })).toMatch(/^unknown-ca/);
  });

  it("of an unknown CA: which one that is", async () => {
    const address = await serve(await stranger.issue({ name: "server" }));
    expect(await failure(address, { ca })).toBe(
      `unknown-ca: the server's certificate comes from an unknown CA, "a stranger" (TLS)`,
    );
    expect(await failure(address, {})).toMatch(/^unknown-ca: .*"a stranger"/);
  });

  it("of an unknown CA that is sent along", async () => {
    const { cert, key } = await stranger.issue({ name: "server" });
    const address = await serve({ cert: cert + stranger.ca, key });
    expect(await failure(address, { ca })).toMatch(/^unknown-ca: .*"a stranger"/);
  });

  it("of another CA with the same name", async () => {
    const namesake = await Authority.create("the servers' CA");
    const address = await serve(await namesake.issue({ name: "server" }));
    expect(await failure(address, { ca })).toMatch(/^unknown-ca: .* from another CA of the name "the servers' CA"/);
  });

  it("for other names: which ones it has, and which one was wanted", async () => {
    const address = await serve(await authority.issue({ name: "server", hosts: ["etcd.example.com", "10.0.0.1"] }));
    const names = "etcd.example.com, 10.0.0.1";
    expect(await failure(address, { ca })).toBe(
      `wrong-name: the server's certificate is for ${names}, not for 127.0.0.1 (TLS)`,
    );
    expect(await failure(address, { ca, serverName: "other.example.com" })).toMatch(/not for other\.example\.com/);
    await knock(address, { ca, serverName: "etcd.example.com" });
    await knock(address, { ca, serverName: "10.0.0.1" });
  });

  it("that expired: when", async () => {
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    const address = await serve(await authority.issue({ name: "server", expired: true }));
    expect(await failure(address, { ca })).toBe(`out-of-date: the server's certificate expired on ${yesterday} (TLS)`);
  });

  it("that is not valid yet: from when on", async () => {
    const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    const address = await serve(await authority.issue({ name: "server", early: true }));
    expect(await failure(address, { ca })).toBe(
      `out-of-date: the server's certificate is not valid before ${tomorrow} (TLS)`,
    );
  });

  it("that was revoked, where a list says so", async () => {
    const server = await authority.issue({ name: "server" });
    const other = await authority.issue({ name: "other" });
    const address = await serve(server);
    const crl = async (of: Authority, one: Certificate) => Buffer.from(await of.revoke(one));
    expect(await failure(address, { ca, crl: await crl(authority, server) })).toMatch(
      /^revoked: .* is revoked \(TLS\)/,
    );
    expect(await failure(address, { ca, crl: await crl(stranger, other) })).toMatch(/^revoked: .* is not from the CA/);
    await knock(address, { ca, crl: await crl(authority, other) });
  });
});

describe("our certificate", () => {
  let address: string;
  beforeAll(async () => {
    const server = await authority.issue({ name: "server" });
    address = await serve({ ...server, ca: authority.ca, requestCert: true, rejectUnauthorized: true });
  });

  it("is taken when the server knows its CA", async () => {
    await knock(address, { ca, ...pem(await authority.issue({ name: "client" })) });
  });

  it("is wanted", async () => {
    expect(await failure(address, { ca })).toBe(
      "certificate-wanted: the server wants a client certificate (certificate required) (TLS)",
    );
  });

  it("is of a CA that the server doesn't know: which one", async () => {
    expect(await failure(address, { ca, ...pem(await stranger.issue({ name: "client" })) })).toMatch(
      /^certificate-refused: the server seems to refuse our certificate, "CN=client" issued by "CN=a stranger"/,
    );
  });

  it("has expired", async () => {
    const expired = await authority.issue({ name: "client", expired: true });
    expect(await failure(address, { ca, ...pem(expired) })).toMatch(
      /^certificate-refused: .*, which expired on \d{4}-/,
    );
  });

  it("is no certificate, or has another one's key", async () => {
    const [one, other] = [await authority.issue({ name: "one" }), await authority.issue({ name: "other" })];
    expect(await failure(address, { ca, ...pem({ cert: "none", key: one.key }) })).toMatch(
      /^bad-files: .*no start line/,
    );
    expect(await failure(address, { ca, ...pem({ cert: one.cert, key: other.key }) })).toMatch(
      /^bad-files: .*key values mismatch/,
    );
    expect(await failure(address, { ca, cert: Buffer.from(one.cert) })).toMatch(/^bad-files: .* go together/);
    expect(await failure(address, { ca: Buffer.from("none") })).toMatch(/^bad-files: .*no certificate in the CA's/);
  });
});

describe("a server", () => {
  const noTls = /^no-tls: the server there .*: it seems to speak no TLS \(TLS\)/;

  it("without TLS, where TLS is wanted", async () => {
    expect(await failure(await servers.listen(createHttp2Server() as unknown as Server), { ca })).toMatch(noTls);
    expect(await failure(await servers.mysql(), { ca })).toMatch(noTls);
    const closing = createTcpServer((socket) => socket.destroy());
    expect(await failure(await servers.listen(closing), { ca })).toMatch(noTls);
  });

  it("with TLS, where none is wanted", async () => {
    const wanted = "tls-wanted: the server there wants TLS (TLS)";
    const certificate = await authority.issue({ name: "server" });
    expect(await failure(await serve(certificate))).toBe(wanted);
    const mutual = { ...certificate, ca: authority.ca, requestCert: true, rejectUnauthorized: true };
    expect(await failure(await serve(mutual))).toBe(wanted);
    expect(await failure(await servers.listen(createTlsServer(certificate)))).toBe(wanted);
  });

  it("that is no HTTP/2 server is left to the call that finds that out", async () => {
    await knock(await servers.web());
    await knock(await servers.mysql());
    await knock(await servers.listen(createTcpServer((socket) => socket.destroy())));
    const silent = performance.now();
    await knock(await servers.silent());
    expect(performance.now() - silent).toBeLessThan(2_000);
  });

  it("that is a web server with TLS", async () => {
    const web = createHttpsServer(await authority.issue({ name: "server" }));
    expect(await failure(await servers.listen(web), { ca })).toMatch(
      /^handshake: the server broke off the handshake: no application protocol \(TLS\)/,
    );
  });

  it("that says nothing to a handshake", async () => {
    const dialing = dial(
      { host: "127.0.0.1", port: Number((await servers.silent()).split(":")[1]) },
      { ca },
      { timeoutMs: 500 },
    );
    await expect(dialing).rejects.toMatchObject({ code: "silent", layer: "TLS", reason: "no answer within 0.5 s" });
  });

  it("that refuses, or has no address", async () => {
    expect(await failure(await servers.refusing(), { ca })).toBe("refused: connection refused (TCP)");
    expect(await failure("x:2379", undefined, "no-such-host.invalid")).toMatch(
      /^unresolved: the name does not resolve/,
    );
  });
});

it("hears an interruption", async () => {
  const address = await servers.silent();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  const started = performance.now();
  const target = { host: "127.0.0.1", port: Number(address.split(":")[1]) };
  await expect(dial(target, { ca }, { timeoutMs: 3_000, signal: stop.signal })).rejects.toThrow(InterruptedError);
  await expect(dial(target, { ca }, { timeoutMs: 3_000, signal: stop.signal })).rejects.toThrow(InterruptedError);
  expect(performance.now() - started).toBeLessThan(1_000);
});
