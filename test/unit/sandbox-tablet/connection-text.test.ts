import { afterEach, expect, it } from "vitest";
import type { Tls } from "../../../src/net/security.js";
import type { TabletServerSecurity } from "../../../src/sandbox/security.js";
import { SourceClient } from "../../../src/sandbox/tablet/vreplication/source.js";
import { Authority } from "../../support/certificates.js";
import { startSecureTablet } from "../../support/secure-tablet.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** What a stream's row says of a source tablet that it can't read from. */
async function told(served: TabletServerSecurity, query?: Tls): Promise<string> {
  const tablet = await startSecureTablet(served);
  const client = new SourceClient(tablet.record().grpcAddress, query === undefined ? {} : { query });
  cleanups.push(() => client.close(), tablet.stop);
  return client.health(AbortSignal.timeout(5_000)).then(
    () => "nothing",
    (error: Error) => error.message.replace("vttablet: rpc error: code = Unavailable desc = ", ""),
  );
}

it("a connection that failed is told in Go's words", async () => {
  const authority = await Authority.create("tablets");
  const stranger = await Authority.create("a stranger");
  const ca = Buffer.from(authority.ca);
  const tls = await authority.issue({ name: "tablet" });
  const forOthers = (...hosts: string[]) => authority.issue({ name: "tablet", hosts });
  const certificate = "transport: authentication handshake failed: tls: failed to verify certificate: x509:";
  const ipSans = "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs";
  const said = async (of: Promise<string>) => /^connection error: desc = "(.*)"$/.exec(await of)?.[1] ?? (await of);

  expect(await told({ tls }, { ca })).toBe("nothing");
  expect(await said(told({ tls }, { ca: Buffer.from(stranger.ca) }))).toBe(
    `${certificate} certificate signed by unknown authority`,
  );
  expect(await said(told({ tls: await stranger.issue({ name: "tablet" }) }, { ca }))).toBe(
    `${certificate} certificate signed by unknown authority`,
  );
  expect(await said(told({ tls: await forOthers("a.example", "b.example") }, { ca, serverName: "c.example" }))).toBe(
    `${certificate} certificate is valid for a.example, b.example, not c.example`,
  );
  expect(await said(told({ tls: await forOthers("10.0.0.1") }, { ca }))).toBe(
    `${certificate} certificate is valid for 10.0.0.1, not 127.0.0.1`,
  );
  expect(await said(told({ tls: await forOthers("a.example") }, { ca }))).toBe(`${certificate} ${ipSans}`);
  expect(await said(told({ tls: await authority.issue({ name: "tablet", expired: true }) }, { ca }))).toBe(
    `${certificate} certificate has expired or is not yet valid`,
  );
  expect(await said(told({}, { ca }))).toBe(
    "transport: authentication handshake failed: tls: first record does not look like a TLS handshake",
  );
  expect(await said(told({ tls }))).toBe("error reading server preface: EOF");
});

it("a tablet that wants a client's certificate says so in its server's words", async () => {
  const authority = await Authority.create("tablets");
  const tls = { ...(await authority.issue({ name: "tablet" })), clientCa: authority.ca };
  expect(await told({ tls }, { ca: Buffer.from(authority.ca) })).toContain("error reading server preface:");
});
