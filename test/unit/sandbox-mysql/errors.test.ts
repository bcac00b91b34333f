import { expect, test } from "vitest";
import { start } from "./helpers.js";

test("MySQL's numbers, states and words", async () => {
  const { run, failure, server } = await start();
  run("create table t (id int not null, n int not null, v varchar(3), primary key (id))");
  const expected: Record<string, string> = {
    "select * from nope": "1146 42S02 Table 'db.nope' doesn't exist",
    "select * from nodb.t": "1049 42000 Unknown database 'nodb'",
    "select nope from t": "1054 42S22 Unknown column 'nope' in 'field list'",
    "select t.nope from t": "1054 42S22 Unknown column 't.nope' in 'field list'",
    "select 1 from t where x = 1": "1054 42S22 Unknown column 'x' in 'where clause'",
    "select 1 from t order by x": "1054 42S22 Unknown column 'x' in 'order clause'",
    "select id from t a join t b on a.id = b.id": "1052 23000 Column 'id' in field list is ambiguous",
    "select 1 from t, t": "1066 42000 Not unique table/alias: 't'",
    "selekt 1":
      "1064 42000 You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'selekt 1' at line 1",
    "create table broken (":
      "1064 42000 You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '' at line 1",
    "select 1,\n from t":
      "1064 42000 You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'from t' at line 2",
    "": "1065 42000 Query was empty",
    "use nodb": "1049 42000 Unknown database 'nodb'",
    "create table t (id int)": "1050 42S01 Table 't' already exists",
    "create database db": "1007 HY000 Can't create database 'db'; database exists",
    "drop database nodb": "1008 HY000 Can't drop database 'nodb'; database doesn't exist",
    "drop table nope, t": "1051 42S02 Unknown table 'db.nope'",
    "insert into t values (null, 1, 'a')": "1048 23000 Column 'id' cannot be null",
    "insert into t (id) values (1)": "1364 HY000 Field 'n' doesn't have a default value",
    "insert into t values (1, 1, 'abcd')": "1406 22001 Data too long for column 'v' at row 1",
    "insert into t values (1, 1, 'a'), (2, 2147483648, 'a')": "1264 22003 Out of range value for column 'n' at row 2",
    "insert into t values ('x', 1, 'a')": "1366 HY000 Incorrect integer value: 'x' for column 'id' at row 1",
    "insert into t (nope) values (1)": "1054 42S22 Unknown column 'nope' in 'field list'",
    "create table u (a int, A int)": "1060 42S21 Duplicate column name 'A'",
    "create table u (a int, key k (a), key K (a))": "1061 42000 Duplicate key name 'K'",
    "create table u (a int default 'x')": "1067 42000 Invalid default value for 'a'",
    "create table u (a int primary key, b int, primary key (b))": "1068 42000 Multiple primary key defined",
    "create table u (a int, key (b))": "1072 42000 Key column 'b' doesn't exist in table",
    "create table u (a varchar(20000))":
      "1074 42000 Column length too big for column 'a' (max = 16383); use BLOB or TEXT instead",
    "create table u (a int auto_increment)":
      "1075 42000 Incorrect table definition; there can be only one auto column and it must be defined as a key",
    "create table u (a text, key (a))":
      "1170 42000 BLOB/TEXT column 'a' used in key specification without a key length",
    "create table u (a varchar(5) collate nope)": "1273 HY000 Unknown collation: 'nope'",
    "create table u (a varchar(5) character set nope)": "1115 42000 Unknown character set: 'nope'",
    "select nope()": "1305 42000 FUNCTION db.nope does not exist",
    "select sha2('a')": "1582 42000 Incorrect parameter count in the call to native function 'sha2'",
    "select @@nope": "1193 HY000 Unknown system variable 'nope'",
    "set nope = 1": "1193 HY000 Unknown system variable 'nope'",
    "set time_zone = 'Mars/Base'": "1298 HY000 Unknown or incorrect time zone: 'Mars/Base'",
    "set sql_mode = 'NO_SUCH_MODE'": "1231 42000 Variable 'sql_mode' can't be set to the value of 'NO_SUCH_MODE'",
    "set server_uuid = 'x'": "1238 HY000 Variable 'server_uuid' is a read only variable",
    "select sum(sum(id)) from t": "1111 HY000 Invalid use of group function",
    "select 1 from t where count(*) > 0": "1111 HY000 Invalid use of group function",
    "rollback to nope": "1305 42000 SAVEPOINT nope does not exist",
    "alter table t drop column nope": "1091 42000 Can't DROP 'nope'; check that column/key exists",
  };
  for (const [sql, message] of Object.entries(expected)) expect(failure(sql), sql).toBe(message);

  const nowhere = server.session();
  expect(() => nowhere.execute("select * from t")).toThrow("No database selected");
  expect(() => nowhere.execute("create table x (a int)")).toThrow("No database selected");
  nowhere.close();
  expect(() => nowhere.execute("select 1")).toThrow("shutdown");
});
