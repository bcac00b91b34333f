import { expect, test } from "vitest";
import type { BinlogTransaction, MysqlServer } from "../../../src/sandbox/mysql/port.js";
import { createMysqlServer } from "../../../src/sandbox/mysql/server.js";
import { gtidSetContains, gtidSetUnion, parseGtidSet } from "../../../src/wire/gtid-set.js";
import { around, start } from "./helpers.js";

const never = new AbortController().signal;

/** What is logged now and not in `from`. */
async function log(server: MysqlServer, from = ""): Promise<BinlogTransaction[]> {
  const abort = new AbortController();
  const found: BinlogTransaction[] = [];
  const executed = parseGtidSet(server.gtidExecuted());
  let seen = parseGtidSet(from);
  for await (const transaction of server.binlog.from(from, abort.signal)) {
    found.push(transaction);
    seen = gtidSetUnion(seen, parseGtidSet(transaction.gtid));
    if (gtidSetContains(seen, executed)) abort.abort();
  }
  return found;
}

function images(transaction: BinlogTransaction | undefined): unknown[] {
  return (transaction?.events ?? []).map((event) => {
    if (event.kind === "ddl") return event.sql;
    const show = (image: (Buffer | null)[] | undefined): unknown =>
      image?.map((value) => value?.toString("utf8") ?? null);
    return [event.table, show(event.before), show(event.after)];
  });
}

test("row events hold both images in table order, in UTC", async () => {
  const { run, server } = await start();
  run("create table t (b varchar(5), id int primary key, ts timestamp null, e enum('x','y'), u bigint unsigned)");
  run("set time_zone = '+03:00'");
  run(
    "insert into t (id, b, ts, e, u) values (1, 'a', '2020-01-01 03:00:00', 'y', 18446744073709551615), (2, null, null, null, 0)",
  );
  run("update t set b = 'z' where id = 1");
  run("update t set b = 'z' where id = 1");
  run("delete from t where id = 2");
  const [, create, inserted, updated, deleted, ...rest] = await log(server);
  expect(images(create)).toEqual([
    "create table t (b varchar(5), id int primary key, ts timestamp null, e enum('x','y'), u bigint unsigned)",
  ]);
  expect(create?.events[0]).toMatchObject({ kind: "ddl", database: "db" });
  const one = ["a", "1", "2020-01-01 00:00:00", "y", "18446744073709551615"];
  expect(images(inserted)).toEqual([
    ["t", undefined, one],
    ["t", undefined, [null, "2", null, null, "0"]],
  ]);
  expect(images(updated)).toEqual([["t", one, ["z", ...one.slice(1)]]]);
  expect(images(deleted)).toEqual([["t", [null, "2", null, null, "0"], undefined]]);
  expect(rest).toEqual([]);
  expect(inserted?.gtid).toBe(`${server.serverUuid}:3`);
  expect(Math.abs((inserted?.timestamp ?? 0) - Date.now() / 1000)).toBeLessThan(5);
});

test("statements that change nothing, and sql_log_bin = 0, leave no transaction", async () => {
  const { run, server, value } = await start();
  run("create table t (id int primary key)");
  const before = server.gtidExecuted();
  run("delete from t");
  run("begin");
  run("commit");
  run("set sql_log_bin = 0");
  run("insert into t values (1)");
  expect(server.gtidExecuted()).toBe(before);
  expect(value("select count(*) from t")).toBe("1");
});

test("a reader gets what it lacks, then what is committed, until it is stopped", async () => {
  const { run, server } = await start();
  run("create table t (id int primary key)");
  run("insert into t values (1)");
  const abort = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const transaction of server.binlog.from(`${server.serverUuid}:1-2`, abort.signal)) {
      seen.push(transaction.gtid.split(":")[1] ?? "");
      if (seen.length === 3) abort.abort();
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  run("insert into t values (2)");
  await new Promise((resolve) => setImmediate(resolve));
  run("insert into t values (3)");
  await reading;
  expect(seen).toEqual(["3", "4", "5"]);

  const quiet = new AbortController();
  const ended = (async () => {
    for await (const _ of server.binlog.from(server.gtidExecuted(), quiet.signal)) throw new Error("nothing is new");
  })();
  quiet.abort();
  await ended;
});

test("waitForGtid", async () => {
  const { run, server } = await start();
  const waiting = server.waitForGtid(`${server.serverUuid}:1-2`, never);
  run("create table t (id int)");
  await waiting;
  const abort = new AbortController();
  const hopeless = server.waitForGtid(`${server.serverUuid}:1-99`, abort.signal);
  abort.abort(new Error("deadline"));
  await expect(hopeless).rejects.toThrow("deadline");
  await expect(server.waitForGtid("garbage", never)).rejects.toThrow("is not a GTID set");
});

test("a replica takes over every transaction under its GTID, once", async () => {
  const { run, server, rows } = await start();
  run(`create table t (id bigint unsigned primary key, c char(4), v varchar(20), b varbinary(5), bt bit(9), d decimal(12,4), f float, g double,
    dt datetime(6), ts timestamp(2) null, tm time(3), y year, j json, e enum('a','b'), s set('p','q'), n int as (id % 7) stored, tx text)`);
  run("create table keyless (a int, b varchar(5))");
  run("create table counted (id int unsigned auto_increment primary key)");
  run("insert into counted values (41), ()");
  run(
    "insert into t (id, c, v, b, bt, d, f, g, dt, ts, tm, y, j, e, s, tx) values (18446744073709551615, 'ab', 'é😀', x'00ff0a', b'100000001', -1.25, 1.1, 1e-20, '2020-01-01 00:00:00.5', '2020-06-01 12:00:00.25', '-10:00:00.125', 1999, '{\"b\": [1, null]}', 'b', 'p,q', 'x\\0y')",
  );
  run("insert into t (id) values (1), (2)");
  run("insert into keyless values (1, 'x'), (1, 'x'), (null, 'y')");
  run("begin");
  run("update t set v = 'new', id = 3 where id = 1");
  run("delete from t where id = 2");
  run("delete from keyless where a = 1 limit 1");
  run("update keyless set b = null where a is null");
  run("commit");
  run("alter table keyless add column c int default 5");
  run("insert into keyless values (7, 'z', 8)");
  run("truncate table keyless");
  run("insert into keyless values (8, 'q', 9)");
  run("create view w as select id from t");

  const replica = await createMysqlServer();
  const own = around(replica.session());
  own.run("create database elsewhere");
  const transactions = await log(server);
  for (const transaction of transactions) replica.applyTransaction(transaction);
  for (const transaction of transactions) replica.applyTransaction(transaction);

  const everything = "select *, hex(b), hex(bt), hex(tx) from db.t order by id";
  expect(own.rows(everything)).toEqual(rows(everything));
  expect(own.rows(everything)).toHaveLength(2);
  expect(own.rows("select * from db.keyless")).toEqual([["8", "q", "9"]]);
  expect(own.rows("select * from db.w order by 1")).toEqual([["3"], ["18446744073709551615"]]);
  expect(replica.table("db", "t")?.createTable).toBe(server.table("db", "t")?.createTable);
  expect(own.run("insert into db.counted values ()").insertId).toBe(43n);
  const sorted = [server.gtidExecuted(), `${replica.serverUuid}:1-2`].sort();
  expect(replica.gtidExecuted()).toBe(sorted.join(","));
  const copied = await log(replica, `${replica.serverUuid}:1-2`);
  expect(copied.map(images)).toEqual(transactions.map(images));
  await replica.waitForGtid(server.gtidExecuted(), never);
});

test("a replica that differs says so, and takes nothing of the transaction", async () => {
  const { run, server } = await start();
  run("create table t (id int primary key, v int)");
  run("insert into t values (1, 1)");
  const replica = await createMysqlServer();
  for (const transaction of await log(server)) replica.applyTransaction(transaction);
  const own = around(replica.session({ database: "db" }));
  own.run("delete from t");
  run("begin");
  run("insert into t values (2, 2)");
  run("update t set v = 2 where id = 1");
  run("commit");
  const [last] = (await log(server)).slice(-1);
  if (!last) throw new Error("no transaction");
  expect(() => replica.applyTransaction(last)).toThrow("Can't find record in 't'");
  expect(own.value("select count(*) from t")).toBe("0");
  expect(replica.gtidExecuted()).not.toContain(`${server.serverUuid}:1-4`);
});
