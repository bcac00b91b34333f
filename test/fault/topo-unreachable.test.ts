import { createServer } from "node:net";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { AuthError, InterruptedError, UnreachableError } from "../../src/errors.js";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { probe } from "../../src/topo/etcd/probe.js";
import { openTopo } from "../../src/topo/topo.js";
import { BadServers } from "../support/bad-servers.js";

const TEN_SECONDS = 10_000;
const cleanups: (() => unknown)[] = [];
const servers = new BadServers();

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  servers.close();
});

const open = (server: string, signal?: AbortSignal) =>
  openTopo({ type: "etcd2", server, root: "/vitess/global" }, { signal });

async function failsWithin(ms: number, server: string, message: string | RegExp): Promise<void> {
  const started = performance.now();
  const opening = open(server);
  await expect(opening).rejects.toThrow(UnreachableError);
  await expect(opening).rejects.toThrow(message);
  expect(performance.now() - started).toBeLessThan(ms);
}

test("an address that refuses", async () => {
  const address = await servers.refusing();
  await failsWithin(2_000, address, `cannot reach etcd at ${address}: connection refused (TCP)`);
});

test("a name that does not exist", async () => {
  await failsWithin(TEN_SECONDS, "no-such-host.invalid:2379", /no-such-host\.invalid:2379: the name does not resolve/);
});

test.runIf(process.platform === "linux")("an address that swallows packets", async () => {
  const address = await servers.swallowing();
  await failsWithin(TEN_SECONDS, address, `cannot reach etcd at ${address}: no answer within 3 s (TCP)`);
});

test("a process that was kept from running doesn't take that for the server's silence", async () => {
  const etcd = await startEtcd();
  cleanups.push(() => etcd.close());
  const [host = "", port] = etcd.endpoint.split(":");
  const probing = probe({ address: etcd.endpoint, host, port: Number(port), secure: false }, undefined);
  process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_200));
  await probing;
});

test("a server that accepts and never says a word", async () => {
  const address = await servers.silent();
  const message = `cannot reach etcd at ${address}: the server there accepts connections but never answers (gRPC)`;
  await failsWithin(TEN_SECONDS, address, message);
});

test("a server that closes at once", async () => {
  const address = await servers.listen(createServer((socket) => socket.destroy()));
  await failsWithin(3_000, address, `cannot reach etcd at ${address}: the server there does not speak etcd's protocol`);
});

test("an HTTP server", async () => {
  const address = await servers.web();
  await failsWithin(3_000, address, `${address}: the server there does not speak etcd's protocol (gRPC)`);
});

test("a MySQL server", async () => {
  const address = await servers.mysql();
  await failsWithin(3_000, address, `${address}: the server there does not speak etcd's protocol (gRPC)`);
});

test("a gRPC server that is no etcd, such as a tablet", async () => {
  const server = new GrpcServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  cleanups.push(() => server.forceShutdown());
  await failsWithin(3_000, `127.0.0.1:${port}`, `etcd at 127.0.0.1:${port}: the server there is not an etcd v3`);
});

test("a server without TLS where TLS is asked for", async () => {
  const etcd = await startEtcd();
  cleanups.push(() => etcd.close());
  const opening = open(`https://${etcd.endpoint}`);
  await expect(opening).rejects.toThrow(AuthError);
  await expect(opening).rejects.toThrow(
    `etcd at ${etcd.endpoint}: the server there did not answer the TLS handshake with one: it seems to speak no TLS (TLS)`,
  );
});

test("of several endpoints none answers: each one is named with its reason", async () => {
  const [refusing, silent] = [await servers.refusing(), await servers.silent()];
  const both = new RegExp(`no etcd endpoint answers: .*${refusing}: connection refused.*${silent}: .*never answers`);
  await failsWithin(TEN_SECONDS, `${refusing},${silent}`, both);
});

test("of several endpoints one answers: that one is used, without waiting for the others", async () => {
  const etcd = await startEtcd();
  cleanups.push(() => etcd.close());
  const started = performance.now();
  const topo = await open(`${await servers.refusing()},${etcd.endpoint},${await servers.silent()}`);
  cleanups.push(() => topo.close());
  expect(await topo.cells()).toEqual([]);
  expect(performance.now() - started).toBeLessThan(TEN_SECONDS);
});

test("an interruption ends the opening at once", async () => {
  const address = await servers.silent();
  const stop = new AbortController();
  const started = performance.now();
  setTimeout(() => stop.abort(new InterruptedError("interrupted")), 300);
  await expect(open(address, stop.signal)).rejects.toThrow(InterruptedError);
  expect(performance.now() - started).toBeLessThan(1_500);
});
