import { spawn } from "node:child_process";
import { once } from "node:events";
import { Etcd3 } from "etcd3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConflictError, UnreachableError } from "../../src/errors.js";
import { type EtcdServer, startEtcd } from "../../src/sandbox/etcd/server.js";
import type { EtcdClient } from "../../src/topo/etcd/client.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import { connectEtcd } from "../../src/topo/etcd/connect.js";
import { Lease } from "../../src/topo/etcd/lease.js";
import { until } from "../contract/topo/place.js";
import { TcpProxy } from "../support/tcp-proxy.js";

let etcd: EtcdServer;
let proxy: TcpProxy;
let other: Etcd3;

beforeEach(async () => {
  etcd = await startEtcd();
  proxy = await TcpProxy.start(etcd.endpoint);
  other = new Etcd3({ hosts: etcd.endpoint });
});

afterEach(async () => {
  other.close();
  await proxy.close();
  await etcd.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function lease(client: EtcdClient, seconds: number): Promise<Lease> {
  return Lease.grant(client, seconds, "the lock of keyspaces/x");
}

async function withClient(run: (client: EtcdClient) => Promise<void>): Promise<void> {
  const client = await connectEtcd(proxy.endpoint, "/t", { timeoutMs: 500 });
  try {
    await run(client);
  } finally {
    client.close();
  }
}

test("a lease is kept alive for longer than it was granted for, and gone when it is revoked", () =>
  withClient(async (client) => {
    const held = await lease(client, 2);
    await pause(4_500);
    expect(held.lost.aborted).toBe(false);
    expect(Number((await other.leaseClient.leaseTimeToLive({ ID: held.id })).TTL)).toBeGreaterThan(0);
    await held.revoke();
    expect(Number((await other.leaseClient.leaseTimeToLive({ ID: held.id })).TTL)).toBe(-1);
    expect(held.lost.aborted).toBe(false);
  }));

test("a short break of the network costs no lease", () =>
  withClient(async (client) => {
    const held = await lease(client, 3);
    await proxy.swallowAndBreak("answers", 1_200);
    await pause(3_000);
    expect(held.lost.aborted).toBe(false);
    await held.revoke();
  }));

test("a lease that can't be renewed is lost no later than when the server lets go of it", () =>
  withClient(async (client) => {
    const held = await lease(client, 2);
    const started = performance.now();
    proxy.swallow("requests", "answers");
    await until("it is lost", () => held.lost.aborted, 4_000);
    expect(performance.now() - started).toBeLessThanOrEqual(2_200);
    expect(held.lost.reason).toBeInstanceOf(ConflictError);
    expect(held.lost.reason.message).toBe("the lock of keyspaces/x was lost: its lease could not be renewed for 2 s");
  }));

test("giving back a lease to a server that is gone does not fail, nor take for ever", () =>
  withClient(async (client) => {
    const held = await lease(client, 2);
    proxy.swallow("requests", "answers");
    const started = performance.now();
    await held.revoke();
    expect(performance.now() - started).toBeLessThan(3_000);
  }));

test("a check that the server does not answer is no proof of loss: it says unreachable", async () => {
  const conn = await openEtcdConn({ server: proxy.endpoint, root: "/t", timeoutMs: 500 });
  await conn.create("keyspaces/x/Keyspace", Buffer.alloc(0));
  const held = await conn.lock("keyspaces/x", { action: "Create", timeoutMs: 1_000 });
  proxy.swallow("requests", "answers");
  await expect(held.check()).rejects.toThrow(UnreachableError);
  expect(held.lost.aborted).toBe(false);
  proxy.break();
  await held.check();
  await held.release();
  conn.close();
});

test("waiting for a lock at a server that falls silent ends in time, and says that it is unreachable", async () => {
  const conn = await openEtcdConn({ server: proxy.endpoint, root: "/t", timeoutMs: 500 });
  await conn.create("keyspaces/x/Keyspace", Buffer.alloc(0));
  proxy.swallow("requests", "answers");
  const started = performance.now();
  const waiting = conn.lock("keyspaces/x", { action: "Create", timeoutMs: 600 });
  await expect(waiting).rejects.toThrow(UnreachableError);
  expect(performance.now() - started).toBeLessThan(5_000);
  conn.close();
});

test("a lock whose creation lost its answer is held once", async () => {
  const conn = await openEtcdConn({ server: proxy.endpoint, root: "/t", timeoutMs: 500 });
  await conn.create("keyspaces/x/Keyspace", Buffer.alloc(0));
  proxy.swallowAnswersFrom("/t/keyspaces/x/locks/");
  const locking = conn.lock("keyspaces/x", { action: "Create", timeoutMs: 5_000 });
  await until("the lock is being created", () => proxy.isSwallowing);
  await proxy.swallowAndBreak("answers", 200);
  const held = await locking;
  await held.check();
  expect(await conn.lockHolders("keyspaces/x")).toHaveLength(1);
  await held.release();
  expect(await other.getAll().prefix("/t/keyspaces/x/locks/").count()).toBe(0);
  conn.close();
});

test("a process that is killed leaves its lock for no more than the lease's 30 s", async () => {
  await other.put("/t/keyspaces/x/Keyspace").value("");
  const script = `
    import { openEtcdConn } from "./src/topo/etcd/conn.ts";
    const conn = await openEtcdConn({ server: "${etcd.endpoint}", root: "/t" });
    await conn.lock("keyspaces/x", { action: "Create", timeoutMs: 1000 });
    console.log("locked");`;
  const vite = ["--input-type=module", "-e", runTypeScript(script)];
  const child = spawn(process.execPath, vite, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = child.stdout ? await once(child.stdout, "data") : [];
  expect(String(line).trim()).toBe("locked");
  child.kill("SIGKILL");
  await once(child, "exit");
  const [kv] = (await other.getAll().prefix("/t/keyspaces/x/locks/").exec()).kvs;
  const left = await other.leaseClient.leaseTimeToLive({ ID: kv?.lease });
  expect(Number(left.TTL)).toBeGreaterThan(0);
  expect(Number(left.TTL)).toBeLessThanOrEqual(30);
});

/** Runs TypeScript of this repository in a plain Node, through the transformer that the tests use. */
function runTypeScript(script: string): string {
  return `
    import { createServer } from "vite";
    const server = await createServer({ configFile: false, server: { middlewareMode: true, ws: false }, logLevel: "error" });
    ${script.replace(/import \{ (\w+) \} from "([^"]+)";/, 'const { $1 } = await server.ssrLoadModule("/$2");')}`;
}
