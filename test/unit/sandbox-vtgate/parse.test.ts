import { describe, expect, it } from "vitest";
import { SqlError } from "../../../src/sandbox/vtgate/errors.js";
import { parseStatement } from "../../../src/sandbox/vtgate/parse.js";
import { matchesLike } from "../../../src/sandbox/vtgate/show.js";
import { placeholders } from "../../../src/sandbox/vtgate/syntax.js";

function tablesOf(sql: string): string[] {
  const statement = parseStatement(sql);
  if (statement.kind !== "query") throw new Error(`${sql} is ${statement.kind}`);
  return statement.tables.map(({ database, name }) => (database === undefined ? name : `${database}.${name}`)).sort();
}

function named(name: string): object {
  return { kind: "tableName", database: "commerce", name };
}

function errnoOf(sql: string): number {
  try {
    parseStatement(sql);
  } catch (error) {
    if (error instanceof SqlError) return error.errno;
    throw error;
  }
  throw new Error(`${sql} was taken`);
}

describe("placeholders", () => {
  it("leaves out question marks in quotes and comments", () => {
    const sql = "select 'a''b\\'?' , \"x?\", `a``?` -- ?\n from t # ?\n where a /* ? */ = ? and b->>'$.c'";
    expect(placeholders(sql).map(({ start }) => start)).toEqual([sql.indexOf("= ?") + 2]);
  });

  it("refuses an open quote", () => {
    expect(() => placeholders("select 'abc")).toThrow("syntax error at position 8 near ''abc'");
  });
});

describe("parseStatement", () => {
  it.each([
    ["use `commerce@replica`", { kind: "use", database: "commerce@replica" }],
    ["BEGIN", { kind: "begin" }],
    ["start transaction read only, with consistent snapshot", { kind: "begin" }],
    ["commit work;", { kind: "commit" }],
    ["rollback", { kind: "rollback" }],
    ["rollback to savepoint a", { kind: "rollback", savepoint: "a" }],
    ["release savepoint `b``c`", { kind: "release", name: "b`c" }],
    ["/*!40101 use commerce */", { kind: "use", database: "commerce" }],
    ["set session transaction isolation level read committed", { kind: "nothing" }],
    ["show vschema tables", { kind: "vitessShow", what: "vschema tables" }],
    ["show vitess_shards;", { kind: "vitessShow", what: "vitess_shards" }],
    ["lock tables customer read", { kind: "nothing" }],
  ])("understands %s", (sql, expected) => {
    expect(parseStatement(sql)).toEqual(expected);
  });

  it.each([
    ["show databases like 'comm%'", { what: "databases", like: "comm%" }],
    ["show keyspaces like 'comm%'", { what: "databases", like: "comm%" }],
    ["show full tables from commerce", { what: "tables", full: true, database: "commerce" }],
    ["show create table commerce.`order`", { what: "createTable", table: named("order") }],
    ["show columns from customer from commerce", { what: "columns", full: false, table: named("customer") }],
    ["desc commerce.customer", { what: "columns", full: false, table: named("customer") }],
    ["show global variables like 'version%'", { what: "variables", global: true, like: "version%" }],
  ])("understands %s", (sql, show) => {
    expect(parseStatement(sql)).toEqual({ kind: "show", show });
  });

  it.each([
    ["select * from commerce.customer c join product p on c.sku = p.sku", ["commerce.customer", "product"]],
    ["select 1 from a where x in (select y from `commerce`.b)", ["a", "commerce.b"]],
    ["with c as (select id from customer) select * from c", ["customer"]],
    ["insert into commerce.customer(email) select email from old", ["commerce.customer", "old"]],
    ["update commerce.customer set email = 'x' where customer_id = 1", ["commerce.customer"]],
    ["delete c from customer c where c.customer_id = 1", ["customer"]],
    ["delete from commerce.customer", ["commerce.customer"]],
    ["replace into t(id) values (1)", ["t"]],
    ["alter table commerce.t add column x int", ["commerce.t"]],
    ["create table commerce.t(id int primary key)", ["commerce.t"]],
    ["drop table a, commerce.b", ["a", "commerce.b"]],
    ["truncate table commerce.t", ["commerce.t"]],
    ["select a from t union select b from u", ["t", "u"]],
    ["insert into a value (1, default) on duplicate key update x = (select y from b)", ["a", "b"]],
    ["delete from a using a join commerce.b on a.x = b.x", ["a", "commerce.b"]],
    ["select 1", []],
  ])("finds the tables of %s", (sql, tables) => {
    expect(tablesOf(sql)).toEqual(tables);
  });

  it.each([
    ["", 1065],
    [" ; ", 1065],
    ["selekt 1", 1064],
    ["select 1; select 2", 1064],
    ["use", 1064],
    ["show nonsense", 1235],
    ["show", 1064],
    ["prepare p from 'select 1'", 1235],
    ["analyze table customer", 1235],
    ["commit commit", 1064],
  ])("refuses %j with errno %i", (sql, errno) => {
    expect(errnoOf(sql)).toBe(errno);
  });

  it("names a select column that is a session value after its text", () => {
    const statement = parseStatement("select @@version_comment, ifnull(@@autocommit, 1), database() d, user() limit 1");
    if (statement.kind !== "query") throw new Error(statement.kind);
    const byName = Object.fromEntries(statement.sessionCalls.map((call) => [call.name, call.needsAlias]));
    expect(byName).toEqual({ version_comment: true, autocommit: false, database: false, user: true });
  });
});

describe("matchesLike", () => {
  it.each([
    ["comm%", "Commerce", true],
    ["c_mmerce", "commerce", true],
    ["a\\_b", "axb", false],
    ["a\\_b", "a_b", true],
    ["a.c", "abc", false],
    [undefined, "anything", true],
  ])("%s against %s: %s", (pattern, text, expected) => {
    expect(matchesLike(pattern, text)).toBe(expected);
  });
});
