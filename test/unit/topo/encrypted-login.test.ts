import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openTopo } from "../../../src/topo/topo.js";
import { encode } from "../../../src/wire/proto.js";
import { Authority } from "../../support/certificates.js";

const login = { username: "vtmigrate", password: "s3cret" };
const auth = { rootPassword: "root", users: [{ name: login.username, password: login.password, prefix: "/vitess/" }] };
const folder = mkdtempSync(join(tmpdir(), "vtmigrate-roots-"));
let encrypted: EtcdServer;
let plain: EtcdServer;

beforeAll(async () => {
  const authority = await Authority.create("public");
  const roots = join(folder, "roots.pem");
  writeFileSync(roots, authority.ca);
  // Trusted without being given, as public authorities are.
  vi.stubEnv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", roots);
  encrypted = await startEtcd({ tls: await authority.issue({ name: "etcd" }), auth });
  plain = await startEtcd({ auth });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await encrypted.close();
  await plain.close();
  rmSync(folder, { recursive: true });
});

it("where an address asks for TLS, a cell without it gets no password", async () => {
  const config = { type: "etcd2", server: `https://${encrypted.endpoint}`, root: "/vitess/global" };
  const topo = await openTopo(config, { security: { login } });
  const cell = encode("topodata.CellInfo", { server_address: plain.endpoint, root: "/vitess/zone1" });
  await topo.global.create("cells/zone1/CellInfo", cell);
  await expect(topo.cell("zone1")).rejects.toMatchObject({
    exitCode: 4,
    at: { address: plain.endpoint, layer: "TLS" },
  });
  topo.close();
  // Who asks for none takes the risk himself.
  const inTheClear = await openTopo({ ...config, server: plain.endpoint }, { security: { login } });
  expect(await inTheClear.global.listDir("")).toEqual([]);
  inTheClear.close();
});
