import { expect, test } from "vitest";
import { ConflictError, InterruptedError, NotFoundError } from "../../../src/errors.js";
import type { TopoFile } from "../../../src/topo/port.js";
import type { Place } from "./place.js";

/** Create, read, compare-and-swap, delete, list and watch, with Vitess's sentences. */
export function filesContract(place: () => Place): void {
  test("a file that is created can be read, with the revision of its creation as version", async () => {
    const conn = await place().conn();
    const version = await conn.create("keyspaces/x/Keyspace", Buffer.from("one"));
    expect(await conn.get("keyspaces/x/Keyspace")).toEqual({
      path: "keyspaces/x/Keyspace",
      contents: Buffer.from("one"),
      version,
    });
    expect(await place().read("global/keyspaces/x/Keyspace")).toEqual(Buffer.from("one"));
  });

  test("a file may be empty, as an unsharded keyspace's VSchema is", async () => {
    const conn = await place().conn();
    await conn.create("keyspaces/x/VSchema", Buffer.alloc(0));
    expect((await conn.get("keyspaces/x/VSchema")).contents).toEqual(Buffer.alloc(0));
  });

  test("what is missing is named by its full key", async () => {
    const conn = await place().conn();
    const missing = `node doesn't exist: ${place().globalRoot}/keyspaces/x/Keyspace`;
    const failure = conn.get("keyspaces/x/Keyspace");
    await expect(failure).rejects.toThrow(NotFoundError);
    await expect(failure).rejects.toThrow(missing);
    await expect(conn.delete("keyspaces/x/Keyspace")).rejects.toThrow(missing);
    await expect(conn.delete("keyspaces/x/Keyspace", "1")).rejects.toThrow(NotFoundError);
  });

  test("create refuses a file that exists and leaves it as it is", async () => {
    const conn = await place().conn();
    await conn.create("a", Buffer.from("one"));
    const second = conn.create("a", Buffer.from("two"));
    await expect(second).rejects.toThrow(ConflictError);
    await expect(second).rejects.toThrow(`node already exists: ${place().globalRoot}/a`);
    expect((await conn.get("a")).contents.toString()).toBe("one");
  });

  test("update is a compare-and-swap by version, and overwrites or creates without one", async () => {
    const conn = await place().conn();
    const first = await conn.create("a", Buffer.from("one"));
    const second = await conn.update("a", Buffer.from("two"), first);
    expect(second).not.toBe(first);
    const stale = conn.update("a", Buffer.from("three"), first);
    await expect(stale).rejects.toThrow(ConflictError);
    await expect(stale).rejects.toThrow(`bad node version: ${place().globalRoot}/a`);
    expect(await conn.get("a")).toMatchObject({ contents: Buffer.from("two"), version: second });

    await conn.update("a", Buffer.from("blind"), undefined);
    await conn.update("b", Buffer.from("new"), undefined);
    expect((await conn.get("a")).contents.toString()).toBe("blind");
    expect((await conn.get("b")).contents.toString()).toBe("new");
    await expect(conn.update("c", Buffer.from("x"), "1")).rejects.toThrow("bad node version");
  });

  test("delete takes a version too", async () => {
    const conn = await place().conn();
    const first = await conn.create("a", Buffer.from("one"));
    await conn.update("a", Buffer.from("two"), first);
    await expect(conn.delete("a", first)).rejects.toThrow("bad node version");
    await conn.delete("a", (await conn.get("a")).version);
    await expect(conn.get("a")).rejects.toThrow(NotFoundError);
  });

  test("listDir gives the names directly below, once each; a missing directory is empty", async () => {
    const conn = await place().conn();
    for (const path of [
      "keyspaces/b/VSchema",
      "keyspaces/b/Keyspace",
      "keyspaces/a/shards/0/Shard",
      "keyspacesX/c/K",
    ]) {
      await conn.create(path, Buffer.from("x"));
    }
    expect(await conn.listDir("keyspaces")).toEqual(["a", "b"]);
    expect(await conn.listDir("keyspaces/a")).toEqual(["shards"]);
    expect(await conn.listDir("")).toEqual(["keyspaces", "keyspacesX"]);
    expect(await conn.listDir("cells")).toEqual([]);
  });

  test("list gives every file whose path starts with the prefix, sorted, and stays within the root", async () => {
    const conn = await place().conn();
    await place().put("global2/keyspaces/z", "other root");
    for (const path of ["b", "a/2", "a/1", "ab"]) await conn.create(path, Buffer.from(path));
    expect((await conn.list("a")).map((file) => [file.path, file.contents.toString()])).toEqual([
      ["a/1", "a/1"],
      ["a/2", "a/2"],
      ["ab", "ab"],
    ]);
    expect((await conn.list("")).map((file) => file.path)).toEqual(["a/1", "a/2", "ab", "b"]);
    expect(await conn.list("zz")).toEqual([]);
  });

  test("many and large values come through whole", async () => {
    const conn = await place().conn();
    const large = Buffer.alloc(1_000_000, "x");
    for (let i = 0; i < 8; i++) await conn.create(`big/${i}`, large);
    const files = await conn.list("big/");
    expect(files.map((file) => file.contents.equals(large))).toEqual(Array(8).fill(true));
  });

  test("watch gives the current state, then each change, and ends with its signal", async () => {
    const conn = await place().conn();
    await conn.create("a", Buffer.from("1"));
    const stop = new AbortController();
    const seen: (string | undefined)[] = [];
    const watching = (async () => {
      for await (const file of conn.watch("a", stop.signal)) {
        seen.push(file?.contents.toString());
        if (seen.length === 1) await change(conn);
        if (seen.length === 4) stop.abort();
      }
    })();
    await watching;
    expect(seen).toEqual(["1", "2", undefined, "3"]);
  });

  test("watch of a file that is not there begins with undefined", async () => {
    const conn = await place().conn();
    const stop = new AbortController();
    const states: (TopoFile | undefined)[] = [];
    for await (const file of conn.watch("later", stop.signal)) {
      states.push(file);
      if (states.length === 1) await place().put("global/later", "now");
      else stop.abort();
    }
    expect(states.map((state) => state?.contents.toString())).toEqual([undefined, "now"]);
  });

  test("an aborted signal ends an operation with InterruptedError", async () => {
    const conn = await place().conn();
    const aborted = AbortSignal.abort();
    await expect(conn.get("a", aborted)).rejects.toThrow(InterruptedError);
    await expect(conn.listDir("a", aborted)).rejects.toThrow(InterruptedError);
    await expect(conn.create("a", Buffer.from("x"), aborted)).rejects.toThrow(InterruptedError);
    await expect(conn.get("a")).rejects.toThrow(NotFoundError);
  });

  async function change(conn: Awaited<ReturnType<Place["conn"]>>): Promise<void> {
    await conn.update("a", Buffer.from("2"), undefined);
    await conn.delete("a");
    await conn.create("a", Buffer.from("3"));
  }
}
