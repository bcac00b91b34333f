import { beforeAll, describe, expect, test } from "vitest";
import { isEqual } from "../../../../src/vdiff/checksum/queries.js";
import { EVERYTHING } from "../../../../src/vdiff/checksum/range-key.js";
import { type TwoSides, twoSides } from "./two-sides.js";

let servers: TwoSides;
beforeAll(async () => {
  servers = await twoSides({ source: "create table t (a int)" });
});

async function checksum({ sides }: TwoSides, side: "source" | "target") {
  const [all] = await sides.checksums(side, EVERYTHING, [EVERYTHING]);
  if (all === undefined) throw new Error("no checksum");
  return all;
}

/** Whether one row each, as VALUES ends in, has the same checksum. */
async function alike(ddl: string | [source: string, target: string], source: string, target: string) {
  const [from, to] = typeof ddl === "string" ? [ddl, ddl] : ddl;
  const clusters = await twoSides({ source: `create table t (${from})`, target: `create table t (${to})`, servers });
  clusters.source[0]?.run(`insert into t values (${source})`);
  clusters.target[0]?.run(`insert into t values (${target})`);
  const [a, b] = [await checksum(clusters, "source"), await checksum(clusters, "target")];
  expect(a).toMatchObject({ rows: 1, digests: expect.any(BigInt) });
  return isEqual(a, b);
}

describe("a row's digest", () => {
  test.each([
    ["where a value ends", "a varchar(9), b varchar(9)", "'a#b', 'c'", "'a', 'b#c'"],
    ["the mark between values", "a varchar(9), b varchar(9)", "'x#1#y', 'z'", "'x', 'y#1#z'"],
    ["NULL and the empty string", "a varchar(9)", "null", "''"],
    ["NULL and the word for it", "a varchar(9)", "null", "'N'"],
    ["which column is NULL", "a int, b int", "null, 1", "1, null"],
    ["case", "a varchar(9) collate utf8mb4_general_ci", "'x'", "'X'"],
    ["accents", "a varchar(9) collate utf8mb4_general_ci", "'e'", "'é'"],
    ["trailing blanks", "a varchar(9)", "'x'", "'x '"],
    ["bytes", "a varbinary(9)", "X'00ff'", "X'00fe'"],
    ["zero bytes at the end", "a varbinary(9)", "X'00'", "X'0000'"],
    ["64 bits", "a bigint unsigned", "18446744073709551615", "18446744073709551614"],
    [
      "the last digit of a decimal",
      "a decimal(40, 20)",
      "12345678901234567890.00000000000000000001",
      "12345678901234567890",
    ],
    ["a second", "a timestamp null", "'2020-01-01 00:00:00'", "'2020-01-01 00:00:01'"],
    ["a fraction of a second", "a datetime(6)", "'2020-01-01 00:00:00.000001'", "'2020-01-01 00:00:00.000002'"],
    ["a bit", "a bit(9)", "b'1'", "b'100000001'"],
    ["members of a set", "a set('x', 'y')", "'x'", "'x,y'"],
    ["JSON", "a json", "'[1]'", "'[2]'"],
    ["JSON's null and NULL", "a json", "'null'", "null"],
  ])("tells %s", async (_what, columns, source, target) => {
    expect(await alike(columns, source, source)).toBe(true);
    expect(await alike(columns, source, target)).toBe(false);
  });

  test.each([
    ["another width of integers", "a int", "a bigint", "-7", "-7"],
    ["another scale", "a decimal(10, 2)", "a decimal(20, 4)", "1.5", "1.5"],
    ["ZEROFILL", "a int", "a int(9) zerofill", "7", "7"],
    ["another character set", "a varchar(9) character set latin1", "a varchar(9) character set utf8mb4", "'é'", "'é'"],
    ["another collation", "a varchar(9) collate utf8mb4_bin", "a varchar(9) collate utf8mb4_general_ci", "'é'", "'é'"],
    ["VARCHAR and TEXT", "a varchar(9)", "a text", "'é'", "'é'"],
    ["BIT of other lengths", "a bit(3)", "a bit(9)", "b'101'", "b'101'"],
    ["the order of an ENUM's values", "a enum('x', 'y')", "a enum('y', 'x')", "'x'", "'x'"],
    ["NULL where NULL is allowed on one side", "a int not null", "a int", "7", "7"],
  ])("passes over %s", async (_what, source, target, ...[a, b]) => {
    expect(await alike([source, target], a, b)).toBe(true);
  });

  test.each([
    ["bytes that are no text and NULL, where one side has text", "a varbinary(9)", "a varchar(9)", "X'ff'", "null"],
    ["the digits of large decimals", "a decimal(60)", "a decimal(65, 25)", `${10n ** 39n + 1n}`, `${10n ** 39n}`],
  ])("tells %s", async (_what, from, to, ...[a, b]) => {
    expect(await alike([from, to], a, b)).toBe(false);
  });

  test("is the same whatever the session's time zone", async () => {
    const clusters = await twoSides({ source: "create table t (a timestamp null)", servers });
    for (const server of [...clusters.source, ...clusters.target])
      server.run("insert into t values ('2020-06-01 12:00:00')");
    const before = await checksum(clusters, "source");
    clusters.source[0]?.run("set global time_zone = '+05:00'");
    expect(await checksum(clusters, "source")).toEqual(before);
  });
});

describe("a table without a key", () => {
  test("is summed up, so that rows that come twice don't cancel each other out", async () => {
    const clusters = await twoSides({ source: "create table t (a int)", servers });
    clusters.source[0]?.run("insert into t values (1), (1), (2), (2)");
    clusters.target[0]?.run("insert into t values (1), (1), (3), (3)");
    const { equalRows, unequal } = await clusters.check();
    expect({ equalRows, unequal }).toEqual({ equalRows: 0, unequal: [EVERYTHING] });
    clusters.target[0]?.run("update t set a = 2 where a = 3");
    expect(await clusters.check()).toMatchObject({ equalRows: 4, unequal: [], ranges: 1 });
  });
});
