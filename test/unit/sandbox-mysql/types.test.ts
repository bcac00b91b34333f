import { expect, test } from "vitest";
import { start } from "./helpers.js";

test("integers keep 64 bits, signed and unsigned, in order", async () => {
  const { run, rows, value, failure } = await start();
  run("create table t (u bigint unsigned primary key, s bigint, ti tinyint unsigned)");
  run("insert into t values (0, -9223372036854775808, 0), (9223372036854775807, 9223372036854775807, 255)");
  run("insert into t values (9223372036854775808, 0, 1), (18446744073709551615, -1, 2)");
  expect(rows("select u, s from t order by u desc")).toEqual([
    ["18446744073709551615", "-1"],
    ["9223372036854775808", "0"],
    ["9223372036854775807", "9223372036854775807"],
    ["0", "-9223372036854775808"],
  ]);
  expect(rows("select u from t where u > 9223372036854775807 order by u")).toEqual([
    ["9223372036854775808"],
    ["18446744073709551615"],
  ]);
  expect(value("select count(*) from t where u > s")).toBe("3");
  expect(value("select s from t where u = '18446744073709551615'")).toBe("-1");
  expect(value("select count(*) from t where u between 1 and 18446744073709551615")).toBe("3");
  expect(value("select max(u) - 1 from t")).toBe("18446744073709551614");
  expect(value("select sum(u) from t")).toBe("36893488147419103230");
  expect(failure("insert into t values (18446744073709551616, 1, 1)")).toBe(
    "1264 22003 Out of range value for column 'u' at row 1",
  );
  expect(failure("insert into t values (5, 1, 256)")).toContain("1264");
  expect(failure("select u + 1 from t where u = 18446744073709551615")).toBe(
    "1690 22003 BIGINT UNSIGNED value is out of range in '(u + 1)'",
  );
  expect(failure("select s + 1 from t where s = 9223372036854775807")).toContain("1690");
});

test("decimals are exact", async () => {
  const { run, rows, value, failure } = await start();
  run("create table t (id int primary key, price decimal(30,10), p2 decimal(10,2) unsigned)");
  run("insert into t values (1, 12345678901234567890.0123456789, 1.005), (2, -0.1, '2.50'), (3, 9, 10)");
  expect(rows("select price, p2 from t order by price")).toEqual([
    ["-0.1000000000", "2.50"],
    ["9.0000000000", "10.00"],
    ["12345678901234567890.0123456789", "1.01"],
  ]);
  expect(value("select price + 1 from t where id = 1")).toBe("12345678901234567891.0123456789");
  expect(value("select sum(price) from t")).toBe("12345678901234567898.9123456789");
  expect(value("select id from t where price = 9.00")).toBe("3");
  expect(value("select id from t where price < 0")).toBe("2");
  expect(rows("select p2 * 2, p2 / 3, p2 - 0.001 from t where id = 3")).toEqual([["20.00", "3.333333", "9.999"]]);
  expect(value("select avg(p2) from t")).toBe("4.503333");
  expect(rows("select distinct p2 from t where p2 in (10, 2.5) order by p2")).toEqual([["2.50"], ["10.00"]]);
  expect(failure("insert into t values (4, 0, -1)")).toContain("1264");
  expect(failure("insert into t values (4, 0, 100000000)")).toContain("1264");
  expect(failure("insert into t values (4, 'abc', 0)")).toBe(
    "1366 HY000 Incorrect decimal value: 'abc' for column 'price' at row 1",
  );
});

test("floating point numbers print as MySQL prints them", async () => {
  const { run, rows } = await start();
  run("create table t (id int primary key, f float, d double, fd float(7,2), dd double(10,3))");
  run(
    "insert into t values (1, 1.1, 0.1, 3.14159, 2.5), (2, 123456789, 1e15, 0, 0), (3, 0.000012345, 1e14, 1, 1), (4, 16777216, -1.5e-20, 1, 1), (5, 0, 12345678901234567890, 0, 0)",
  );
  expect(rows("select f, d, fd, dd from t order by id")).toEqual([
    ["1.1", "0.1", "3.14", "2.500"],
    ["123457000", "1e15", "0.00", "0.000"],
    ["0.000012345", "100000000000000", "1.00", "1.000"],
    ["16777200", "-1.5e-20", "1.00", "1.000"],
    ["0", "1.2345678901234567e19", "0.00", "0.000"],
  ]);
});

test("texts hold every character, binaries every byte", async () => {
  const { run, rows, value, failure } = await start();
  run("create table t (id int primary key, c char(5), v varchar(5), x text, b binary(4), vb varbinary(4), bl blob)");
  run("insert into t values (1, 'ab  ', '😀é日ab', 'nul\\0 tab\\t', 'x', x'00ff80', _binary'\\0\\'')");
  const [row] = run("select c, v, x, b, vb, bl from t").rows;
  expect(row?.map((each) => each?.toString("hex"))).toEqual([
    Buffer.from("ab").toString("hex"),
    Buffer.from("😀é日ab").toString("hex"),
    Buffer.from("nul\0 tab\t").toString("hex"),
    "78000000",
    "00ff80",
    "0027",
  ]);
  expect(rows("select char_length(v), length(v), length(x), hex(b), length(bl) from t")).toEqual([
    ["5", "11", "9", "78000000", "2"],
  ]);
  run("update t set vb = 'abc'");
  expect(value("select id from t where vb = 'abc'")).toBe("1");
  expect(value("select count(*) from t where vb = 'ABC'")).toBe("0");
  expect(value("select id from t where vb > 'abb' and vb < 'abd'")).toBe("1");
  expect(failure("insert into t(id, v) values (2, '123456')")).toBe("1406 22001 Data too long for column 'v' at row 1");
  expect(failure("insert into t(id, vb) values (2, x'0102030405')")).toContain("1406");
  expect(failure("insert into t(id, v) values (2, x'ff')")).toBe(
    "1366 HY000 Incorrect string value: '\\xFF' for column 'v' at row 1",
  );
  run("insert into t(id, v) values (2, '12345     ')");
  expect(value("select v from t where id = 2")).toBe("12345");
});

test("dates and times, with fractions, zero dates and zones", async () => {
  const { run, rows, value, failure } = await start();
  run(
    "create table t (id int primary key, d date, dt datetime, d3 datetime(3), ts timestamp null, t time, t6 time(6), y year)",
  );
  run(
    "insert into t values (1, '2020-02-29', '2020-02-29 23:59:59.6', '2020-02-29 10:00:00.1236', '2020-01-01 00:00:00', '-838:59:59', '12:30:00.5', 2020)",
  );
  run("insert into t values (2, '20200101', 20200102030405, '2020-1-2 3:4:5', null, '101112', '1 10:00:00', '70')");
  expect(rows("select d, dt, d3, ts, t, t6, y from t order by id")).toEqual([
    [
      "2020-02-29",
      "2020-03-01 00:00:00",
      "2020-02-29 10:00:00.124",
      "2020-01-01 00:00:00",
      "-838:59:59",
      "12:30:00.500000",
      "2020",
    ],
    ["2020-01-01", "2020-01-02 03:04:05", "2020-01-02 03:04:05.000", null, "10:11:12", "34:00:00.000000", "1970"],
  ]);
  expect(rows("select id from t order by t")).toEqual([["1"], ["2"]]);
  expect(value("select id from t where d = '2020-02-29'")).toBe("1");
  expect(value("select id from t where dt < '2020-02-01'")).toBe("2");
  expect(value("select id from t where d3 = '2020-01-02 03:04:05'")).toBe("2");
  expect(failure("select id from t where d = 'nonsense'")).toBe("1525 HY000 Incorrect DATETIME value: 'nonsense'");
  expect(failure("insert into t(id, d) values (3, '0000-00-00')")).toBe(
    "1292 22007 Incorrect date value: '0000-00-00' for column 'd' at row 1",
  );
  expect(failure("insert into t(id, dt) values (3, '2020-02-30')")).toContain(
    "1292 22007 Incorrect datetime value: '2020-02-30'",
  );
  run("set sql_mode = 'STRICT_TRANS_TABLES'");
  run("insert into t(id, d, dt) values (3, '0000-00-00', '2020-00-15')");
  expect(rows("select d, dt from t where id = 3")).toEqual([["0000-00-00", "2020-00-15 00:00:00"]]);
  run("set time_zone = '+02:00'");
  expect(value("select ts from t where id = 1")).toBe("2020-01-01 02:00:00");
  run("update t set ts = '2020-06-01 12:00:00' where id = 2");
  expect(value("select count(*) from t where ts = '2020-06-01 12:00:00'")).toBe("1");
  run("set time_zone = 'America/New_York'");
  expect(value("select ts from t where id = 2")).toBe("2020-06-01 06:00:00");
});

test("JSON is normalised", async () => {
  const { run, value, failure, rows } = await start();
  run("create table t (id int primary key, j json)");
  run(
    `insert into t values (1, '{"bb":1,"a":[1,2.0,true,null,"x\\\\u00e9"], "c" : {"z":1,"y":-0.5}, "a2":18446744073709551615, "bb":2}')`,
  );
  expect(value("select j from t")).toBe(
    '{"a": [1, 2.0, true, null, "xé"], "c": {"y": -0.5, "z": 1}, "a2": 18446744073709551615, "bb": 2}',
  );
  expect(value("select j->>'$.a[4]' from t")).toBe("xé");
  expect(value("select json_extract(j, '$.c.y') from t where j->'$.bb' = 2")).toBe("-0.5");
  run("insert into t values (2, json_object('k', 'v', 'n', null, 'i', 5)), (3, cast('[3,1]' as json)), (4, null)");
  expect(rows("select j from t where id > 1 order by id")).toEqual([
    ['{"i": 5, "k": "v", "n": null}'],
    ["[3, 1]"],
    [null],
  ]);
  expect(failure("insert into t values (5, '{bad}')")).toBe(
    "3140 22032 Invalid JSON text: \"Missing a name for object member.\" at position 1 in value for column 'j'.",
  );
});

test("enum and set: stored by name, ordered by place", async () => {
  const { run, rows, value, failure } = await start();
  run("create table t (id int primary key, e enum('small','big','a''b'), s set('x','y','z'))");
  run("insert into t values (1, 'big', 'z,x'), (2, 'SMALL', ''), (3, 3, 2), (4, null, null)");
  expect(rows("select id, e, s from t order by e, id")).toEqual([
    ["4", null, null],
    ["2", "small", ""],
    ["1", "big", "x,z"],
    ["3", "a'b", "y"],
  ]);
  expect(value("select id from t where e = 'Big'")).toBe("1");
  expect(value("select id from t where e = 3")).toBe("3");
  expect(value("select id from t where s = 'x,z'")).toBe("1");
  expect(value("select group_concat(e order by e separator '|') from t")).toBe("small|big|a'b");
  expect(value("select concat(e, '!') from t where id = 1")).toBe("big!");
  expect(failure("insert into t values (5, 'huge', '')")).toBe("1265 01000 Data truncated for column 'e' at row 1");
  expect(failure("insert into t values (5, 'big', 'q')")).toContain("1265");
});

test("bits are bytes in results and numbers in arithmetic", async () => {
  const { run, value } = await start();
  run("create table t (b bit(10), one bit)");
  run("insert into t values (b'1000000001', 1)");
  expect(run("select b, one from t").rows[0]).toEqual([Buffer.from([2, 1]), Buffer.from([1])]);
  expect(value("select b + 0 from t where b = 513")).toBe("513");
  expect(value("select count(*) from t where one = 1 and b = b'1000000001'")).toBe("1");
});

test("defaults, CURRENT_TIMESTAMP and ON UPDATE", async () => {
  const { run, rows, value } = await start();
  run(
    "create table t (id int primary key, a int default 5, b varchar(5) default 'x', c datetime(6) default current_timestamp(6) on update current_timestamp(6), d json default (json_array(1)), e varchar(36) default (uuid()))",
  );
  run("insert into t(id) values (1)");
  run("insert into t(id, a, b) values (2, default, null)");
  expect(rows("select a, b, d, length(e) from t order by id")).toEqual([
    ["5", "x", "[1]", "36"],
    ["5", null, "[1]", "36"],
  ]);
  const before = value("select c from t where id = 1");
  expect(before).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  const clock = Date.now();
  while (Date.now() === clock);
  run("update t set a = a where id = 1");
  expect(value("select c from t where id = 1")).toBe(before);
  run("update t set a = a + 1 where id = 1");
  expect(value("select c from t where id = 1") ?? "").not.toBe(before);
});

test("auto_increment counts on from what it is given", async () => {
  const { run, rows, value } = await start();
  run("create table t (id int unsigned not null auto_increment, v int, primary key (id)) auto_increment = 10");
  expect(run("insert into t(v) values (1), (2)").insertId).toBe(10n);
  expect(run("insert into t values (100, 3)").insertId).toBe(0n);
  expect(run("insert into t values (null, 4), (0, 5)").insertId).toBe(101n);
  expect(value("select last_insert_id()")).toBe("101");
  expect(rows("select id, v from t order by id")).toEqual([
    ["10", "1"],
    ["11", "2"],
    ["100", "3"],
    ["101", "4"],
    ["102", "5"],
  ]);
  run("set sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
  run("insert into t values (0, 6)");
  expect(value("select v from t where id = 0")).toBe("6");
});

test("generated columns follow their sources", async () => {
  const { run, rows, failure } = await start();
  run(
    "create table t (id int primary key, a int, g bigint generated always as (a * 2) stored, v varchar(10) as (concat('n', g)) virtual, unique key (g))",
  );
  run("insert into t(id, a) values (1, 3), (2, null)");
  expect(rows("select * from t order by id")).toEqual([
    ["1", "3", "6", "n6"],
    ["2", null, null, null],
  ]);
  run("update t set a = 4 where id = 1");
  expect(rows("select g, v from t where id = 1")).toEqual([["8", "n8"]]);
  expect(failure("insert into t(id, a) values (3, 4)")).toBe("1062 23000 Duplicate entry '8' for key 't.g'");
  expect(failure("insert into t(id, a, g) values (3, 4, 5)")).toBe(
    "3105 HY000 The value specified for generated column 'g' in table 't' is not allowed.",
  );
  run("insert into t(id, a, g) values (3, 5, default)");
});
