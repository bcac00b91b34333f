/** 10,000 keys under a prefix: all of them come, in order, and a directory among them is still a directory. */
import { Etcd3 } from "etcd3";
import { expect, test } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";

const KEYS = 10_000;
/** Etcd's own limit of a transaction is 128. */
const AT_ONCE = 100;

const servers: [name: string, start: () => Promise<{ endpoint: string; close(): Promise<void> }>, reason?: string][] = [
  ["the sandbox's etcd", startEtcd],
  ["a real etcd", startRealEtcd, realEtcdReason()],
];

const path = (i: number) => `tablets/zone1-${String(i).padStart(10, "0")}/Tablet`;

for (const [name, start, reason] of servers) {
  test.skipIf(reason !== undefined)(
    name,
    async () => {
      const server = await start();
      const raw = new Etcd3({ hosts: server.endpoint });
      const conn = await openEtcdConn({ server: server.endpoint, root: "/vitess/zone1" });
      try {
        // Some 100 bytes, as a tablet's record has.
        const value = Buffer.alloc(100, "x");
        for (let from = 0; from < KEYS; from += AT_ONCE) {
          const success = Array.from({ length: AT_ONCE }, (_, i) => ({
            request_put: { key: Buffer.from(`/vitess/zone1/${path(from + i)}`), value },
          }));
          await raw.kv.txn({ success });
        }
        await raw.put("/vitess/zone12/tablets/other").value("not ours");
        const files = await conn.list("tablets/");
        expect(files.map((file) => file.path)).toEqual(Array.from({ length: KEYS }, (_, i) => path(i)));
        expect(files.at(-1)?.contents).toEqual(value);
        const names = await conn.listDir("tablets");
        expect([names.length, names.at(0), names.at(-1)]).toEqual([KEYS, "zone1-0000000000", "zone1-0000009999"]);
        const lock = await conn.lock("tablets", { action: "Rebuild", timeoutMs: 5_000 });
        await lock.check();
        await lock.release();
        expect(await conn.listDir("tablets")).toHaveLength(KEYS);
      } finally {
        conn.close();
        raw.close();
        await server.close();
      }
    },
    60_000,
  );
}
