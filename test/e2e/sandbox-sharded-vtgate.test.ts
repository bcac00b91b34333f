/** A vtgate over shards answers as one over a single shard does, and refuses what it doesn't do. */
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApplication } from "../../src/sandbox/application.js";
import { Lab, sql } from "../support/lab.js";

let sharded: Lab;
let single: Lab;
let client: Connection;
let reference: Connection;

beforeAll(async () => {
  sharded = await Lab.start({ sourceShards: ["-40", "40-80", "80-"], rows: 60 });
  single = await Lab.start({ rows: 60 });
  client = await connect(sharded);
  reference = await connect(single);
}, 60_000);

afterAll(async () => {
  await client?.end();
  await reference?.end();
  await sharded?.close();
  await single?.close();
});

function connect(lab: Lab): Promise<Connection> {
  const { vtgatePort: port } = lab.sandbox.source;
  return createConnection({ host: "127.0.0.1", port, user: "app", database: "commerce", supportBigNumbers: true });
}

/** How many of a table's rows each shard has. */
function spread(table: string): Record<string, number> {
  const shards = Object.entries(sharded.rowsByShard("source", table));
  return Object.fromEntries(shards.map(([shard, found]) => [shard, found.length]));
}

describe("reads over shards", () => {
  it.each([
    "select * from customer where customer_id = 7",
    "select email from customer where 7 = customer_id and email like '%domain%'",
    "select * from customer where customer_id = 4711",
    "select * from customer where customer_id = null",
    "select c.email from customer as c where c.customer_id in (1, 2, 3, null) order by c.email",
    "select customer_id, email from customer order by email desc limit 5",
    "select customer_id from customer order by email limit 3 offset 4",
    "select customer_id from customer order by email limit 4, 3",
    "select price, order_id from corder order by price, order_id desc limit 10",
    "select order_id as n, price from corder order by n desc limit 3",
    "select order_id, price from corder order by 2, 1",
    "select order_id from corder order by price % 7, order_id limit 9",
    "select * from kinds order by title, id",
    "select id, part from kinds order by part desc, id",
    "select id from kinds order by made, id",
    "select id from kinds order by amount, id",
    "select id from kinds order by exact desc, id",
    "select count(*) as n, count(title) t, sum(amount) s, min(id) low, max(exact) high, sum(plain) from kinds",
    "select min(born), max(made), max(digest) from kinds",
    "select max(customer_id) as id from customer",
    "select count(*) from notes where author = 'author nobody'",
    "select sum(price) from corder where order_id > 1000",
    "select customer_id, count(*) as n from corder group by customer_id having n > 1 order by n desc, customer_id",
    "select * from product order by sku",
    "select count(*) from product",
    "select corder.order_id, product.description from corder join product on corder.sku = product.sku order by corder.order_id",
    "select corder.order_id from corder left join product using (sku) where corder.customer_id = 3 order by order_id",
    "select product.sku from product right join corder using (sku) order by corder.order_id",
    "select order_id from corder where sku in (select sku from product where price > 250) order by order_id",
  ])("%s", async (query) => {
    const [rows] = await client.query<RowDataPacket[]>(query);
    const [expected] = await reference.query<RowDataPacket[]>(query);
    expect(rows).toEqual(expected);
    const [prepared] = await client.execute(query);
    expect(prepared).toEqual(expected);
  });

  it("brings every row once, whatever the order", async () => {
    for (const table of ["customer", "corder", "kinds", "notes", "product"]) {
      const read = async (connection: Connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(`select * from ${table}`);
        return rows.map((row) => JSON.stringify(row)).sort();
      };
      expect(await read(client)).toEqual(await read(reference));
    }
  });

  it("asks only the shard that the vindex names", async () => {
    const { tablets } = sharded.sandbox.source;
    const others = tablets.filter(({ shard, type }) => shard !== "80-" && type === "PRIMARY");
    for (const tablet of others) tablet.pause();
    try {
      const [rows] = await client.query<RowDataPacket[]>("select customer_id from customer where customer_id = 4");
      expect(rows).toEqual([{ customer_id: 4 }]);
    } finally {
      for (const tablet of others) tablet.resume();
    }
  });

  it.each([
    ["select distinct sku from corder", "DISTINCT over several shards"],
    ["select sku, count(*) from corder group by sku", "GROUP BY over several shards"],
    ["select avg(price) from corder", "in scatter query: aggregation function 'avg(price)'"],
    ["select count(distinct sku) from corder", "in scatter query: aggregation function 'count(distinct sku)'"],
    ["select sum(price) + 1 from corder", "in scatter query: complex aggregate expression"],
    ["select min(title) from kinds", "min/max on types that are not comparable is not supported"],
    ["select order_id from corder join customer using (customer_id)", "a query over several tables that are sharded"],
    ["select * from (select * from corder) as o", "a sharded table in a subquery or an outer join's optional side"],
    [
      "select * from product left join corder using (sku)",
      "a sharded table in a subquery or an outer join's optional side",
    ],
    ["select sku from corder union select sku from product", "UNION and WITH over sharded tables"],
    ["select id from kinds order by size", "ORDER BY a value of type ENUM over several shards"],
  ])("refuses %s", async (query, what) => {
    await expect(client.query(query)).rejects.toMatchObject({
      errno: 1235,
      message: `VT12001: unsupported: ${what}`,
    });
  });

  it("does what is unsupported over several shards when one shard has it all", async () => {
    const query = "select sku, avg(price) as p from corder where customer_id = 3 group by sku order by sku";
    const [rows] = await client.query(query);
    const [expected] = await reference.query(query);
    expect(rows).toEqual(expected);
  });
});

describe("writes over shards", () => {
  it("puts each row of an insert where it belongs, and changes and deletes it there", async () => {
    const before = spread("customer");
    const ids = Array.from({ length: 30 }, (_, i) => 1000 + i);
    const values = ids.map((id) => `(${id}, concat('new', '${id}'))`).join(", ");
    const [inserted] = await client.query<ResultSetHeader>(`insert into customer(customer_id, email) values ${values}`);
    expect(inserted.affectedRows).toBe(30);
    const after = spread("customer");
    for (const shard of Object.keys(before)) expect(after[shard]).toBeGreaterThan(before[shard] ?? 0);
    const [updated] = await client.query<ResultSetHeader>("update customer set email = 'x' where customer_id >= 1000");
    expect(updated.affectedRows).toBe(30);
    const [one] = await client.query<ResultSetHeader>(
      "update customer set email = 'y' where customer_id = 1003 limit 1",
    );
    expect(one.affectedRows).toBe(1);
    const [gone] = await client.query<ResultSetHeader>(`delete from customer where customer_id in (${ids.join(",")})`);
    expect(gone.affectedRows).toBe(30);
    expect(spread("customer")).toEqual(before);
  });

  it("reads a reference table, and refuses to write it as Vitess does", async () => {
    const [rows] = await client.query("select count(*) as n from product");
    expect(rows).toEqual([{ n: sql(sharded.primary("source"), "select * from product").length }]);
    for (const statement of [
      "insert into product(sku, description, price) values ('SKU-9', 'new', 1)",
      "update product set price = 2 where sku = 'SKU-1001'",
      "delete from product where sku = 'SKU-1001'",
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({
        errno: 1173,
        message: "VT09001: table 'product' does not have a primary vindex",
      });
    }
  });

  it("commits and rolls back on every shard", async () => {
    const other = await connect(sharded);
    await client.beginTransaction();
    await client.query(
      "insert into notes(author, written, note) values ('a', now(), '1'), ('b', now(), '2'), ('c', now(), '3')",
    );
    await client.query("update notes set note = '4' where author in ('a', 'b', 'c')");
    await client.rollback();
    const count = "select count(*) as n from notes where author in ('a', 'b', 'c')";
    expect((await other.query(count))[0]).toEqual([{ n: 0 }]);
    await client.beginTransaction();
    await client.query(
      "insert into notes(author, written, note) values ('a', now(), '1'), ('b', now(), '2'), ('c', now(), '3')",
    );
    await client.commit();
    expect((await other.query(count))[0]).toEqual([{ n: 3 }]);
    await other.query("delete from notes where author in ('a', 'b', 'c')");
    await other.end();
  });

  it("keeps no part of a write that fails on one shard", async () => {
    const before = spread("customer");
    const insert =
      "insert into customer(customer_id, email) values (2000, 'a'), (2001, 'b'), (2002, 'c'), (4, 'taken')";
    await expect(client.query(insert)).rejects.toMatchObject({ errno: 1062 });
    expect(spread("customer")).toEqual(before);
    await client.beginTransaction();
    await client.query("insert into customer(customer_id, email) values (3000, 'kept')");
    await expect(client.query(insert)).rejects.toMatchObject({
      errno: 1062,
      message: expect.stringMatching(
        /^reverted partial DML execution failure: target: commerce\.80-\.primary: vttablet: /,
      ),
    });
    await client.commit();
    const [rows] = await client.query("select customer_id from customer where customer_id >= 2000");
    expect(rows).toEqual([{ customer_id: 3000 }]);
    await client.query("delete from customer where customer_id = 3000");
  });

  it.each([
    [
      "insert into customer values (1, 'x')",
      1105,
      "VT09004: INSERT should contain column list or the table should have authoritative columns in vschema",
    ],
    [
      "insert into customer(email) values ('x')",
      1105,
      "VT09003: INSERT query does not have primary vindex column 'customer_id' in the column list",
    ],
    [
      "insert into customer(customer_id, email) values (null, 'x')",
      1105,
      "VT09023: could not map [NULL] to a keyspace id",
    ],
    [
      "insert into customer(customer_id, email) values (1)",
      1136,
      "VT03006: column count does not match value count with the row",
    ],
    [
      "insert into customer(customer_id) values (1 + 1)",
      1235,
      "VT12001: unsupported: an expression as the value of column customer_id",
    ],
    [
      "insert into customer(customer_id) values (1) on duplicate key update customer_id = 2",
      1235,
      "VT12001: unsupported: DML cannot update vindex column",
    ],
    ["replace into customer(customer_id) values (1)", 1235, "VT12001: unsupported: REPLACE INTO with sharded keyspace"],
    [
      "update customer set customer_id = 5 where customer_id = 4",
      1235,
      "VT12001: unsupported: you cannot UPDATE primary vindex columns; invalid update on vindex: hash",
    ],
    ["update customer set email = '' limit 1", 1235, "VT12001: unsupported: multi shard UPDATE with LIMIT"],
    ["delete from customer limit 1", 1235, "VT12001: unsupported: multi shard DELETE with LIMIT"],
    ["insert into nowhere(id) values (1)", 1146, "table nowhere not found"],
  ])("refuses %s", async (statement, errno, message) => {
    const before = await sharded.everything();
    await expect(client.query(statement)).rejects.toMatchObject({ errno, message });
    expect(await sharded.everything()).toEqual(before);
  });

  it("runs DDL on every shard", async () => {
    await client.query("create table extra(id bigint primary key)");
    expect(Object.keys(sharded.rowsByShard("source", "extra"))).toEqual(["-40", "40-80", "80-"]);
    await client.query("drop table extra");
    expect(sharded.rowsByShard("source", "extra")).toEqual({});
  });
});

describe("an application over shards", () => {
  it("writes with ids of its own, and no order leaves its customer", { timeout: 60_000 }, async () => {
    const { vtgatePort: port } = sharded.sandbox.source;
    const application = await startApplication({ port, database: "commerce", seed: 3, pauseMs: 0, ownIds: true });
    await expect.poll(() => Math.min(...Object.values(application.counts)), { timeout: 30_000 }).toBeGreaterThan(5);
    await application.stop();
    expect(application.failure).toBeUndefined();
    const ids = sharded.primaries("source").flatMap((tablet) => sql(tablet, "select order_id from corder"));
    expect(new Set(ids.map(({ order_id }) => order_id)).size).toBe(ids.length);
    for (const tablet of sharded.primaries("source")) {
      const strays =
        "select order_id from corder left join customer using (customer_id) where customer.customer_id is null";
      expect(sql(tablet, strays)).toEqual([]);
    }
  });
});
