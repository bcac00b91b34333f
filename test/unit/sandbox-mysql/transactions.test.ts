import { expect, test } from "vitest";
import { around, start, text } from "./helpers.js";

const never = new AbortController().signal;

test("commit and rollback, with savepoints", async () => {
  const { run, rows, session, server } = await start();
  run("create table t (id int primary key)");
  const before = server.gtidExecuted();
  run("begin");
  run("insert into t values (1)");
  expect(session.inTransaction).toBe(true);
  run("savepoint a");
  run("insert into t values (2)");
  run("rollback to savepoint a");
  run("insert into t values (3)");
  run("commit");
  expect(session.inTransaction).toBe(false);
  run("start transaction");
  run("delete from t");
  run("rollback");
  expect(rows("select id from t order by id")).toEqual([["1"], ["3"]]);
  expect(before).toBe(`${server.serverUuid}:1-2`);
  expect(server.gtidExecuted()).toBe(`${server.serverUuid}:1-3`);
  const [transaction] = await take(server.binlog.from(before, never), 1);
  expect(transaction?.events.map((event) => (event.kind === "row" ? event.after?.join() : event.sql))).toEqual([
    "1",
    "3",
  ]);
});

test("a transaction whose statements all failed is none", async () => {
  const { run, failure, server } = await start();
  run("create table t (id int primary key)");
  run("insert into t values (1)");
  const before = server.gtidExecuted();
  run("begin");
  run("delete from t where id = 7");
  expect(failure("insert into t values (2), (1)")).toContain("1062");
  run("savepoint a");
  expect(failure("insert into t values (3), (1)")).toContain("1062");
  run("commit");
  expect(server.gtidExecuted()).toBe(before);
});

test("autocommit = 0 opens transactions by itself; DDL ends them", async () => {
  const { run, server, session } = await start();
  run("create table t (id int primary key)");
  run("set autocommit = 0");
  run("insert into t values (1)");
  expect(session.inTransaction).toBe(true);
  run("create table u (id int)");
  expect(session.inTransaction).toBe(false);
  run("insert into t values (2)");
  run("rollback");
  const other = around(server.session({ database: "db" }));
  expect(other.rows("select * from t")).toEqual([["1"]]);
});

test("an open transaction shuts other sessions out, reads included, until it ends", async () => {
  const { run, server, session } = await start();
  run("create table t (id int primary key)");
  const other = around(server.session({ database: "db" }));
  run("begin");
  // Nothing is written yet: nobody has to wait.
  expect(other.rows("select * from t")).toEqual([]);
  run("insert into t values (1)");
  const refused = "1205 HY000 Lock wait timeout exceeded; try restarting transaction";
  expect(other.failure("insert into t values (2)")).toBe(refused);
  expect(other.failure("select * from t")).toBe(refused);
  expect(other.failure("create table u (id int)")).toBe(refused);

  const waiting = other.session.executeWhenFree("select * from t", never);
  session.execute("commit");
  expect(text(await waiting)).toEqual([["1"]]);
});

test("several waiters each get their turn", async () => {
  const { run, server } = await start();
  run("create table t (id int primary key)");
  run("begin");
  run("insert into t values (0)");
  const order: number[] = [];
  const writers = [1, 2, 3].map(async (id) => {
    const session = server.session({ database: "db" });
    await session.executeWhenFree("begin", never);
    await session.executeWhenFree(`insert into t values (${id})`, never);
    await new Promise((resolve) => setImmediate(resolve));
    session.execute("commit");
    order.push(id);
  });
  run("commit");
  await Promise.all(writers);
  expect(order.sort()).toEqual([1, 2, 3]);
  expect(server.session({ database: "db" }).execute("select count(*) from t").rows[0]?.[0]?.toString()).toBe("4");
});

test("waiting ends with the signal, or after innodb_lock_wait_timeout", async () => {
  const { run, server } = await start();
  run("create table t (id int primary key)");
  run("begin");
  run("insert into t values (1)");
  const other = server.session({ database: "db" });
  const abort = new AbortController();
  const waiting = other.executeWhenFree("select 1", abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  other.execute("set innodb_lock_wait_timeout = 0");
  await expect(other.executeWhenFree("select 1", never)).rejects.toThrow("Lock wait timeout exceeded");
});

test("closing a session rolls back what it had open", async () => {
  const { run, server, rows } = await start();
  run("create table t (id int primary key)");
  const other = server.session({ database: "db" });
  other.execute("begin");
  other.execute("insert into t values (1)");
  other.close();
  other.close();
  expect(rows("select * from t")).toEqual([]);
});

test("scripts run statement by statement and stop at the first failure", async () => {
  const { session, rows } = await start();
  const results = session.executeScript(
    "create table t (a varchar(20)); insert into t values ('a;b'), ('c''; --'); /* ; */ select count(*) from t;;",
  );
  expect(results.map((result) => result.rows.length)).toEqual([0, 0, 1]);
  expect(() =>
    session.executeScript("insert into t values ('x'); insert into nope values (1); insert into t values ('y')"),
  ).toThrow("doesn't exist");
  expect(rows("select a from t order by a")).toEqual([["a;b"], ["c'; --"], ["x"]]);
});

async function take<T>(from: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const each of from) {
    taken.push(each);
    if (taken.length === count) break;
  }
  return taken;
}
