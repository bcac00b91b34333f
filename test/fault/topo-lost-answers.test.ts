import { Etcd3 } from "etcd3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConflictError, UnreachableError } from "../../src/errors.js";
import { type EtcdServer, startEtcd } from "../../src/sandbox/etcd/server.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import type { Conn } from "../../src/topo/port.js";
import { TcpProxy } from "../support/tcp-proxy.js";

const KEY = "/t/a";

let etcd: EtcdServer;
let proxy: TcpProxy;
let conn: Conn;
/** A client that is not ours, with a way to etcd of its own. */
let other: Etcd3;

beforeEach(async () => {
  etcd = await startEtcd();
  proxy = await TcpProxy.start(etcd.endpoint);
  conn = await openEtcdConn({ server: proxy.endpoint, root: "/t", timeoutMs: 700 });
  other = new Etcd3({ hosts: etcd.endpoint });
});

afterEach(async () => {
  conn.close();
  other.close();
  await proxy.close();
  await etcd.close();
});

/** [version, contents]: etcd counts a key's writes. */
async function stored(): Promise<[string | undefined, string | undefined]> {
  const [kv] = (await other.get(KEY).exec()).kvs;
  return [kv?.version, kv?.value.toString()];
}

test("a create whose answer is lost is looked up, not repeated", async () => {
  const creating = conn.create("a", Buffer.from("one"));
  await proxy.swallowAndBreak("answers", 200);
  const version = await creating;
  expect(await stored()).toEqual(["1", "one"]);
  expect((await conn.get("a")).version).toBe(version);
});

test("a create that never arrived is sent again", async () => {
  const creating = conn.create("a", Buffer.from("one"));
  await proxy.swallowAndBreak("requests", 200);
  await creating;
  expect(await stored()).toEqual(["1", "one"]);
});

test("a compare-and-swap whose answer is lost is no conflict with itself", async () => {
  const first = await conn.create("a", Buffer.from("one"));
  const updating = conn.update("a", Buffer.from("two"), first);
  await proxy.swallowAndBreak("answers", 200);
  const version = await updating;
  expect(await stored()).toEqual(["2", "two"]);
  await conn.update("a", Buffer.from("three"), version);
});

test("a blind put whose answer is lost is written once", async () => {
  await conn.create("a", Buffer.from("one"));
  const updating = conn.update("a", Buffer.from("two"), undefined);
  await proxy.swallowAndBreak("answers", 200);
  await updating;
  expect(await stored()).toEqual(["2", "two"]);
});

test("a compare-and-swap that somebody else overtook is a conflict", async () => {
  const first = await conn.create("a", Buffer.from("one"));
  const updating = conn.update("a", Buffer.from("two"), first);
  const outcome = expect(updating).rejects.toThrow(ConflictError);
  proxy.swallow("requests");
  await other.put(KEY).value("theirs");
  await proxy.swallowAndBreak("requests", 200);
  await outcome;
  expect(await stored()).toEqual(["2", "theirs"]);
});

test("a delete whose answer is lost is done", async () => {
  const first = await conn.create("a", Buffer.from("one"));
  const deleting = conn.delete("a", first);
  await proxy.swallowAndBreak("answers", 200);
  await deleting;
  expect(await stored()).toEqual([undefined, undefined]);
});

test("when nobody can tell whether a write was carried out, the error says so", async () => {
  const first = await conn.create("a", Buffer.from("one"));
  proxy.swallow("answers");
  const started = performance.now();
  const updating = conn.update("a", Buffer.from("two"), first);
  await expect(updating).rejects.toThrow(UnreachableError);
  await expect(updating).rejects.toThrow(`while writing ${KEY}: it may have been written or not`);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("a read is repeated over a broken connection", async () => {
  await conn.create("a", Buffer.from("one"));
  const reading = conn.get("a");
  await proxy.swallowAndBreak("answers", 100);
  expect((await reading).contents.toString()).toBe("one");
});

test("a read from a server that is gone for good ends with its address, within its time", async () => {
  const endpoint = proxy.endpoint;
  await proxy.close();
  const started = performance.now();
  const reading = conn.get("a");
  await expect(reading).rejects.toThrow(UnreachableError);
  await expect(reading).rejects.toThrow(`etcd at ${endpoint}`);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("the second endpoint takes over when the first falls silent", async () => {
  const two = await openEtcdConn({ server: `${proxy.endpoint},${etcd.endpoint}`, root: "/t", timeoutMs: 700 });
  try {
    const first = await two.create("a", Buffer.from("one"));
    proxy.swallow("requests", "answers");
    await two.update("a", Buffer.from("two"), first);
    expect(await stored()).toEqual(["2", "two"]);
  } finally {
    two.close();
  }
});

test("a watch over a connection that breaks goes on where it was, and misses no last state", async () => {
  await conn.create("a", Buffer.from("1"));
  const stop = new AbortController();
  const seen: (string | undefined)[] = [];
  for await (const file of conn.watch("a", stop.signal)) {
    seen.push(file?.contents.toString());
    if (file?.contents.toString() === "1") {
      proxy.break();
      await other.put(KEY).value("2");
      await other.put(KEY).value("3");
    }
    if (file?.contents.toString() === "3") stop.abort();
  }
  expect(seen.at(-1)).toBe("3");
});

test("a watch whose revision was compacted away reads the state anew", async () => {
  await conn.create("a", Buffer.from("1"));
  const started = performance.now();
  const stop = new AbortController();
  const seen: (string | undefined)[] = [];
  for await (const file of conn.watch("a", stop.signal)) {
    seen.push(file?.contents.toString());
    if (seen.length === 1) {
      // The stream is not open yet: it will ask for a revision that is gone.
      await other.put(KEY).value("2");
      await other.put(KEY).value("3");
      const { header } = await other.put(KEY).value("4");
      await other.kv.compact({ revision: header.revision });
    }
    if (file?.contents.toString() === "4") stop.abort();
  }
  expect(seen).toEqual(["1", "4"]);
  // By the server's refusal: the slow poll would tell as well, after 5 s.
  expect(performance.now() - started).toBeLessThan(3_000);
});
