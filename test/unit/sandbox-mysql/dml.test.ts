import { expect, test } from "vitest";
import { start } from "./helpers.js";

test("insert: several rows, columns in any order, SET, SELECT, expressions", async () => {
  const { run, rows, failure } = await start();
  run("create table t (id int primary key, a varchar(20), b int default 7)");
  expect(run("insert into t (a, id) values ('x', 1), (concat('y', 1 + 1), 2)").rowsAffected).toBe(2);
  run("insert into t set id = 3, a = upper('z')");
  run("insert into t () values (4, null, id + 1)");
  expect(run("insert into t select id + 10, a, b from t where id <= 2").rowsAffected).toBe(2);
  expect(rows("select * from t order by id")).toEqual([
    ["1", "x", "7"],
    ["2", "y2", "7"],
    ["3", "Z", "7"],
    ["4", null, "5"],
    ["11", "x", "7"],
    ["12", "y2", "7"],
  ]);
  expect(failure("insert into t (id, id) values (5, 5)")).toBe("1110 42000 Column 'id' specified twice");
  expect(failure("insert into t (id, a) values (5, 'a'), (6)")).toBe(
    "1136 21S01 Column count doesn't match value count at row 2",
  );
});

test("a statement that fails at its third row leaves nothing behind", async () => {
  const { run, value, failure, server } = await start();
  run("create table t (id int primary key)");
  const before = server.gtidExecuted();
  expect(failure("insert into t values (1), (2), (1)")).toContain("1062");
  expect(value("select count(*) from t")).toBe("0");
  expect(server.gtidExecuted()).toBe(before);
  run("begin");
  run("insert into t values (5)");
  expect(failure("insert into t values (6), (5)")).toContain("1062");
  run("commit");
  expect(value("select group_concat(id) from t")).toBe("5");
  for await (const { events } of server.binlog.from(before, new AbortController().signal)) {
    expect(events).toHaveLength(1);
    break;
  }
});

test("on duplicate key update, by any unique key, old and new values at hand", async () => {
  const { run, rows } = await start();
  run("create table t (id int primary key, code varchar(5) unique, n int, m int)");
  run("insert into t values (1, 'a', 10, 0), (2, 'b', 20, 0)");
  expect(run("insert into t values (1, 'z', 5, 0) on duplicate key update n = n + values(n), m = n").rowsAffected).toBe(
    2,
  );
  expect(
    run("insert into t values (9, 'B', 5, 0), (3, 'c', 1, 1) as new on duplicate key update n = new.n + t.n")
      .rowsAffected,
  ).toBe(3);
  expect(run("insert into t values (1, 'q', 5, 0) on duplicate key update n = n").rowsAffected).toBe(0);
  expect(rows("select * from t order by id")).toEqual([
    ["1", "a", "15", "15"],
    ["2", "b", "25", "0"],
    ["3", "c", "1", "1"],
  ]);
});

test("replace takes every row that collides", async () => {
  const { run, rows } = await start();
  run("create table t (id int primary key, code varchar(5) unique, n int)");
  run("insert into t values (1, 'a', 1), (2, 'b', 2)");
  expect(run("replace into t values (1, 'b', 3)").rowsAffected).toBe(3);
  expect(rows("select * from t")).toEqual([["1", "b", "3"]]);
});

test("insert ignore skips duplicates and bends values, with warnings", async () => {
  const { run, rows } = await start();
  run("create table t (id tinyint primary key, a varchar(3) not null)");
  expect(run("insert ignore into t values (1, 'a'), (1, 'b'), (500, 'toolong'), (3, null)").rowsAffected).toBe(3);
  expect(rows("show warnings").map((row) => row[1])).toEqual(["1062", "1264", "1406", "1048"]);
  expect(rows("select * from t order by id")).toEqual([
    ["1", "a"],
    ["3", ""],
    ["127", "too"],
  ]);
});

test("without strict mode values are bent as well", async () => {
  const { run, rows } = await start();
  run("create table t (id int primary key, n tinyint unsigned not null, d date not null)");
  run("set sql_mode = ''");
  run("insert into t (id, n, d) values (1, -5, 'junk'), (2, '12abc', '2020-01-01')");
  run("insert into t (id) values (3)");
  expect(rows("select * from t order by id")).toEqual([
    ["1", "0", "0000-00-00"],
    ["2", "12", "2020-01-01"],
    ["3", "0", "0000-00-00"],
  ]);
});

test("update: order, limit, several tables, left to right", async () => {
  const { run, rows, failure } = await start();
  run("create table t (id int primary key, a int, b int)");
  run("insert into t values (1, 1, 1), (2, 2, 2), (3, 3, 3)");
  expect(run("update t set a = a + 1, b = a * 10 where id < 3").rowsAffected).toBe(2);
  expect(run("update t set a = 0 order by id desc limit 1").rowsAffected).toBe(1);
  expect(rows("select * from t order by id")).toEqual([
    ["1", "2", "20"],
    ["2", "3", "30"],
    ["3", "0", "3"],
  ]);
  run("create table u (t_id int, v int)");
  run("insert into u values (1, 100), (2, 200), (2, 201)");
  expect(run("update t join u on u.t_id = t.id set t.b = u.v, u.v = 0").rowsAffected).toBe(5);
  expect(rows("select b from t order by id")).toEqual([["100"], ["200"], ["3"]]);
  run("update t set id = 9, a = default where id = 3");
  expect(rows("select id, a from t where id = 9")).toEqual([["9", null]]);
  expect(failure("update t set id = 1 where id = 2")).toBe("1062 23000 Duplicate entry '1' for key 't.PRIMARY'");
  expect(failure("update t set nope = 1")).toBe("1054 42S22 Unknown column 'nope' in 'field list'");
  expect(failure("update t set a = 1 where nope = 1")).toBe("1054 42S22 Unknown column 'nope' in 'where clause'");
});

test("delete: order, limit, several tables", async () => {
  const { run, rows } = await start();
  run("create table t (id int primary key, a int)");
  run("create table u (id int primary key)");
  run("insert into t values (1, 1), (2, 2), (3, 3), (4, 4)");
  run("insert into u values (1), (2)");
  expect(run("delete from t order by id desc limit 1").rowsAffected).toBe(1);
  expect(run("delete t from t join u using (id) where t.a = 1").rowsAffected).toBe(1);
  expect(run("delete from t, u using t join u on t.id = u.id").rowsAffected).toBe(2);
  expect(rows("select id from t")).toEqual([["3"]]);
  expect(rows("select id from u")).toEqual([["1"]]);
  expect(run("delete from t").rowsAffected).toBe(1);
});

test("tables without a key hold equal rows, and lose one at a time", async () => {
  const { run, rows } = await start();
  run("create table t (a int, b varchar(5))");
  run("insert into t values (1, 'x'), (1, 'x'), (null, null)");
  expect(run("delete from t where a = 1 limit 1").rowsAffected).toBe(1);
  expect(run("update t set b = 'y' where a is null").rowsAffected).toBe(1);
  expect(rows("select * from t order by a")).toEqual([
    [null, "y"],
    ["1", "x"],
  ]);
});

test("composite keys with text, and rows found by them", async () => {
  const { run, rows, failure } = await start();
  run("create table t (a varchar(5), b int unsigned, c bigint unsigned, v int, primary key (a, b, c))");
  run("insert into t values ('x', 2, 18446744073709551615, 1), ('X', 1, 0, 2), ('y', 1, 9, 3)");
  expect(failure("insert into t values ('X', 2, 18446744073709551615, 1)")).toBe(
    "1062 23000 Duplicate entry 'X-2-18446744073709551615' for key 't.PRIMARY'",
  );
  expect(rows("select v from t order by a, b, c")).toEqual([["2"], ["1"], ["3"]]);
  expect(rows("select v from t where (a, b, c) > ('x', 1, 0) order by a, b, c limit 2")).toEqual([["1"], ["3"]]);
  expect(
    rows("select v from t where (a = 'x' and b = 2 and c > 5) or (a = 'x' and b > 2) or a > 'x' order by a, b, c"),
  ).toEqual([["1"], ["3"]]);
  run("update t set c = 1 where a = 'x' and b = 2");
  expect(rows("select c from t where v = 1")).toEqual([["1"]]);
});

test("checks are enforced unless they say otherwise", async () => {
  const { run, failure, value } = await start();
  run(
    "create table t (id int primary key, n int check (n > 0), m int, constraint m_small check (m < 10) not enforced)",
  );
  run("insert into t values (1, 5, 100), (2, null, 1)");
  expect(failure("insert into t values (3, 0, 1)")).toBe("3819 HY000 Check constraint 't_chk_1' is violated.");
  expect(failure("update t set n = -1 where id = 1")).toContain("3819");
  expect(value("select count(*) from t")).toBe("2");
});
