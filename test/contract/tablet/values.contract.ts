import { expect, test } from "vitest";
import type { MessageOutput } from "../../../src/wire/proto.js";
import { decodeRow, type Value } from "../../../src/wire/result.js";
import { KINDS } from "./kinds.js";
import { type Place, until } from "./place.js";
import { Stream } from "./stream.js";

/** What becomes of values of every type, and of NULL, on every way out of a tablet. */
export function valuesContract(place: () => Place): void {
  const column = (index: number) => `k${index}`;
  const expected = [0, 1].map((row) => [String(row + 1), ...KINDS.map(({ values }) => values[row]?.[1] ?? null)]);
  const nulls = ["3", ...KINDS.map(() => null)];
  /** As a connection to MySQL brings it, which knows three bytes of a character in v11; copies ask for the bytes themselves. */
  const connected = (rows: (string | null)[][]) =>
    place().since([11, true], [14, false])
      ? rows.map((row) => row.map((text) => text?.replaceAll("𝄞", "?") ?? null))
      : rows;
  const definition = (name: string) =>
    `create table ${name} (id int not null, ${KINDS.map(({ is }, i) => `${column(i)} ${is}`).join(", ")}, primary key (id))`;
  const literals = (row: number) =>
    [String(row + 1), ...KINDS.map(({ values }) => values[row]?.[0] ?? "null")].join(", ");
  const insert = (name: string) =>
    `insert into ${name} values ${[0, 1, 2].map((row) => `(${literals(row)})`).join(", ")}`;
  const filled = async () => {
    const name = place().name("kinds");
    await place().create("source", definition(name));
    await place().sql("source", insert(name));
    return name;
  };
  const texts = (row: readonly Value[]) => row.map((value) => value?.toString() ?? null);
  const types = (fields: readonly { type?: string | number | undefined }[]) => fields.map(({ type }) => type);
  const typesOfKinds = ["INT32", ...KINDS.map(({ type }) => type)];

  test("fetched", async () => {
    const name = await filled();
    const { fields, rows } = await place().source.executeFetchAsApp(`select * from vt_commerce.${name} order by id`);
    expect(types(fields)).toEqual(typesOfKinds);
    expect(rows.map(texts)).toEqual([...connected(expected), nulls]);
  });

  test("in a snapshot", async () => {
    const name = await filled();
    const rows: (string | null)[][] = [];
    for await (const event of place().source.vstreamResults(`select * from ${name} order by id`)) {
      if (event.kind === "start") expect(types(event.fields)).toEqual(typesOfKinds);
      else rows.push(...event.rows.map((row) => texts(row.values())));
    }
    expect(rows).toEqual([...connected(expected), nulls]);
  });

  test("in rows for a copy", async () => {
    const name = await filled();
    const messages = await place().raw("source").rows(`select * from ${name}`);
    expect(types(messages[0]?.fields ?? [])).toEqual(typesOfKinds);
    expect(messages.flatMap(({ rows }) => rows.map((row) => texts(decodeRow(row))))).toEqual([...expected, nulls]);
  });

  test("in events", async () => {
    const name = place().name("kinds");
    await place().create("source", definition(name));
    const from = await place().source.primaryPosition();
    await place().sql("source", insert(name));
    const changes = (events: MessageOutput<"binlogdata.VEvent">[]) =>
      events.flatMap(({ row_event: row }) => row?.row_changes ?? []);
    const rules = [{ match: name, filter: `select * from ${name}` }];
    const events = await place()
      .raw("source")
      .events(from, rules, (seen) => changes(seen).length >= 3);
    const { fields = [], enum_set_string_values } = events.find(({ type }) => type === "FIELD")?.field_event ?? {};
    expect(types(fields)).toEqual(typesOfKinds);
    const named = place().since([11, false], [22, true]);
    expect(enum_set_string_values).toBe(named);
    const inEvents = [0, 1].map((row) => [
      String(row + 1),
      ...KINDS.map(
        ({ values, logged, numbers }) => (named ? undefined : numbers?.[row]) ?? logged?.[row] ?? values[row]?.[1],
      ),
    ]);
    expect(changes(events).map(({ after }) => after && texts(decodeRow(after)))).toEqual([...inEvents, nulls]);
  });

  test("copied, and followed", async () => {
    const name = place().name("kinds");
    await place().createOnBoth(definition(name));
    await place().sql("source", insert(name));
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    const columns = KINDS.map((_, i) => `hex(${column(i)})`).join(", ");
    const query = `select id, ${columns} from ${name} order by id`;
    const same = await place().sql("source", query);
    expect(same).toHaveLength(3);
    expect(await place().sql("target", query)).toEqual(same);

    await place().sql(
      "source",
      `update ${name} set id = id + 10 where id <> 2; delete from ${name} where id = 2; ${insert(name)}`,
    );
    const changed = await place().sql("source", query);
    expect(changed).toHaveLength(5);
    await until(
      () => place().sql("target", query),
      (seen) => JSON.stringify(seen) === JSON.stringify(changed),
    );
  });

  test("JSON is told by its type, and arrives as the same document", async () => {
    const name = place().name("json");
    await place().createOnBoth(`create table ${name} (id int not null, j json, primary key (id))`);
    const document = `{"a": [1, 2.5, "x\\\\ny", null, true], "ü": {}}`;
    await place().sql("source", `insert into ${name} values (1, '${document}'), (2, null)`);
    const { fields, rows } = await place().source.executeFetchAsApp(`select j from vt_commerce.${name} order by id`);
    expect(fields[0]?.type).toBe(place().jsonType);
    const parsed = (text: string | null | undefined) => (typeof text === "string" ? JSON.parse(text) : null);
    const meant = { a: [1, 2.5, "x\ny", null, true], ü: {} };
    expect(rows.map(([value]) => parsed(value?.toString()))).toEqual([meant, null]);
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await place().sql(
      "source",
      `insert into ${name} values (3, '${document}'); update ${name} set j = '[]' where id = 1`,
    );
    await place().target.vreplicationWaitForPos(stream.id, await place().source.primaryPosition(), {
      timeoutMs: 20_000,
    });
    const arrived = await place().sql("target", `select j from ${name} order by id`);
    expect(arrived.map(({ j }) => parsed(j))).toEqual([[], null, meant]);
  });
}
