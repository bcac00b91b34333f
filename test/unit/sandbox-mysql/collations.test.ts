import { expect, test } from "vitest";
import { start } from "./helpers.js";

test("utf8mb4_0900_ai_ci: neither case nor accents count, spaces do", async () => {
  const { run, rows, value, failure } = await start();
  run("create table t (name varchar(20) primary key, v int)");
  run(
    "insert into t values ('apple', 1), ('Ärger', 2), ('Banana', 3), ('Zebra', 4), ('a b', 5), ('a-b', 6), ('😀', 7)",
  );
  expect(rows("select name from t order by name").flat()).toEqual([
    "😀",
    "a b",
    "a-b",
    "apple",
    "Ärger",
    "Banana",
    "Zebra",
  ]);
  expect(value("select v from t where name = 'ARGER'")).toBe("2");
  expect(value("select count(*) from t where name > 'b'")).toBe("2");
  expect(failure("insert into t values ('APPLE', 9)")).toBe("1062 23000 Duplicate entry 'APPLE' for key 't.PRIMARY'");
  run("insert into t values ('apple ', 8)");
  expect(value("select count(*) from t where name = 'apple'")).toBe("1");
  expect(value("select count(distinct left(name, 1)) from t")).toBe("4");
  expect(rows("select upper(left(name, 1)) l, count(*) from t group by l having count(*) > 1 order by l")).toEqual([
    ["A", "5"],
  ]);
});

test("utf8mb4_bin compares code points and ignores trailing spaces", async () => {
  const { run, rows, value } = await start();
  run("create table t (name varchar(20) collate utf8mb4_bin primary key)");
  run("insert into t values ('b'), ('B'), ('a'), ('é'), ('😀'), ('日')");
  expect(rows("select name from t order by name").flat()).toEqual(["B", "a", "b", "é", "日", "😀"]);
  expect(value("select count(*) from t where name = 'b '")).toBe("1");
  expect(value("select count(*) from t where name = 'É'")).toBe("0");
  expect(value("select count(*) from t where name collate utf8mb4_0900_ai_ci = 'É'")).toBe("1");
});

test("utf8mb4_0900_bin and general_ci", async () => {
  const { value } = await start();
  expect(value("select 'a' collate utf8mb4_0900_bin = 'a '")).toBe("0");
  expect(value("select 'a' collate utf8mb4_general_ci = 'Ä '")).toBe("1");
  expect(value("select 'ß' collate utf8mb4_general_ci = 's'")).toBe("1");
  expect(value("select 'ß' = 'ss'")).toBe("1");
  expect(value("select 'e' collate utf8mb4_0900_as_cs = 'E'")).toBe("0");
  expect(value("select 'e' collate utf8mb4_0900_as_ci = 'E'")).toBe("1");
  expect(value("select 'e' collate utf8mb4_0900_as_ci = 'é'")).toBe("0");
});

test("LIKE follows the collation", async () => {
  const { run, rows, value } = await start();
  run("create table t (a varchar(20), b varchar(20) collate utf8mb4_bin, c varbinary(20))");
  run(
    "insert into t values ('Hello_World', 'Hello_World', 'Hello_World'), ('100%', '100%', '100%'), ('Ünder', 'Ünder', 'Ünder')",
  );
  expect(rows("select a from t where a like 'hello%'")).toEqual([["Hello_World"]]);
  expect(rows("select a from t where b like 'hello%'")).toEqual([]);
  expect(rows("select a from t where c like 'Hello%'")).toEqual([["Hello_World"]]);
  expect(rows("select a from t where a like 'under'")).toEqual([["Ünder"]]);
  expect(rows("select a from t where a like '%\\%'")).toEqual([["100%"]]);
  expect(rows("select a from t where a like '%|_%' escape '|'")).toEqual([["Hello_World"]]);
  expect(value("select count(*) from t where a not like '%o%'")).toBe("2");
});

test("unique keys and prefix keys use the column's collation", async () => {
  const { run, failure } = await start();
  run("create table t (id int primary key, a varchar(20), b text, unique key ua (a), unique key ub (b(3)))");
  run("insert into t values (1, 'x', 'abcdef'), (2, null, null), (3, null, null)");
  expect(failure("insert into t values (4, 'X', 'zzz')")).toBe("1062 23000 Duplicate entry 'X' for key 't.ua'");
  expect(failure("insert into t values (4, 'y', 'ABCxyz')")).toBe("1062 23000 Duplicate entry 'ABC' for key 't.ub'");
});
