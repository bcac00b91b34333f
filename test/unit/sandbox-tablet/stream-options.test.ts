import { afterEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { insertStream, type Pair, rows, run, startPair, startStreams, stopStreams, until } from "./clusters.js";

let pair: Pair;
afterEach(() => pair?.stop());

const stream = async () => (await pair.exec("select * from _vt.vreplication where workflow='wf'"))[0] ?? {};
const running = () => until(stream, ({ state, pos, message }) => state === "Running" && pos !== "" && message === "");
const rule = (name: string) => `rules:{match:"${name}" filter:"select * from ${name}"}`;
const left = () => rows(pair.targetPrimary, "select table_name from _vt.copy_state");

const clocks = `create table clocks (id int not null primary key, at datetime(3), ts timestamp null, d date, n int);
create table booked (at datetime not null primary key, n int);`;
const zones = 'source_time_zone:"US/Pacific" target_time_zone:"UTC"';
const all = () => rows(pair.targetPrimary, "select id, at, ts, d from clocks order by id");

describe.each([profiles.v14, profiles.v18, profiles.v22])("time zones of a stream of $name", (profile) => {
  it("convert DATETIME, and only that, in copy and replication", async () => {
    pair = await startPair(profile, clocks);
    run(
      pair.sourcePrimary,
      `insert into clocks values (1, '2026-01-15 20:00:00.5', '2026-01-15 20:00:00', '2026-01-15', 0), (2, null, null, null, 0);
       insert into booked values ('2026-07-01 12:00:00', 1)`,
    );
    await pair.exec(insertStream(profile, { rules: `${rule("clocks")} ${rule("booked")}`, more: zones }));
    await pair.exec(startStreams);
    await running();
    expect(all()).toEqual([
      ["1", "2026-01-16 04:00:00.500", "2026-01-15 20:00:00", "2026-01-15"],
      ["2", null, null, null],
    ]);
    run(
      pair.sourcePrimary,
      `insert into clocks values (3, '2026-07-15 20:00:00', '2026-07-15 20:00:00', '2026-07-15', 0);
       update clocks set at = '2026-07-04 00:00:00' where id = 2; update clocks set n = 5 where id = 1;
       update clocks set id = 4 where id = 3`,
    );
    await until(all, (seen) => seen.length === 3 && seen[2]?.[0] === "4");
    expect(all()).toEqual([
      ["1", "2026-01-16 04:00:00.500", "2026-01-15 20:00:00", "2026-01-15"],
      ["2", "2026-07-04 07:00:00.000", null, null],
      ["4", "2026-07-16 03:00:00.000", "2026-07-15 20:00:00", "2026-07-15"],
    ]);
    // Rows are looked for by the source's clock: those whose key is a DATETIME are not found again.
    run(pair.sourcePrimary, "delete from booked; update clocks set n = 9 where id = 4");
    await until(
      () => rows(pair.targetPrimary, "select n from clocks where id = 4"),
      ([row]) => row?.[0] === "9",
    );
    expect(rows(pair.targetPrimary, "select at from booked")).toEqual([["2026-07-01 19:00:00"]]);
  });
});

describe("time zones", () => {
  it("are fields that v11 doesn't know", async () => {
    pair = await startPair(profiles.v11, clocks);
    // Vitess parses the source of streams that run: the insert is taken.
    await pair.exec(insertStream(profiles.v11, { rules: rule("clocks"), more: zones }));
    await expect(pair.exec(startStreams)).rejects.toThrow(/proto: \(line 1:\d+\): unknown field: source_time_zone$/);
    expect(await stream()).toMatchObject({ state: "Running", pos: "" });
  });

  it("that the target's MySQL doesn't know leave NULL, and end a stream with a single row for a NOT NULL column", async () => {
    pair = await startPair(
      profiles.v22,
      "create table t (id int not null primary key, at datetime, n datetime not null)",
    );
    run(pair.sourcePrimary, "insert into t values (1, '2026-01-15 20:00:00', '2026-01-15 20:00:00')");
    await pair.exec(insertStream(profiles.v22, { rules: rule("t"), more: zones.replace("Pacific", "Nowhere") }));
    await pair.exec(startStreams);
    const { message } = await until(stream, ({ state }) => state === "Error");
    expect(message).toContain("Column 'n' cannot be null (errno 1048) (sqlstate 23000) during query: insert into");
  });
});

const three = `create table a (id int not null primary key, v int);
create table b (id int not null primary key, v int); create table c (id int not null primary key, v int);`;

describe.each([profiles.v18, profiles.v22])("an atomic copy of $name", (profile) => {
  const columns = { workflow_type: 1, workflow_sub_type: 2, defer_secondary_keys: 0 };
  const insert = () => insertStream(profile, { rules: ["a", "b", "c"].map(rule).join(" "), columns });

  it("takes every table from one snapshot, then follows", async () => {
    pair = await startPair(profile, three);
    for (const table of ["a", "b", "c"]) run(pair.sourcePrimary, `insert into ${table} values (1, 1), (2, 2)`);
    await pair.exec(insert());
    await pair.exec(startStreams);
    await running();
    expect(left()).toEqual([]);
    run(pair.sourcePrimary, "update a set v = 9 where id = 1; delete from c where id = 2; insert into b values (3, 3)");
    await until(
      () => rows(pair.targetPrimary, "select * from a union all select * from b union all select * from c").join(" "),
      (seen) => seen === "1,9 2,2 1,1 2,2 3,3 1,1",
    );
    expect(await stream()).toMatchObject({ rows_copied: "6", state: "Running" });
  });

  it("ends for good with any error, with the tables that are left in copy_state", async () => {
    pair = await startPair(profile, three);
    for (const table of ["a", "b", "c"]) run(pair.sourcePrimary, `insert into ${table} values (1, 1)`);
    run(pair.targetPrimary, "insert into b values (1, 7)");
    await pair.exec(insert());
    await pair.exec(startStreams);
    expect((await until(stream, ({ state }) => state === "Error")).message).toContain("Duplicate entry '1'");
    expect(left()).toEqual([["b"], ["c"]]);
    expect(await stream()).toMatchObject({ pos: "" });
  });

  it("takes tables without a rule for an error: Vitess streams all of them", async () => {
    pair = await startPair(profile, three);
    await pair.exec(insertStream(profile, { rules: rule("a"), columns }));
    await pair.exec(startStreams);
    const { message } = await until(stream, ({ state }) => state === "Error");
    expect(message).toContain("plan not found for table: b");
  });
});

describe("VStreamTables", () => {
  it("is unknown before v18", async () => {
    pair = await startPair(profiles.v16, three);
    const call = pair.source.query(pair.sourcePrimary).streams.vStreamTables({
      target: { keyspace: "commerce", shard: "0", tablet_type: "PRIMARY" },
    });
    const outcome = new Promise((resolve, reject) => call.on("data", resolve).on("error", reject));
    await expect(outcome).rejects.toThrow("UNIMPLEMENTED");
  });
});

const dup = { a: "insert into a values (1, 1), (2, 2)", b: "insert into a values (2, 7)" };

describe("a duplicate key", () => {
  const entry = "Duplicate entry '2' for key 'a.PRIMARY' (errno 1062) (sqlstate 23000) during query: insert into";
  it.each([
    [profiles.v11, "Running", entry],
    [profiles.v14, "Error", entry],
    [profiles.v16, "Error", `task error: failed inserting rows: ${entry}`],
    [profiles.v18, "Error", `task error: failed inserting rows: ${entry}`],
    [profiles.v22, "Error", `terminal error: task error: failed inserting rows: ${entry}`],
  ] as const)("%#: in the copy", async (profile, state, text) => {
    pair = await startPair(profile, three);
    run(pair.sourcePrimary, dup.a);
    run(pair.targetPrimary, dup.b);
    await pair.exec(insertStream(profile, { rules: rule("a") }));
    await pair.exec(startStreams);
    const { message, state: reached } = await until(stream, (seen) => (seen.message ?? "").includes("Duplicate"));
    expect(message?.startsWith(text)).toBe(true);
    expect(reached === "Copying" ? "Running" : reached).toBe(state);
  });

  it.each([
    [profiles.v18, /^Duplicate entry '5' .* during query: insert into a/],
    [
      profiles.v22,
      /^terminal error: error applying event: Duplicate entry '5' for key 'a.PRIMARY' \(errno 1062\) \(sqlstate 23000\)$/,
    ],
  ] as const)("%#: while replicating", async (profile, text) => {
    pair = await startPair(profile, three);
    await pair.exec(insertStream(profile, { rules: rule("a") }));
    await pair.exec(startStreams);
    await running();
    run(pair.targetPrimary, "insert into a values (5, 5)");
    run(pair.sourcePrimary, "insert into a values (5, 6)");
    expect((await until(stream, ({ state }) => state === "Error")).message).toMatch(text);
  });
});

describe("stop_after_copy", () => {
  it.each([profiles.v11, profiles.v14, profiles.v22])("stops $name again when it is started again", async (profile) => {
    pair = await startPair(profile, three);
    run(pair.sourcePrimary, dup.a);
    await pair.exec(insertStream(profile, { rules: rule("a"), more: "stop_after_copy:true" }));
    for (let round = 0; round < 2; round++) {
      await pair.exec(startStreams);
      await until(stream, ({ state, message }) => state === "Stopped" && message === "Stopped after copy.");
    }
    run(pair.sourcePrimary, "insert into a values (3, 3)");
    await pair.exec(startStreams);
    await until(stream, ({ state }) => state === "Stopped");
    expect(rows(pair.targetPrimary, "select count(*) from a")).toEqual([["2"]]);
    expect(left()).toEqual([]);
  });
});

describe("on_ddl", () => {
  const ddl = "alter table a add column w int";
  const columns = () => rows(pair.targetPrimary, "show columns from a").map(([name]) => name);
  const follow = async (action: string) => {
    pair = await startPair(profiles.v22, three);
    await pair.exec(insertStream(profiles.v22, { rules: rule("a"), more: action }));
    await pair.exec(startStreams);
    await running();
  };

  it("EXEC runs it here too", async () => {
    await follow("on_ddl:EXEC");
    run(pair.sourcePrimary, `${ddl}; insert into a values (1, 1, 1)`);
    await until(
      () => rows(pair.targetPrimary, "select * from a"),
      ([row]) => row?.length === 3,
    );
  });

  it("EXEC says what MySQL says when it can't", async () => {
    await follow("on_ddl:EXEC");
    run(pair.targetPrimary, ddl);
    run(pair.sourcePrimary, ddl);
    const { message } = await until(stream, ({ state }) => state === "Error");
    expect(message).toBe(
      `terminal error: error applying event: Duplicate column name 'w' (errno 1060) (sqlstate 42S21) during query: ${ddl}`,
    );
  });

  it("EXEC_IGNORE goes on when it can't", async () => {
    await follow("on_ddl:EXEC_IGNORE");
    run(pair.targetPrimary, ddl);
    run(pair.sourcePrimary, `${ddl}; insert into a values (1, 1, 1)`);
    await until(
      () => rows(pair.targetPrimary, "select * from a"),
      ([row]) => row?.join() === "1,1,1",
    );
    expect((await stream()).state).toBe("Running");
  });

  it("IGNORE leaves the target alone; a row that doesn't fit any more ends the stream", async () => {
    await follow("");
    run(pair.sourcePrimary, ddl);
    const position = `MySQL56/${pair.sourcePrimary.mysql.gtidExecuted()}`;
    await until(stream, ({ pos }) => pos === position);
    expect(columns()).toEqual(["id", "v"]);
    run(pair.sourcePrimary, "insert into a values (1, 1, 1)");
    const { message } = await until(stream, ({ state }) => state === "Error");
    expect(message).toContain("Unknown column 'w' in 'field list' (errno 1054)");
  });

  it("STOP stops before the rows behind it, and goes on behind it", async () => {
    await follow("on_ddl:STOP");
    run(pair.sourcePrimary, "insert into a values (1, 1)");
    await until(
      () => rows(pair.targetPrimary, "select * from a"),
      (seen) => seen.length === 1,
    );
    run(pair.sourcePrimary, `${ddl}; insert into a values (2, 2, 2)`);
    const { message } = await until(stream, ({ state }) => state === "Stopped");
    expect(message).toBe(`Stopped at DDL ${ddl}`);
    expect(rows(pair.targetPrimary, "select * from a")).toEqual([["1", "1"]]);
    run(pair.targetPrimary, ddl);
    await pair.exec(startStreams);
    await until(
      () => rows(pair.targetPrimary, "select id from a").join(),
      (seen) => seen === "1,2",
    );
    await pair.exec(stopStreams);
  });
});
