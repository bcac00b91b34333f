import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cluster, until } from "./clusters.js";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start("zone1");
});
afterAll(() => cluster?.stop());

const dir = "internal/named_locks/commerce/wf";
const keys = () => cluster.topo.list(`${dir}/locks`);

function lock({ ttlSeconds = 60, timeoutMs = 5_000, signal = new AbortController().signal } = {}) {
  return cluster.topo.lock(dir, { action: "vdiff", options: true, ttlSeconds, timeoutMs, signal });
}

describe("a tablet's lock in the topology", () => {
  it("is had by one after the other, in the order in which they came", async () => {
    const order: number[] = [];
    const first = await lock();
    expect(await keys()).toEqual([expect.stringMatching(/^\d+$/)]);
    const second = lock().then((held) => {
      order.push(2);
      return held;
    });
    await until(keys, (found) => found.length === 2);
    const third = lock().then((held) => {
      order.push(3);
      return held;
    });
    await until(keys, (found) => found.length === 3);
    expect(order).toEqual([]);
    await first.release();
    await (await second).release();
    await (await third).release();
    expect(order).toEqual([2, 3]);
    expect(await keys()).toEqual([]);
  });

  it("isn't waited for longer than was asked, nor after an abort, and no place is kept", async () => {
    const held = await lock();
    const where = `/vitess/global/${dir}/locks`;
    await expect(lock({ timeoutMs: 200 })).rejects.toThrow(`deadline exceeded: ${where}`);
    const abort = new AbortController();
    const waiting = lock({ signal: abort.signal });
    await until(keys, (found) => found.length === 2);
    abort.abort(new Error("context canceled"));
    await expect(waiting).rejects.toThrow(`interrupted: ${where}`);
    await expect(lock({ signal: abort.signal })).rejects.toThrow("context canceled");
    await held.release();
    expect(await keys()).toEqual([]);
  });

  it("is lost when its lease is over, whether it is needed or not", async () => {
    const held = await lock({ ttlSeconds: 2 });
    await until(keys, (found) => found.length === 0, 10_000);
    await held.release();
  });
});
