/** A server that is away for five seconds: whoever asked meanwhile gets an answer, and no lock is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { Etcd3 } from "etcd3";
import { expect, test } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { openEtcdConn } from "../../src/topo/etcd/conn.js";
import { until } from "../contract/topo/place.js";
import { Link } from "../support/link.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";

const AWAY_MS = 5_000;

interface Server {
  endpoint: string;
  /** Past whatever keeps our requests from it. */
  direct: string;
  leave(): void;
  comeBack(): void;
  close(): Promise<void>;
}

/** A connection that is refused is UNAVAILABLE to gRPC. */
async function refusing(): Promise<Server> {
  const etcd = await startEtcd();
  const link = await Link.to(Number(etcd.endpoint.split(":").at(-1)));
  return {
    endpoint: `127.0.0.1:${link.ownPort}`,
    direct: etcd.endpoint,
    leave: () => link.inject("down"),
    comeBack: () => link.heal(),
    async close() {
      await link.close();
      await etcd.close();
    },
  };
}

/** SIGSTOP: connections stay, and what was sent is carried out when the process goes on. */
async function frozen(): Promise<Server> {
  const etcd = await startRealEtcd();
  const { endpoint } = etcd;
  return {
    endpoint,
    direct: endpoint,
    leave: () => etcd.signal("SIGSTOP"),
    comeBack: () => etcd.signal("SIGCONT"),
    close: () => etcd.close(),
  };
}

test("UNAVAILABLE for 5 s", { concurrent: true }, () => survive(refusing));

const reason = realEtcdReason();
test.skipIf(reason !== undefined)(
  `frozen for 5 s, a real etcd${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { concurrent: true },
  () => survive(frozen),
);

async function survive(start: () => Promise<Server>): Promise<void> {
  const server = await start();
  const conn = await openEtcdConn({ server: server.endpoint, root: "/t" });
  const other = new Etcd3({ hosts: server.direct });
  const stop = new AbortController();
  try {
    const version = await conn.create("keyspaces/x/Keyspace", Buffer.from("1"));
    const lock = await conn.lock("keyspaces/x", { action: "Create", timeoutMs: 5_000 });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const file of conn.watch("keyspaces/x/Keyspace", stop.signal)) {
        seen.push(String(file?.contents));
        if (seen.at(-1) === "3") return;
      }
    })();
    await until("the watch has begun", () => seen.length === 1);
    server.leave();
    const back = sleep(AWAY_MS).then(() => server.comeBack());
    await Promise.all([
      conn.get("keyspaces/x/Keyspace"),
      conn.create("created", Buffer.from("once")),
      conn.update("keyspaces/x/Keyspace", Buffer.from("2"), version),
      lock.check(),
    ]);
    await back;
    expect((await other.get("/t/created").exec()).kvs[0]).toMatchObject({ version: "1" });
    await other.put("/t/keyspaces/x/Keyspace").value("3");
    await watching;
    expect(seen.at(-1)).toBe("3");
    expect(lock.lost.aborted).toBe(false);
    await lock.check();
    await lock.release();
    expect(await conn.lockHolders("keyspaces/x")).toEqual([]);
  } finally {
    stop.abort();
    conn.close();
    other.close();
    await server.close();
  }
}
