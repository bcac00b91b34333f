import { expect, test } from "vitest";
import { ConflictError, FailedError, NotFoundError } from "../../../src/errors.js";
import type { EncodedRow } from "../../../src/wire/encoded-row.js";
import { parsePosition, positionContains } from "../../../src/wire/position.js";
import type { Place } from "./place.js";

/** VStreamResults: the rows of a query in a snapshot of which the position is known. */
export function snapshotsContract(place: () => Place): void {
  const table = async (rows: string) => {
    const name = place().name("seen");
    await place().create("source", `create table ${name} (id int not null, body mediumtext, primary key (id))`);
    if (rows !== "") await place().sql("source", `insert into ${name} values ${rows}`);
    return name;
  };
  const read = async (query: string) => {
    let start: { position: string; columns: unknown[] } | undefined;
    const packets: EncodedRow[][] = [];
    for await (const event of place().source.vstreamResults(query)) {
      if (event.kind === "rows") packets.push(event.rows);
      else start = { position: event.position, columns: event.fields.map(({ name, type }) => [name, type]) };
    }
    const text = (row: EncodedRow) => row.values().map((value) => value?.toString() ?? null);
    return { ...start, packets, rows: packets.flat().map(text) };
  };

  test("position and columns come first, then the rows in the query's order", async () => {
    const name = await table("(1, 'a'), (2, null), (3, 'ü')");
    const before = await place().source.primaryPosition();
    const { position = "", columns, rows } = await read(`select body, id from ${name} order by id desc`);
    expect(positionContains(position, before)).toBe(true);
    expect(columns).toEqual([
      ["body", "TEXT"],
      ["id", "INT32"],
    ]);
    expect(rows).toEqual([
      ["ü", "3"],
      [null, "2"],
      ["a", "1"],
    ]);
  });

  test("without rows there is a position all the same", async () => {
    const name = await table("");
    const { position = "", columns, packets } = await read(`select id from ${name}`);
    expect(parsePosition(position).flavor).toBe(place().isMariaDb ? "MariaDB" : "MySQL56");
    expect(columns).toEqual([["id", "INT32"]]);
    expect(packets).toEqual([]);
  });

  test("what is written after the position isn't seen", async () => {
    const name = await table(Array.from({ length: 12 }, (_, i) => `(${i}, repeat('x', 300000))`).join(", "));
    const ids: string[] = [];
    let position = "";
    for await (const event of place().source.vstreamResults(`select id, body from ${name} order by id`)) {
      if (event.kind === "start") {
        position = event.position;
        await place().sql(
          "source",
          `insert into ${name} values (100, 'later'); delete from ${name} where id > 5 and id < 12`,
        );
      } else ids.push(...event.rows.map((row) => row.value(0)?.toString() ?? ""));
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
    const after = await place().source.primaryPosition();
    expect(positionContains(after, position) && !positionContains(position, after)).toBe(true);
  });

  test("rows come in several packets, and a reader may leave early", async () => {
    const name = await table(Array.from({ length: 12 }, (_, i) => `(${i}, repeat('x', 300000))`).join(", "));
    expect((await read(`select * from ${name}`)).packets.length).toBeGreaterThan(1);
    for await (const event of place().source.vstreamResults(`select * from ${name}`)) {
      if (event.kind === "rows") break;
    }
    await place().source.ping();
  });

  test("a table that isn't there is MySQL's error", async () => {
    const name = place().name("absent");
    const failure = read(`select id from ${name}`);
    await expect(failure).rejects.toThrow(FailedError);
    await expect(failure).rejects.toThrow(
      `tablet ${place().source.record.alias}: Table 'vt_commerce.${name}' doesn't exist (errno 1146) (sqlstate 42S02) ` +
        `during query: lock tables ${name} read`,
    );
  });

  test("one table is read at a time", async () => {
    const [one, two] = [await table("(1, 'a')"), await table("(1, 'b')")];
    const join = `select a.id from ${one} as a, ${two} as b`;
    await expect(read(join)).rejects.toThrow(`unsupported: ${join}`);
    await expect(read("selekt 1")).rejects.toThrow("syntax error at position 7 near 'selekt'");
    const union = `select id from ${one} union select id from ${two}`;
    await expect(read(union)).rejects.toThrow(FailedError);
  });

  test("another type of tablet than the record says is refused", async () => {
    const record = { ...place().source.record, type: "REPLICA" as const };
    const other = place().open(record).vstreamResults("select 1 from dual");
    const primary = place().since([11, "MASTER"], [14, "PRIMARY"]);
    const failure = other[Symbol.asyncIterator]().next();
    await expect(failure).rejects.toThrow(ConflictError);
    await expect(failure).rejects.toThrow(`wrong tablet type: REPLICA, want: ${primary} or []`);
    await expect(failure).rejects.not.toThrow(NotFoundError);
  });
}
