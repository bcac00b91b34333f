import { expect, it } from "vitest";
import { bytes, type SecurePlace } from "./place.js";

/** What becomes of a connection whose token is not valid any more. */
export function tokensContract(place: () => SecurePlace): void {
  it("logs in again when its token is not known any more: reads, writes, a lock that is held, a watch", async () => {
    const conn = await place().open();
    await conn.create("file", bytes("1"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();

    await place().forgetTokens();
    await lock.check();
    await place().forgetTokens();
    await conn.update("file", bytes("2"), undefined);
    expect((await seen.next()).value?.contents.toString()).toBe("2");
    await place().forgetTokens();
    expect((await conn.get("file")).contents).toEqual(bytes("2"));
    await place().forgetTokens();
    const watching = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    expect((await watching.next()).value?.contents.toString()).toBe("2");
    expect(lock.lost.aborted).toBe(false);
    await place().forgetTokens();
    await lock.release();
    expect(await conn.lockHolders("dir")).toEqual([]);
    stop.abort();
  });

  it("gives many requests at once one new token", async () => {
    const conn = await place().open();
    await place().forgetTokens();
    const names = Array.from({ length: 20 }, (_, index) => `file${index}`);
    await Promise.all(names.map((name) => conn.create(name, bytes(name))));
    expect((await conn.list("")).length).toBe(20);
  });

  it("holds a lock and a watch for longer than its token lives", async () => {
    const conn = await place().open();
    const stop = new AbortController();
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();
    await new Promise((resolve) => setTimeout(resolve, place().etcd.tokenMs));
    await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await lock.check();
    await lock.release();
    expect(await conn.lockHolders("dir")).toEqual([]);
    stop.abort();
  });

  it("waits for a lock while its token is forgotten", async () => {
    const [first, second] = [await place().open({}, "/vitess/both"), await place().open({}, "/vitess/both")];
    const held = await first.lock("dir", { action: "first", timeoutMs: 2_000, allowMissingDir: true });
    const waiting = second.lock("dir", { action: "second", timeoutMs: 8_000, allowMissingDir: true });
    while ((await first.lockHolders("dir")).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await place().forgetTokens();
    await held.release();
    const next = await waiting;
    expect((await first.lockHolders("dir")).map(({ Action }) => Action)).toEqual(["second"]);
    await next.release();
  });

  it("goes on when the server was restarted and has forgotten everybody", async ({ skip }) => {
    const { etcd } = place();
    if (etcd.restart === undefined) return skip("the sandbox's etcd keeps nothing over a restart");
    const conn = await place().open();
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    await seen.next();
    await etcd.restart();
    await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await lock.check();
    await lock.release();
    stop.abort();
  });
}
