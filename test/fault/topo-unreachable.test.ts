import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { AuthError, InterruptedError, UnreachableError } from "../../src/errors.js";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { openTopo } from "../../src/topo/topo.js";

const TEN_SECONDS = 10_000;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
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

/** A server of any kind; `serve` gets its connections. */
async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    sockets.add(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}

/**
 * A port whose packets are swallowed: a listener that accepts nothing, with its queue full, is what Linux treats
 * so. Node's own event loop always accepts, therefore a process that is stopped.
 */
async function swallowingPort(): Promise<string> {
  const listener = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child: ChildProcess = spawn(process.execPath, ["-e", listener], { stdio: ["ignore", "pipe", "ignore"] });
  cleanups.push(() => child.kill("SIGKILL"));
  const [line] = child.stdout ? await once(child.stdout, "data") : [];
  child.kill("SIGSTOP");
  const port = Number(String(line));
  for (let i = 0; i < 4; i++) {
    const filler = connect(port, "127.0.0.1").on("error", () => undefined);
    cleanups.push(() => filler.destroy());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `127.0.0.1:${port}`;
}

test("an address that refuses", async () => {
  const address = await closedPort();
  await failsWithin(2_000, address, `cannot reach etcd at ${address}: connection refused (TCP)`);
});

test("a name that does not exist", async () => {
  await failsWithin(TEN_SECONDS, "no-such-host.invalid:2379", /no-such-host\.invalid:2379: the name does not resolve/);
});

test.runIf(process.platform === "linux")("an address that swallows packets", async () => {
  const address = await swallowingPort();
  await failsWithin(TEN_SECONDS, address, `cannot reach etcd at ${address}: no answer within 3 s (TCP)`);
});

test("a server that accepts and never says a word", async () => {
  const address = await listen(createServer());
  const message = `cannot reach etcd at ${address}: the server there accepts connections but never answers (gRPC)`;
  await failsWithin(TEN_SECONDS, address, message);
});

test("a server that closes at once", async () => {
  const address = await listen(createServer((socket) => socket.destroy()));
  await failsWithin(3_000, address, `cannot reach etcd at ${address}: the server there does not speak etcd's protocol`);
});

test("an HTTP server", async () => {
  const address = await listen(createHttpServer((_, response) => response.end("hello")));
  await failsWithin(3_000, address, `${address}: the server there does not speak etcd's protocol (gRPC)`);
});

test("a MySQL server", async () => {
  // The beginning of a handshake, as MySQL sends it unasked.
  const greeting = Buffer.from("4a0000000a382e302e33330008000000", "hex");
  const address = await listen(createServer((socket) => socket.write(greeting)));
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
  await expect(opening).rejects.toThrow(`etcd at ${etcd.endpoint}: the TLS handshake failed`);
});

test("of several endpoints none answers: each one is named with its reason", async () => {
  const [refusing, silent] = [await closedPort(), await listen(createServer())];
  const both = new RegExp(`no etcd endpoint answers: .*${refusing}: connection refused.*${silent}: .*never answers`);
  await failsWithin(TEN_SECONDS, `${refusing},${silent}`, both);
});

test("of several endpoints one answers: that one is used, without waiting for the others", async () => {
  const etcd = await startEtcd();
  cleanups.push(() => etcd.close());
  const started = performance.now();
  const topo = await open(`${await closedPort()},${etcd.endpoint},${await listen(createServer())}`);
  cleanups.push(() => topo.close());
  expect(await topo.cells()).toEqual([]);
  expect(performance.now() - started).toBeLessThan(TEN_SECONDS);
});

test("an interruption ends the opening at once", async () => {
  const address = await listen(createServer());
  const stop = new AbortController();
  const started = performance.now();
  setTimeout(() => stop.abort(new InterruptedError("interrupted")), 300);
  await expect(open(address, stop.signal)).rejects.toThrow(InterruptedError);
  expect(performance.now() - started).toBeLessThan(1_500);
});
