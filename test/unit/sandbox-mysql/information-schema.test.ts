import { expect, test } from "vitest";
import { records } from "../../../src/wire/result.js";
import { start } from "./helpers.js";

test("tables: rows and sizes, as the size check of a migration reads them", async () => {
  const { run, rows } = await start();
  run("create table a (id int auto_increment primary key, v varchar(2000))");
  run("create table b (id int) comment = 'second'");
  run("create view v as select 1 as one");
  run(`insert into a(v) values ('${"x".repeat(1900)}'), ('${"y".repeat(1900)}')`);
  run("insert into a(v) select v from a");
  for (let i = 0; i < 3; i++) run("insert into a(v) select v from a");
  expect(
    rows(
      "select table_name, table_rows, data_length from information_schema.tables where table_schema = 'db' and table_name in ('a','b') order by 1",
    ),
  ).toEqual([
    ["a", "32", String(16384 * 4)],
    ["b", "0", "16384"],
  ]);
  expect(
    rows(
      "SELECT TABLE_NAME, table_type, auto_increment, table_comment FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = database() order by table_name",
    ),
  ).toEqual([
    ["a", "BASE TABLE", "33", ""],
    ["b", "BASE TABLE", null, "second"],
    ["v", "VIEW", null, "VIEW"],
  ]);
  run("delete from a where id > 1");
  expect(
    rows("select data_length from information_schema.tables where table_schema = 'db' and table_name = 'a'"),
  ).toEqual([["16384"]]);
  const { fields } = run("select table_name, table_rows from information_schema.tables where 1 = 0");
  expect(fields.map(({ name, type }) => [name, type])).toEqual([
    ["TABLE_NAME", "VARBINARY"],
    ["TABLE_ROWS", "UINT64"],
  ]);
});

test("columns, statistics, key_column_usage", async () => {
  const { run, session } = await start();
  run("create table parent (id int primary key)");
  run(`create table t (id bigint unsigned not null auto_increment, name varchar(10) collate utf8mb4_bin default 'q', d decimal(8,3), b varbinary(7),
    g int as (id + 1) stored, ts timestamp(3) null default current_timestamp(3), p int, primary key (id), unique key u (name, d), key n (b(3)),
    constraint fk foreign key (p) references parent (id))`);
  const columns = records(
    session.execute(
      "select * from information_schema.columns where table_schema = 'db' and table_name = 't' order by ordinal_position",
    ),
  );
  const pick = (name: string, ...keys: string[]): unknown[] => {
    const column = columns.find((each) => each.COLUMN_NAME === name);
    return keys.map((key) => column?.[key]);
  };
  expect(columns.map((column) => column.COLUMN_NAME)).toEqual(["id", "name", "d", "b", "g", "ts", "p"]);
  expect(pick("id", "COLUMN_TYPE", "DATA_TYPE", "IS_NULLABLE", "COLUMN_KEY", "EXTRA", "NUMERIC_PRECISION")).toEqual([
    "bigint unsigned",
    "bigint",
    "NO",
    "PRI",
    "auto_increment",
    "20",
  ]);
  expect(
    pick(
      "name",
      "COLUMN_TYPE",
      "CHARACTER_SET_NAME",
      "COLLATION_NAME",
      "CHARACTER_MAXIMUM_LENGTH",
      "CHARACTER_OCTET_LENGTH",
      "COLUMN_DEFAULT",
      "COLUMN_KEY",
    ),
  ).toEqual(["varchar(10)", "utf8mb4", "utf8mb4_bin", "10", "40", "q", "MUL"]);
  expect(pick("d", "NUMERIC_PRECISION", "NUMERIC_SCALE", "COLLATION_NAME")).toEqual(["8", "3", null]);
  expect(pick("b", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_SET_NAME")).toEqual(["7", null]);
  expect(pick("g", "EXTRA", "GENERATION_EXPRESSION")).toEqual(["STORED GENERATED", "(`id` + 1)"]);
  expect(pick("ts", "DATETIME_PRECISION", "COLUMN_DEFAULT", "EXTRA")).toEqual([
    "3",
    "CURRENT_TIMESTAMP(3)",
    "DEFAULT_GENERATED",
  ]);

  const statistics = records(
    session.execute(
      "select index_name, seq_in_index, column_name, non_unique, sub_part, nullable from information_schema.statistics where table_schema = 'db' and table_name = 't'",
    ),
  );
  expect(statistics.map((row) => Object.values(row).join(" "))).toEqual([
    "PRIMARY 1 id 0  ",
    "u 1 name 0  YES",
    "u 2 d 0  YES",
    "n 1 b 1 3 YES",
    "fk 1 p 1  YES",
  ]);

  const usage = records(
    session.execute(
      "select constraint_name, column_name, referenced_table_name, referenced_column_name from information_schema.key_column_usage where table_schema = 'db' and table_name = 't' order by 1, ordinal_position",
    ),
  );
  expect(usage.map((row) => Object.values(row).join(" "))).toEqual([
    "fk p parent id",
    "PRIMARY id  ",
    "u name  ",
    "u d  ",
  ]);
});

test("SHOW", async () => {
  const { run, rows } = await start();
  run(
    "create table t (id int not null auto_increment primary key, a varchar(5) default 'x' comment 'note', b timestamp null on update current_timestamp)",
  );
  expect(rows("show columns from t")).toEqual([
    ["id", "int", "NO", "PRI", null, "auto_increment"],
    ["a", "varchar(5)", "YES", "", "x", ""],
    ["b", "timestamp", "YES", "", null, "on update CURRENT_TIMESTAMP"],
  ]);
  expect(rows("show full columns from t where Field = 'a'")).toEqual([
    ["a", "varchar(5)", "utf8mb4_0900_ai_ci", "YES", "", "x", "", "select,insert,update,references", "note"],
  ]);
  expect(rows("show tables like 'T%'")).toEqual([["t"]]);
  expect(run("show tables").fields[0]?.name).toBe("Tables_in_db");
  expect(rows("show variables like 'autocommit'")).toEqual([["autocommit", "ON"]]);
  expect(rows("show variables where variable_name in ('sql_log_bin', 'time_zone')")).toEqual([
    ["sql_log_bin", "ON"],
    ["time_zone", "SYSTEM"],
  ]);
  expect(rows("show table status like 't'")[0]?.slice(0, 2)).toEqual(["t", "InnoDB"]);
  expect(rows("show master status")[0]?.[4]).toMatch(/^[0-9a-f-]{36}:1-2$/);
});

test("its tables outlive the transaction that read them first, and answer SHOW", async () => {
  const { run, rows } = await start();
  run("create table a (id int primary key)");
  run("begin");
  run("insert into a values (1)");
  const names = "select table_name from information_schema.tables where table_schema = 'db'";
  expect(rows(names)).toEqual([["a"]]);
  run("rollback");
  run("create table b (id int primary key)");
  expect(rows(names)).toEqual([["a"], ["b"]]);
  expect(rows("select count(*) from information_schema.statistics where table_name = 'a'")).toEqual([["1"]]);
  expect(rows("show table status from information_schema like 'VIEWS'")[0]?.[0]).toBe("VIEWS");
  expect(rows("show index from information_schema.tables")).toEqual([]);
});
