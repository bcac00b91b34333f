import { afterEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { insertStream, type Pair, rows, run, showStreams, startPair, startStreams, until } from "./clusters.js";

let pair: Pair;
afterEach(() => pair?.stop());

const stream = async () => (await pair.exec(showStreams))[0] ?? {};
const copied = () =>
  until(stream, ({ state, pos, message }) => state === "Running" && pos !== "" && message === "", 25_000);
const rule = (name: string) => `rules:{match:"${name}" filter:"select * from \`${name}\`"}`;

/** All rows of a table, bytes as they are. */
function dump(tablet: Pair["sourcePrimary"], table: string): string[] {
  return run(tablet, `select * from \`${table}\``)
    .map((row) => JSON.stringify(row.map((value) => value?.toString("latin1") ?? null)))
    .sort();
}

const kinds = `
create table kinds (
  id bigint unsigned not null, i tinyint, u int unsigned, d decimal(30,10), f float, db double, c char(10),
  v varchar(50) collate utf8mb4_bin, t text, b blob, vb varbinary(20), dt date, tm time(3), dtt datetime(6),
  ts timestamp null, y year, j json, e enum('a','it''s'), s set('x','y'), bt bit(12),
  primary key (id));
create table \`no key\` (a int, b varchar(10), d decimal(5,1));
create table composite (a varchar(10) not null, b varbinary(10) not null, c decimal(5,2) not null, v int, primary key (a, b, c));
create table uniq (a int not null, b varchar(10), unique key (a));
`;

describe("a copy", () => {
  it("keeps every kind of value, in the copy and in what follows", async () => {
    pair = await startPair(profiles.v22, kinds);
    const values = (id: string) =>
      `(${id}, -128, 4294967295, -12345678901234567890.0123456789, 1.5, 0.1, 'c ', 'Ä\\0\\'"\\\\\\n', '😀', x'00ff27', x'ff00', '2026-02-28', '-12:34:56.789', '2026-11-22 01:02:03.123456', '2026-11-22 15:58:57', 2026, '{"a": [1, null, "ü"]}', 'it''s', 'x,y', b'100000000001')`;
    const nulls = (id: string) => `(${id}${", null".repeat(19)})`;
    run(
      pair.sourcePrimary,
      `insert into kinds values ${values("18446744073709551615")}, ${nulls("1")};
       insert into \`no key\` values (1, 'x', 0.1), (1, 'x', 0.1), (null, null, null);
       insert into composite values ('a', x'00', 1.10, 1), ('A', x'01', 1.1, 2), ('b', x'ff', -1, 3);
       insert into uniq values (1, 'a'), (2, null)`,
    );
    const tables = ["kinds", "no key", "composite", "uniq"];
    await pair.exec(insertStream(profiles.v22, { rules: tables.map(rule).join(" ") }));
    await pair.exec(startStreams);
    await copied();
    const all = (tablet: Pair["sourcePrimary"]) => tables.map((table) => dump(tablet, table));
    const same = async () => {
      const position = `MySQL56/${pair.sourcePrimary.mysql.gtidExecuted()}`;
      await until(stream, ({ pos }) => pos === position);
      expect(all(pair.targetPrimary)).toEqual(all(pair.sourcePrimary));
    };
    await same();
    expect(dump(pair.targetPrimary, "kinds").length).toBe(2);
    run(
      pair.sourcePrimary,
      `insert into kinds values ${values("5")}, ${nulls("6")}; update kinds set id = 7 where id = 18446744073709551615;
       update kinds set b = x'27', j = 'null', bt = b'1' where id = 5; update kinds set v = 'x', d = 1 where id = 1; delete from kinds where id = 6;
       delete from \`no key\` where a = 1 limit 1; update \`no key\` set b = 'y' where a is null;
       update composite set v = 9 where b = x'ff'; delete from composite where a = 'A' and b = x'01'; update composite set c = 5 where a = 'a';
       update uniq set b = 'z' where a = 2; delete from uniq where a = 1`,
    );
    await same();
    expect(dump(pair.targetPrimary, "no key").length).toBe(2);
  });

  it("comes out right while the application writes", async () => {
    const tables = ["t1", "t2", "t3"];
    pair = await startPair(
      profiles.v22,
      tables
        .map((name) => `create table ${name} (id int not null, n int, pad varchar(600), primary key (id));`)
        .join(""),
    );
    const pad = "p".repeat(500);
    for (const table of tables) {
      for (let from = 0; from < 3000; from += 500) {
        const chunk = Array.from({ length: 500 }, (_, i) => `(${(from + i) * 2}, 0, '${pad}')`);
        run(pair.sourcePrimary, `insert into ${table} values ${chunk.join(",")}`);
      }
    }
    let writes = 0;
    const write = () => {
      const table = tables[writes % 3];
      const id = (writes * 7919) % 6000;
      run(
        pair.sourcePrimary,
        `replace into ${table} values (${id}, ${writes}, 'new'); update ${table} set n = n + 1 where id = ${(id + 999) % 6000};
         delete from ${table} where id = ${(id + 1500) % 6000}; update ${table} set id = ${6001 + writes} where id = ${(id + 3001) % 6000}`,
      );
      writes++;
    };
    const writer = setInterval(write, 4);
    try {
      await pair.exec(
        insertStream(profiles.v22, { rules: tables.map(rule).join(" "), types: "in_order:replica,primary" }),
      );
      await pair.exec(startStreams);
      await copied();
    } finally {
      clearInterval(writer);
    }
    expect(writes).toBeGreaterThan(10);
    write();
    await until(
      () => tables.map((table) => dump(pair.targetPrimary, table)).join(),
      (seen) => seen === tables.map((table) => dump(pair.sourcePrimary, table)).join(),
    ).catch(() => {
      for (const table of tables) expect(dump(pair.targetPrimary, table)).toEqual(dump(pair.sourcePrimary, table));
    });
    const total = Number(rows(pair.targetPrimary, "select count(*) from t1")[0]?.[0]);
    expect(total).toBeGreaterThan(2000);
  });

  it("waits for a source tablet that hangs, and goes on when it wakes up", async () => {
    pair = await startPair(profiles.v22);
    run(pair.sourcePrimary, "insert into customer values (1, 'a')");
    pair.sourceReplica.pause();
    await pair.exec(insertStream(profiles.v22));
    await pair.exec(startStreams);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stream()).toMatchObject({ state: "Running", pos: "" });
    pair.sourceReplica.resume();
    await copied();
    expect(rows(pair.targetPrimary, "select * from customer")).toEqual([["1", "a"]]);
  });
});
