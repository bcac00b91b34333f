import { hostname, userInfo } from "node:os";
import { expect, test } from "vitest";
import { ConflictError, InterruptedError, NotFoundError } from "../../../src/errors.js";
import type { Conn, Lock } from "../../../src/topo/port.js";
import { type Place, until } from "./place.js";

const DIR = "keyspaces/commerce";

/** As vtctld v22.0.3 wrote it (recordings, etcd-writes). */
const VITESS_CONTENTS = `{
  "Action": "completeMigrateWorkflow",
  "HostName": "vtctld-7c9",
  "UserName": "vt",
  "Time": "2026-11-22T17:27:18Z",
  "Options": {},
  "Status": "Running"
}`;

/** Vitess's lock recipe: among ourselves, and with somebody who follows it by other means. */
export function locksContract(place: () => Place): void {
  async function keyspaceConn(): Promise<Conn> {
    const conn = await place().conn();
    await conn.update(`${DIR}/Keyspace`, Buffer.alloc(0), undefined);
    return conn;
  }

  const lock = (conn: Conn, action: string, timeoutMs = 10_000, signal?: AbortSignal) =>
    conn.lock(DIR, { action, timeoutMs, signal });

  async function lockByHand(ttl = 30): Promise<{ lease: string; revoke(): Promise<unknown> }> {
    const { raw, globalRoot } = place();
    const lease = (await raw.leaseClient.leaseGrant({ TTL: ttl })).ID;
    const key = Buffer.from(`${globalRoot}/${DIR}/locks/${lease}`);
    const answer = await raw.kv.txn({
      compare: [{ key, target: "Version", result: "Equal", version: "0" }],
      success: [{ request_put: { key, value: Buffer.from(VITESS_CONTENTS), lease } }],
    });
    expect(answer.succeeded).toBe(true);
    return { lease, revoke: () => raw.leaseClient.leaseRevoke({ ID: lease }) };
  }

  async function ourKeys(): Promise<{ name: string; lease: string; value: string }[]> {
    const prefix = `${place().globalRoot}/${DIR}/locks/`;
    const { kvs } = await place().raw.getAll().prefix(prefix).sort("Create", "Ascend").exec();
    return kvs.map((kv) => ({
      name: kv.key.toString().slice(prefix.length),
      lease: kv.lease,
      value: kv.value.toString(),
    }));
  }

  test("a lock is a key named by its lease, with Vitess's contents, and goes with its release", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "completeMigrateWorkflow");
    const [key] = await ourKeys();
    expect(key?.name).toBe(key?.lease);
    expect(key?.value.replace(/"Time": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/, '"Time": "2026-11-22T17:27:18Z"')).toBe(
      VITESS_CONTENTS.replace("vtctld-7c9", hostname()).replace('"vt"', `"${userInfo().username}"`),
    );
    const lease = await place().raw.leaseClient.leaseTimeToLive({ ID: key?.lease });
    expect(Number(lease.grantedTTL)).toBe(30);
    await held.check();
    await held.release();
    expect(await ourKeys()).toEqual([]);
    expect(held.lost.aborted).toBe(false);
  });

  test("three that wait are served in the order in which they came", async () => {
    const conn = await keyspaceConn();
    const order: string[] = [];
    const first = await lock(conn, "first");
    const others: Promise<Lock>[] = [];
    for (const [index, name] of ["second", "third", "fourth"].entries()) {
      const other = await place().conn();
      others.push(
        lock(other, name).then((held) => {
          order.push(name);
          return held;
        }),
      );
      await until(`${name} stands in the queue`, async () => (await conn.lockHolders(DIR)).length === index + 2);
    }
    expect((await conn.lockHolders(DIR)).map((holder) => holder.Action)).toEqual([
      "first",
      "second",
      "third",
      "fourth",
    ]);
    expect(order).toEqual([]);
    await first.release();
    for (const [index, waiting] of others.entries()) {
      const held = await waiting;
      expect(order).toEqual(["second", "third", "fourth"].slice(0, index + 1));
      await held.release();
    }
  });

  test("one who leaves the middle of the queue lets nobody in too early", async () => {
    const conn = await keyspaceConn();
    const first = await lock(conn, "first");
    const leave = new AbortController();
    const middle = lock(conn, "middle", 10_000, leave.signal);
    middle.catch(() => undefined);
    await until("the middle waits", async () => (await conn.lockHolders(DIR)).length === 2);
    let lastHasIt = false;
    const last = lock(conn, "last").then((held) => {
      lastHasIt = true;
      return held;
    });
    await until("the last waits", async () => (await conn.lockHolders(DIR)).length === 3);
    leave.abort(new InterruptedError("interrupted"));
    await expect(middle).rejects.toThrow(InterruptedError);
    await until("the middle has left", async () => (await conn.lockHolders(DIR)).length === 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lastHasIt).toBe(false);
    await first.release();
    await (await last).release();
  });

  test("when the time is up the holder is named, and our place is given up", async () => {
    const conn = await keyspaceConn();
    const other = await lockByHand();
    const started = performance.now();
    const waiting = lock(conn, "Create", 400);
    await expect(waiting).rejects.toThrow(ConflictError);
    await expect(waiting).rejects.toThrow(
      'the lock of keyspaces/commerce: vt on vtctld-7c9 holds it for "completeMigrateWorkflow" since 2026-11-22T17:27:18Z',
    );
    expect(performance.now() - started).toBeGreaterThanOrEqual(390);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect((await ourKeys()).map((key) => key.lease)).toEqual([other.lease]);
  });

  test("a lock that Vitess's recipe took by hand is waited for, and then is ours", async () => {
    const conn = await keyspaceConn();
    const vitess = await lockByHand();
    const waiting = lock(conn, "Create");
    await until("we stand behind it", async () => (await conn.lockHolders(DIR)).length === 2);
    await vitess.revoke();
    const held = await waiting;
    expect((await conn.lockHolders(DIR)).map((holder) => holder.Action)).toEqual(["Create"]);
    await held.release();
  });

  test("who comes by hand while we hold it stands behind us, and doesn't disturb", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "Create");
    await lockByHand();
    await held.check();
    expect((await conn.lockHolders(DIR)).map((holder) => holder.HostName)).toEqual([hostname(), "vtctld-7c9"]);
    await held.release();
  });

  test("locks are listed with what is left of their leases, those of directories below too", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "Create");
    const waiting = await lockByHand(3_000);
    const { raw, globalRoot } = place();
    const unbound = `${globalRoot}/${DIR}/shards/0/locks/1`;
    await raw.put(unbound).value("{}");
    await raw.put(`${globalRoot}/${DIR}2/locks/1`).value("{}");
    const found = await conn.locksBelow(DIR);
    const keys = await ourKeys();
    expect(found.map(({ dir, key, contents }) => [dir, key, contents.HostName])).toEqual([
      [DIR, `${globalRoot}/${DIR}/locks/${keys[0]?.name}`, hostname()],
      [DIR, `${globalRoot}/${DIR}/locks/${waiting.lease}`, "vtctld-7c9"],
      [`${DIR}/shards/0`, unbound, ""],
    ]);
    expect(found.map(({ lease }) => lease?.granted)).toEqual([30, 3_000, undefined]);
    expect(found[1]?.lease?.left).toBeGreaterThan(2_900);
    await held.release();
    await waiting.revoke();
    expect((await conn.locksBelow(DIR)).map(({ key }) => key)).toEqual([unbound]);
    expect(await conn.locksBelow("internal/named_locks/commerce")).toEqual([]);
  });

  test("a lock whose lease is revoked is lost: the signal tells, and so does the next check", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "Create");
    const [key] = await ourKeys();
    await place().raw.leaseClient.leaseRevoke({ ID: key?.lease });
    await until("the loss is noticed", () => held.lost.aborted, 2_000);
    expect(held.lost.reason).toBeInstanceOf(ConflictError);
    await expect(held.check()).rejects.toThrow("the lock of keyspaces/commerce was lost");
    await held.release();
  });

  test("check asks the server: it doesn't wait for the signal", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "Create");
    const [key] = await ourKeys();
    await place().raw.leaseClient.leaseRevoke({ ID: key?.lease });
    await expect(held.check()).rejects.toThrow(ConflictError);
    expect(held.lost.aborted).toBe(true);
  });

  test("a lock whose key is deleted by hand is lost too, though its lease lives", async () => {
    const conn = await keyspaceConn();
    const held = await lock(conn, "Create");
    await place().raw.delete().prefix(`${place().globalRoot}/${DIR}/locks/`);
    await expect(held.check()).rejects.toThrow("was lost");
    await until("the loss is noticed", () => held.lost.aborted, 2_000);
    await held.release();
  });

  test("a waiter whose place is taken away gives up", async () => {
    const conn = await keyspaceConn();
    const first = await lock(conn, "first");
    const waiting = lock(conn, "second");
    waiting.catch(() => undefined);
    await until("it waits", async () => (await conn.lockHolders(DIR)).length === 2);
    const [, second] = await ourKeys();
    await place().raw.leaseClient.leaseRevoke({ ID: second?.lease });
    await first.release();
    const outcome = await waiting
      .then(
        (held) => held.check(),
        (error) => Promise.reject(error),
      )
      .catch((error) => error);
    expect(outcome).toBeInstanceOf(ConflictError);
  });

  test("a directory that does not exist can't be locked, unless it is a named lock's", async () => {
    const conn = await place().conn();
    const missing = conn.lock("keyspaces/nowhere", { action: "Create", timeoutMs: 1_000 });
    await expect(missing).rejects.toThrow(NotFoundError);
    await expect(missing).rejects.toThrow(`node doesn't exist: ${place().globalRoot}/keyspaces/nowhere`);
    expect(await conn.listDir("keyspaces")).toEqual([]);
    const named = await conn.lock("internal/named_locks/commerce/wf", {
      action: "Create",
      timeoutMs: 1_000,
      allowMissingDir: true,
    });
    expect(await conn.listDir("internal/named_locks/commerce/wf")).toEqual(["locks"]);
    await named.release();
  });

  test("contents that nobody understands still make a holder", async () => {
    const conn = await keyspaceConn();
    await place().put(`global/${DIR}/locks/12`, "held by hand");
    expect(await conn.lockHolders(DIR)).toEqual([{ Action: "", HostName: "", UserName: "", Time: "", Status: "" }]);
    await expect(lock(conn, "Create", 100)).rejects.toThrow('somebody holds it for "unknown" since an unknown time');
  });
}
