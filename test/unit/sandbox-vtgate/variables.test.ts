import { describe, expect, it } from "vitest";
import { SqlError } from "../../../src/sandbox/vtgate/errors.js";
import { parseStatement } from "../../../src/sandbox/vtgate/parse.js";
import { SessionVariables } from "../../../src/sandbox/vtgate/variables.js";

/** The variables after one SET statement after the other; global ones are left out. */
function valuesAfter(...statements: string[]): SessionVariables {
  const variables = new SessionVariables({ version: "8.4.6-Vitess", versionComment: "Version: 22" });
  for (const sql of statements) {
    const statement = parseStatement(sql);
    if (statement.kind !== "set") throw new Error(`${sql} is ${statement.kind}`);
    for (const { scope, name, value } of statement.variables) {
      if (scope === "user") variables.setUser(name, value);
      else if (scope === "session") variables.set(name, value);
    }
  }
  return variables;
}

describe("SessionVariables", () => {
  it.each([
    ["set names latin1", "character_set_client", "latin1"],
    ["set names 'latin1' collate latin1_bin", "character_set_results", "latin1"],
    ["set names default", "character_set_client", "utf8mb4"],
    ["SET autocommit=0, @@session.wait_timeout = 3, global wait_timeout := 4", "wait_timeout", 3],
    ["set autocommit = off", "autocommit", 0],
    ["set autocommit = false", "autocommit", 0],
    ["set sql_mode = ansi", "sql_mode", "ansi"],
    ["set sql_mode = 'it''s'", "sql_mode", "it's"],
    ["set wait_timeout = -5", "wait_timeout", -5],
    ["set sql_select_limit = 18446744073709551614", "sql_select_limit", "18446744073709551614"],
    ["set time_zone = @@tx_isolation", "time_zone", "REPEATABLE-READ"],
    ["set time_zone = @never_set", "time_zone", "SYSTEM"],
  ])("%s leaves %s at %s", (sql, name, value) => {
    expect(valuesAfter(sql).get(name)).toBe(value);
  });

  it("keeps what mysqldump puts aside", () => {
    const dump = ["set @old = @@sql_mode, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", "/*!40101 SET sql_mode=@old */"];
    expect(valuesAfter(...dump).get("sql_mode")).toBe(valuesAfter().get("sql_mode"));
    expect(valuesAfter(...dump.slice(0, 1)).get("sql_mode")).toBe("NO_AUTO_VALUE_ON_ZERO");
  });

  it("goes back to the default", () => {
    expect(valuesAfter("set wait_timeout = 3", "set wait_timeout = default").get("wait_timeout")).toBe(28800);
  });

  it.each([
    ["set nonsense = 1", 1193],
    ["set version = 'x'", 1238],
    ["set wait_timeout = 'soon'", 1231],
    ["set sql_mode = concat(@@sql_mode, ',x')", 1235],
    ["set sql_mode", 1064],
  ])("refuses %s with errno %i", (sql, errno) => {
    expect(() => valuesAfter(sql)).toThrow(expect.objectContaining({ constructor: SqlError, errno }));
  });
});
