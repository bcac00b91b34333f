import { describe, expect, it } from "vitest";
import { SqlError } from "../../../src/sandbox/vtgate/errors.js";
import { parseStatement } from "../../../src/sandbox/vtgate/parse.js";
import { matchesLike } from "../../../src/sandbox/vtgate/show-grammar.js";
import { tokenize } from "../../../src/sandbox/vtgate/tokens.js";

function tablesOf(sql: string): string[] {
  const statement = parseStatement(sql);
  if (statement.kind !== "query") throw new Error(`${sql} is ${statement.kind}`);
  return statement.tables.map(({ qualifier, name }) => (qualifier === "" ? name : `${qualifier}.${name}`)).sort();
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

describe("tokenize", () => {
  it("keeps what stands in quotes and drops comments", () => {
    const sql = "select 'a''b\\'?' , \"x?\", `a``b` -- ?\n from t # ?\n where a /* ? */ = ? and b->>'$.c'";
    const placeholders = tokenize(sql).filter((token) => token.kind === "placeholder");
    expect(placeholders).toHaveLength(1);
    expect(tokenize(sql).find((token) => token.kind === "string")?.value).toBe("a'b'?");
    expect(tokenize(sql).find((token) => token.kind === "quoted")?.value).toBe("a`b");
  });

  it("reads what a versioned comment hides", () => {
    expect(tokenize("/*!40101 SET names utf8 */").map((token) => token.value)).toEqual(["SET", "names", "utf8"]);
  });

  it("refuses an open quote", () => {
    expect(errnoOf("select 'abc")).toBe(1064);
  });
});

describe("parseStatement", () => {
  it.each([
    ["use `commerce@replica`", { kind: "use", database: "commerce@replica" }],
    ["BEGIN", { kind: "begin", readOnly: false }],
    ["start transaction read only, with consistent snapshot", { kind: "begin", readOnly: true }],
    ["commit work;", { kind: "commit" }],
    ["rollback", { kind: "rollback" }],
    ["rollback to savepoint a", { kind: "savepoint", verb: "rollback", name: "a" }],
    ["lock tables customer read", { kind: "nothing" }],
  ])("understands %s", (sql, expected) => {
    expect(parseStatement(sql)).toEqual(expected);
  });

  it.each([
    ["set names utf8mb4", [{ scope: "session", name: "names", value: "utf8mb4" }]],
    ["set names 'latin1' collate latin1_bin", [{ scope: "session", name: "names", value: "latin1" }]],
    [
      "SET autocommit=0, @@session.wait_timeout = 3, @old = @@sql_mode, global x := off",
      [
        { scope: "session", name: "autocommit", value: "0" },
        { scope: "session", name: "wait_timeout", value: "3" },
        { scope: "user", name: "old", value: "@@sql_mode" },
        { scope: "global", name: "x", value: "off" },
      ],
    ],
    [
      "set session transaction isolation level read committed",
      [{ scope: "session", name: "transaction", value: "isolation level read committed" }],
    ],
  ])("understands %s", (sql, assignments) => {
    expect(parseStatement(sql)).toEqual({ kind: "set", assignments });
  });

  it.each([
    ["show databases like 'comm%'", { what: "databases", like: "comm%" }],
    ["show full tables from commerce", { what: "tables", full: true, database: "commerce", like: undefined }],
    ["show create table commerce.`order`", { what: "create table", database: "commerce", table: "order" }],
    [
      "show columns from customer from commerce",
      { what: "columns", full: false, database: "commerce", table: "customer" },
    ],
    ["desc commerce.customer", { what: "columns", full: false, database: "commerce", table: "customer" }],
    ["show global variables like 'version%'", { what: "variables", like: "version%" }],
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
