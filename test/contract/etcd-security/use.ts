import { expect, it } from "vitest";
import { bytes, MIGRATE, NARROW, refusal, type SecurePlace } from "./place.js";

/** What one may who is let in. */
export function useContract(place: () => SecurePlace): void {
  it("reads, writes, watches and locks", async () => {
    const conn = await place().open();
    const stop = new AbortController();
    const seen = conn.watch("file", stop.signal)[Symbol.asyncIterator]();
    expect((await seen.next()).value).toBeUndefined();
    const version = await conn.create("file", bytes("1"));
    expect((await seen.next()).value?.contents.toString()).toBe("1");
    await conn.update("file", bytes("2"), version);
    expect((await conn.get("file")).contents).toEqual(bytes("2"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    await lock.check();
    await lock.release();
    await conn.delete("file");
    stop.abort();
  });

  it("takes a certificate's name for the user's where no user is given", async () => {
    const { cert, key } = await place().authority.issue({ name: MIGRATE.username });
    const conn = await place().open({
      login: undefined,
      tls: { ...place().files(), cert: bytes(cert), key: bytes(key) },
    });
    await conn.create("file", bytes("1"));
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    await lock.check();
    await lock.release();
    const narrow = await place().open(
      { tls: { ...place().files(), cert: bytes(cert), key: bytes(key) }, login: NARROW },
      "/vitess/narrow/keyspaces",
    );
    expect(await refusal(narrow.get("../file"))).toContain('user "narrow" may not read');
  });

  it("needs no more than what is below its root", async () => {
    const conn = await place().open({ login: NARROW }, "/vitess/narrow/keyspaces");
    expect((await conn.identity()).root).toBe("/vitess/narrow/keyspaces");
    const lock = await conn.lock("dir", { action: "test", timeoutMs: 2_000, allowMissingDir: true });
    expect((await conn.locksBelow("")).map(({ dir }) => dir)).toEqual(["dir"]);
    await lock.check();
    await lock.release();
  });

  it("goes on without a user when there are none, and gives its name once there are", async () => {
    const conn = await place().open();
    await place().root.auth.authDisable();
    const other = await place().open();
    await other.create("file", bytes("1"));
    await conn.create("file", bytes("1"));
    await place().noUser.auth.authEnable();
    expect((await other.get("file")).contents).toEqual(bytes("1"));
    expect((await conn.get("file")).contents).toEqual(bytes("1"));
  });
}
