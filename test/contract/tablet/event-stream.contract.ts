import { expect, test } from "vitest";
import { positionContains } from "../../../src/wire/position.js";
import type { MessageOutput } from "../../../src/wire/proto.js";
import { decodeRow } from "../../../src/wire/result.js";
import type { Place } from "./place.js";
import { failureOf } from "./raw.js";

type Event = MessageOutput<"binlogdata.VEvent">;

/** VStream: what a stream asks its source tablet for once a table is copied. */
export function eventStreamContract(place: () => Place): void {
  const table = async () => {
    const name = place().name("events");
    await place().create("source", `create table ${name} (id int not null, body varchar(20), primary key (id))`);
    return name;
  };
  const text = (row: Parameters<typeof decodeRow>[0] | null) =>
    row === null ? undefined : decodeRow(row).map((value) => value?.toString() ?? null);
  /** Commits of transactions with rows of a table. */
  const rowsOf = (name: string, events: Event[]) =>
    events.flatMap(({ row_event: row }) => (row?.table_name.endsWith(name) ? row.row_changes : []));

  test("a transaction is its columns, its rows before and after, its position and its commit", async () => {
    const name = await table();
    const from = await place().source.primaryPosition();
    await place().sql("source", `insert into ${name} values (1, 'a'), (2, null)`);
    await place().sql("source", `update ${name} set body = 'b' where id = 2`);
    const inBetween = await place().source.primaryPosition();
    await place().sql("source", `delete from ${name} where id = 1`);
    const all = await place()
      .raw("source")
      .events(
        from,
        [{ match: name, filter: `select * from ${name}` }],
        (seen) => rowsOf(name, seen).length >= 4 && seen.at(-1)?.type === "COMMIT",
      );
    const events = all.filter(({ type }) => type !== "HEARTBEAT");
    // How many rows an event has is the server's business; other transactions are a GTID and OTHER.
    const types = events
      .map(({ type }) => type)
      .filter((type, i, all) => type !== "OTHER" && all[i + 1] !== "OTHER" && (type !== "ROW" || all[i - 1] !== "ROW"));
    expect(types).toEqual([
      ...["BEGIN", "FIELD", "ROW", "GTID", "COMMIT"],
      ...["BEGIN", "ROW", "GTID", "COMMIT"],
      ...["BEGIN", "ROW", "GTID", "COMMIT"],
    ]);
    const field = events.find(({ type }) => type === "FIELD")?.field_event;
    expect(field?.fields.map(({ name: column, type }) => [column, type])).toEqual([
      ["id", "INT32"],
      ["body", "VARCHAR"],
    ]);
    expect(rowsOf(name, events).map(({ before, after }) => [text(before), text(after)])).toEqual([
      [undefined, ["1", "a"]],
      [undefined, ["2", null]],
      [
        ["2", null],
        ["2", "b"],
      ],
      [["1", "a"], undefined],
    ]);
    const [first = "", second = "", third = ""] = events.flatMap(({ gtid }, i) =>
      events[i + 1]?.type === "COMMIT" ? gtid : [],
    );
    expect(positionContains(inBetween, second) && !positionContains(inBetween, third)).toBe(true);
    expect(positionContains(second, first) && !positionContains(first, second)).toBe(true);
  });

  test("rows that a filter leaves out are no events, and one that it no longer has is deleted", async () => {
    const name = await table();
    const from = await place().source.primaryPosition();
    await place().sql("source", `insert into ${name} values (1, 'a'), (20, 'b')`);
    await place().sql("source", `update ${name} set id = 2 where id = 20`);
    const filter = `select id from ${name} where id > 10`;
    const events = await place()
      .raw("source")
      .events(from, [{ match: name, filter }], (seen) => rowsOf(name, seen).length >= 2);
    expect(rowsOf(name, events).map(({ before, after }) => [text(before), text(after)])).toEqual([
      [undefined, ["20"]],
      [["20"], undefined],
    ]);
  });

  test("a changed definition is an event of its own, for tables that a rule names", async () => {
    const [name, other] = [await table(), await table()];
    const from = await place().source.primaryPosition();
    await place().create("source", `alter table ${other} add column w int`);
    await place().create("source", `alter table ${name} add column w int`);
    await place().sql("source", `insert into ${name} values (1, 'a', 7)`);
    const events = await place()
      .raw("source")
      .events(from, [{ match: name, filter: `select * from ${name}` }], (seen) => rowsOf(name, seen).length > 0);
    const statements = events.flatMap(({ type, statement }) => (type === "DDL" ? [statement] : []));
    expect(statements).toEqual([`alter table ${name} add column w int`]);
    expect(rowsOf(name, events).map(({ after }) => text(after))).toEqual([["1", "a", "7"]]);
  });

  test("where nothing happens there is a heartbeat", async () => {
    const from = await place().source.primaryPosition();
    const events = await place()
      .raw("source")
      .events(from, [{ match: place().name("absent") }], (seen) => seen.some(({ type }) => type === "HEARTBEAT"));
    expect(events.at(-1)).toMatchObject({ type: "HEARTBEAT" });
  });

  test("a position that can't be read is refused", async () => {
    const failure = await failureOf(
      place()
        .raw("source")
        .events("nonsense/1", [{ match: "t" }], () => false),
    );
    expect(failure.code).toBeGreaterThan(0);
    expect(failure.details).not.toBe("");
  });
}
