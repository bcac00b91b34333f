import { createServer } from "node:net";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startApplication } from "../../src/sandbox/application.js";
import { PortTakenError } from "../../src/sandbox/cluster/ports.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/cluster.js";
import { openSandboxTopo } from "../../src/sandbox/topo.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";

let sandbox: Sandbox;
const connections: Connection[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 50, lagMs: 0 });
});
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.end();
});
afterAll(() => sandbox.close());

async function connect(port: number, database = "commerce"): Promise<Connection> {
  const connection = await createConnection({ host: "127.0.0.1", port, user: "test", database, dateStrings: true });
  connections.push(connection);
  return connection;
}

async function count(connection: Connection, table: string): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(`select count(*) as n from ${table}`);
  return Number(rows[0]?.n);
}

describe("the clusters' topologies", () => {
  it("are written as real clusters write them", async () => {
    const topo = openSandboxTopo({ server: sandbox.source.etcd, root: "/vitess/global" });
    expect(await topo.list("cells")).toEqual(["zx"]);
    expect(await topo.get("topodata.CellInfo", "cells/zx/CellInfo")).toEqual({
      server_address: sandbox.source.etcd,
      root: "/vitess/zx",
    });
    const keyspace = await topo.get("topodata.Keyspace", "keyspaces/commerce/Keyspace");
    expect(keyspace).toMatchObject({ durability_policy: "none", sidecar_db_name: "_vt" });
    const shard = await topo.get("topodata.Shard", "keyspaces/commerce/shards/0/Shard");
    expect(shard).toMatchObject({ primary_alias: { cell: "zx", uid: 1 }, is_primary_serving: true });
    const cell = await topo.cell("zx");
    const vschema = await topo.get("vschema.Keyspace", "keyspaces/commerce/VSchema");
    expect(Object.keys(vschema.tables).sort()).toEqual(["corder", "customer", "kinds", "notes", "product"]);
    expect((await cell.get("vschema.SrvVSchema", "SrvVSchema")).keyspaces).toEqual({ commerce: vschema });
    const replication = await cell.get("topodata.ShardReplication", "keyspaces/commerce/shards/0/ShardReplication");
    expect(replication.nodes.map((node) => node.tablet_alias?.uid)).toEqual([1, 2]);
    const served = (await cell.get("topodata.SrvKeyspace", "keyspaces/commerce/SrvKeyspace")).partitions;
    expect(served.map((partition) => partition.served_type)).toEqual(["PRIMARY", "REPLICA", "RDONLY"]);
    expect(await cell.get("topodata.Tablet", "tablets/zx-0000000002/Tablet")).toMatchObject({
      keyspace: "commerce",
      shard: "0",
      type: "REPLICA",
      hostname: "127.0.0.1",
    });
    topo.close();
  });

  it("give the target's second cell an etcd of its own", async () => {
    const topo = openSandboxTopo({ server: sandbox.target.etcd, root: "/vitess/global" });
    expect(await topo.list("cells")).toEqual(["zone1", "zone2"]);
    const zone2 = await topo.get("topodata.CellInfo", "cells/zone2/CellInfo");
    expect(zone2.server_address).not.toBe(sandbox.target.etcd);
    const cell = await topo.cell("zone2");
    expect(await cell.get("topodata.Tablet", "tablets/zone2-0000000200/Tablet")).toMatchObject({ type: "REPLICA" });
    topo.close();
  });
});

describe("the vtgates", () => {
  it("serve the source's tables, and none in the target", async () => {
    const source = await connect(sandbox.source.vtgatePort);
    const [tables] = await source.query("show tables");
    expect(tables).toEqual(
      ["corder", "customer", "kinds", "notes", "product"].map((name) => ({ Tables_in_commerce: name })),
    );
    expect(await count(source, "customer")).toBe(50);
    const target = await connect(sandbox.target.vtgatePort);
    expect(await target.query("show tables").then(([rows]) => rows)).toEqual([]);
  });

  it("keep a transaction's writes to themselves until it commits", async () => {
    const [writer, reader] = [await connect(sandbox.source.vtgatePort), await connect(sandbox.source.vtgatePort)];
    await writer.beginTransaction();
    const [header] = await writer.query("insert into product(sku, price) values ('SKU-tx', 1)");
    expect(header).toMatchObject({ affectedRows: 1 });
    // Readers may wait for the writer; what they must not do is see rows that are taken back.
    const during = count(reader, "product where sku = 'SKU-tx'");
    await writer.rollback();
    expect(await during).toBe(0);
    await writer.beginTransaction();
    await writer.query("insert into product(sku, price) values ('SKU-tx', 1)");
    await writer.commit();
    expect(await count(reader, "product where sku = 'SKU-tx'")).toBe(1);
    await writer.query("delete from product where sku = 'SKU-tx'");
  });

  it("make a stream of rows wait for a transaction, as its snapshot would", async () => {
    const writer = await connect(sandbox.source.vtgatePort);
    await writer.beginTransaction();
    await writer.query("insert into product(sku, price) values ('SKU-stream', 1)");
    const clients = createTabletClients();
    const primary = sandbox.source.tablets[0];
    const tablet = clients.open({
      mount: "",
      alias: primary?.alias ?? "",
      cell: "zx",
      uid: 1,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      hostname: "127.0.0.1",
      grpcAddress: `127.0.0.1:${primary?.port}`,
      dbName: "vt_commerce",
    });
    const skus = async () => {
      const seen: string[] = [];
      for await (const event of tablet.vstreamResults("select sku from product where price = 1")) {
        if (event.kind === "rows") seen.push(...event.rows.map((row) => String(row.value(0))));
      }
      return seen;
    };
    const during = skus();
    await writer.rollback();
    expect(await during).not.toContain("SKU-stream");
    clients.close();
  });

  it("read the replica by the database's suffix, and write nothing there", async () => {
    const primary = await connect(sandbox.source.vtgatePort);
    const replica = await connect(sandbox.source.vtgatePort, "commerce@replica");
    await primary.query("insert into product(sku, price) values ('SKU-replica', 1)");
    await vi.waitFor(async () => expect(await count(replica, "product where sku = 'SKU-replica'")).toBe(1), 5_000);
    await expect(replica.query("delete from product where sku = 'SKU-replica'")).rejects.toMatchObject({ errno: 1235 });
    await primary.query("delete from product where sku = 'SKU-replica'");
  });

  it("say what MySQL says of a duplicate key", async () => {
    const source = await connect(sandbox.source.vtgatePort);
    const insert = source.query("insert into customer(customer_id, email) values (1, 'x')");
    await expect(insert).rejects.toMatchObject({ errno: 1062, sqlState: "23000" });
  });

  it("give every type its value back, in text and in binary", async () => {
    const source = await connect(sandbox.source.vtgatePort);
    await source.query(
      "insert into kinds(id, part, tiny, amount, exact, flags, born, at_time, made, year_made, code, title, digest, raw, doc, size, tags) values (18446744073709551615, 'é', -128, 12345678901234.5, 0.1, b'101', '2024-02-29', '-12:00:00.5', '1000-01-01 00:00:00.000001', 2155, 'ab', 'it\\'s ☃', x'00ff0010', x'', '{\"a\": [1, null]}', 'large', 'a,c')",
    );
    const sql = "select * from kinds where id = 18446744073709551615";
    for (const [rows] of [await source.query<RowDataPacket[]>(sql), await source.execute<RowDataPacket[]>(sql)]) {
      expect(rows[0]).toMatchObject({
        part: "é",
        tiny: -128,
        amount: "12345678901234.5000",
        exact: 0.1,
        flags: Buffer.from([0, 5]),
        born: "2024-02-29",
        made: "1000-01-01 00:00:00.000001",
        year_made: 2155,
        title: "it's ☃",
        digest: Buffer.from([0, 0xff, 0, 0x10]),
        raw: Buffer.alloc(0),
        doc: { a: [1, null] },
        size: "large",
        tags: "a,c",
        plain: null,
      });
      expect(String(rows[0]?.at_time)).toMatch(/^-12:00:00\.5/);
    }
    await source.query("delete from kinds where id = 18446744073709551615");
  });
});

describe("the application", () => {
  it("writes until it is stopped, and counts what it did", async () => {
    const source = await connect(sandbox.source.vtgatePort);
    const total = async () =>
      (await count(source, "customer")) + (await count(source, "corder")) + (await count(source, "notes"));
    const before = await total();
    const application = await startApplication({
      port: sandbox.source.vtgatePort,
      database: "commerce",
      seed: 7,
      pauseMs: 0,
    });
    await vi.waitFor(
      () => {
        expect(application.failure).toBeUndefined();
        expect(Math.min(...Object.values(application.counts))).toBeGreaterThan(3);
      },
      { timeout: 20_000 },
    );
    const counts = await application.stop();
    expect(application.failure).toBeUndefined();
    expect(await total()).toBe(before + counts.inserts - counts.deletes);
    expect(counts.updates).toBeGreaterThan(0);
  });
});

describe("a sandbox", () => {
  it("refuses a port that is taken, and leaves the others free", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
    });
    const started = startSandbox({ ports: { targetVtgate: port } });
    await expect(started).rejects.toThrow(PortTakenError);
    await expect(started).rejects.toThrow(`port ${port} on 127.0.0.1 is taken; the target cluster's vtgate wants it`);
    taken.close();
  });

  it("holds a replica back, and frees its ports when it is closed", async () => {
    const slow = await startSandbox({ rows: 1, lagMs: 1_500 });
    const primary = await connect(slow.source.vtgatePort);
    const replica = await connect(slow.source.vtgatePort, "commerce@replica");
    expect(await count(replica, "customer")).toBe(1);
    const written = Date.now();
    await primary.query("insert into customer(email) values ('late')");
    expect(await count(replica, "customer")).toBe(1);
    await vi.waitFor(async () => expect(await count(replica, "customer")).toBe(2), { timeout: 6_000, interval: 50 });
    expect(Date.now() - written).toBeGreaterThan(1_000);
    const burst = Date.now();
    for (let i = 0; i < 10; i += 1) await primary.query("insert into customer(email) values ('burst')");
    await vi.waitFor(async () => expect(await count(replica, "customer")).toBe(12), { timeout: 6_000, interval: 50 });
    expect(Date.now() - burst).toBeLessThan(4_000);
    for (const connection of connections.splice(0)) connection.destroy();
    const ports = { sourceEtcd: Number(slow.source.etcd.split(":")[1]), sourceVtgate: slow.source.vtgatePort };
    await slow.close();
    const again = await startSandbox({ rows: 1, ports });
    expect(again.source.vtgatePort).toBe(ports.sourceVtgate);
    await again.close();
  });
});
