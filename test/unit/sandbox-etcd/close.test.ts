import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startEtcd } from "../../../src/sandbox/etcd/server.js";
import { b, RawEtcd } from "../../support/raw-etcd.js";

afterEach(() => {
  vi.useRealTimers();
});

describe("the sandbox's etcd, when it is closed", () => {
  it("ends every stream at once and frees the port", async () => {
    const server = await startEtcd();
    const client = new RawEtcd(server.endpoint);
    const watch = client.stream("Watch", "Watch");
    watch.write({ create_request: { key: b("k") } });
    await watch.next();
    const { ID } = await client.call("Lease", "LeaseGrant", { TTL: 600 });
    const keepAlive = client.stream("Lease", "LeaseKeepAlive");
    keepAlive.write({ ID });
    await keepAlive.next();

    const started = Date.now();
    await server.close();
    expect(await watch.ended).toMatch(/^(1|14) /);
    expect(await keepAlive.ended).toMatch(/^(1|14) /);
    expect(Date.now() - started).toBeLessThan(500);
    await expect(client.put("k", "1")).rejects.toThrow(/UNAVAILABLE/);
    client.close();

    const again = await startEtcd({ port: server.port });
    expect(again.endpoint).toBe(server.endpoint);
    await again.close();
  });

  it("leaves no timer behind, and may be closed twice", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
    const server = await startEtcd();
    const client = new RawEtcd(server.endpoint);
    await client.call("Lease", "LeaseGrant", { TTL: 600 });
    client.close();
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await Promise.all([server.close(), server.close()]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps nothing: a new one starts empty, with ids of its own", async () => {
    const first = await startEtcd();
    const client = new RawEtcd(first.endpoint);
    const { header } = await client.put("k", "1");
    client.close();
    await first.close();
    const second = await startEtcd();
    const other = new RawEtcd(second.endpoint);
    const answer = await other.range("k");
    expect(answer).toMatchObject({ count: "0", header: { revision: "1" } });
    expect((answer.header as { cluster_id: string }).cluster_id).not.toBe(
      (header as { cluster_id: string }).cluster_id,
    );
    other.close();
    await second.close();
  });
});

describe("the sandbox's etcd, when it starts", () => {
  it("refuses a port that is taken, and leaves nothing behind", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const address = blocker.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
    await expect(startEtcd({ port })).rejects.toThrow(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
    expect(vi.getTimerCount()).toBe(0);
    await new Promise((resolve) => blocker.close(resolve));
  });
});
