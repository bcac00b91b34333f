import { Etcd3 } from "etcd3";
import { expect, it, onTestFinished } from "vitest";
import { startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openEtcdConn } from "../../../src/topo/etcd/conn.js";
import { Authority } from "../../support/certificates.js";

it("has users from the start, over TLS, each with his part of the keys", async () => {
  const authority = await Authority.create("the sandbox's CA");
  const etcd = await startEtcd({
    tls: await authority.issue({ name: "server" }),
    auth: { rootPassword: "root's", users: [{ name: "one", password: "one's", prefix: "/one/" }] },
  });
  onTestFinished(() => etcd.close());
  const open = async (root: string, password: string) => {
    const tls = { ca: Buffer.from(authority.ca) };
    const login = { username: "one", password };
    const conn = await openEtcdConn({ server: etcd.endpoint, root, security: { tls, login } });
    onTestFinished(() => conn.close());
    return conn;
  };
  const conn = await open("/one/global", "one's");
  await conn.create("file", Buffer.from("1"));
  await expect(open("/onetwo", "one's")).rejects.toThrow('user "one" may not read /onetwo/');
  await expect(open("/one/global", "two's")).rejects.toThrow('refused the user "one"');

  const credentials = { rootCertificate: Buffer.from(authority.ca) };
  const root = new Etcd3({
    hosts: `https://${etcd.endpoint}`,
    credentials,
    auth: { username: "root", password: "root's" },
  });
  onTestFinished(() => root.close());
  expect(await root.get("/one/global/file").string()).toBe("1");
});

it("may be called by another name than its address", async () => {
  const authority = await Authority.create("the sandbox's CA");
  const etcd = await startEtcd({ tls: await authority.issue({ name: "server", hosts: ["etcd.example.com"] }) });
  onTestFinished(() => etcd.close());
  const tls = { ca: Buffer.from(authority.ca) };
  const conn = await openEtcdConn({
    server: etcd.endpoint,
    root: "/one",
    security: { tls: { ...tls, serverName: "etcd.example.com" } },
  });
  onTestFinished(() => conn.close());
  await conn.create("file", Buffer.from("1"));
  await expect(openEtcdConn({ server: etcd.endpoint, root: "/one", security: { tls } })).rejects.toThrow(
    "the server's certificate is for etcd.example.com, not for 127.0.0.1 (TLS)",
  );
});
