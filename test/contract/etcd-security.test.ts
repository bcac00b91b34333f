import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd3 } from "etcd3";
import { describe, it, onTestFinished } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import { addUsers, rootOptions } from "../support/etcd-users.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";
import { etcdSecurityContract } from "./etcd-security.contract.js";

describe("the sandbox's etcd", () => {
  etcdSecurityContract(async (tls) => {
    const served = tls && { ...tls.server, ...(tls.client && { clientCa: tls.ca }) };
    const etcd = await startEtcd({ ...(served && { tls: served }), tokenTtlMs: 200 });
    return { ...etcd, tokenMs: 300 };
  });
});

/** etcd looks once a second for tokens whose second is over. */
const REAL_ARGS = ["--auth-token-ttl", "1", "--bcrypt-cost", "4"];
const REAL_TOKEN_MS = 2_200;

const reason = realEtcdReason();
describe.skipIf(reason !== undefined)(`a real etcd${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  etcdSecurityContract(async (tls) => ({ ...(await startRealEtcd(REAL_ARGS, tls)), tokenMs: REAL_TOKEN_MS }));

  it("refuses a JSON web token after any change of users and roles: then there is a new one", async () => {
    const etcd = await startRealEtcd(["--auth-token", await jwtOption(), "--bcrypt-cost", "4"]);
    onTestFinished(() => etcd.close());
    const login = { username: "migrate", password: "a secret" };
    await addUsers(etcd.endpoint, [{ name: login.username, password: login.password, prefixes: ["/vitess/"] }]);
    const root = new Etcd3(rootOptions(etcd.endpoint));
    onTestFinished(() => root.close());
    const conn = await openEtcdConn({ server: etcd.endpoint, root: "/vitess", security: { login } });
    onTestFinished(() => conn.close());
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    await root.auth.roleAdd({ name: "one more" });
    await conn.create("file", Buffer.from("1"));
    await lock.check();
    await lock.release();
  });
});

/** etcd signs tokens with a key pair of the test's own; the files go with the test. */
async function jwtOption(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-jwt-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const [pub, priv] = [join(folder, "public.pem"), join(folder, "private.pem")];
  await Promise.all([writeFile(pub, publicKey), writeFile(priv, privateKey, { mode: 0o600 })]);
  return `jwt,pub-key=${pub},priv-key=${priv},sign-method=RS256,ttl=10m`;
}
