import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openTopo } from "../../../src/topo/topo.js";
import { encode } from "../../../src/wire/proto.js";
import { Authority } from "../../support/certificates.js";

// Authorities that are trusted without being given, as public ones are; grpc-js looks for their file when it is loaded.
const roots = vi.hoisted(() => {
  const path = `${process.env.TMPDIR ?? "/tmp"}/vtmigrate-roots-${process.pid}.pem`;
  process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH = path;
  return path;
});

const login = { username: "vtmigrate", password: "s3cret" };
const auth = { rootPassword: "root", users: [{ name: login.username, password: login.password, prefix: "/vitess/" }] };
let encrypted: EtcdServer;
let plain: EtcdServer;

beforeAll(async () => {
  const authority = await Authority.create("public");
  writeFileSync(roots, authority.ca);
  encrypted = await startEtcd({ tls: await authority.issue({ name: "etcd" }), auth });
  plain = await startEtcd({ auth });
});
afterAll(async () => {
  await encrypted.close();
  await plain.close();
  rmSync(roots);
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
