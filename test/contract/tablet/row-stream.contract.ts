import { expect, test } from "vitest";
import { positionContains } from "../../../src/wire/position.js";
import { decodeRow, encodeRow } from "../../../src/wire/result.js";
import type { Place } from "./place.js";
import { failureOf } from "./raw.js";

/** VStreamRows: what a stream asks its source tablet for while it copies a table. */
export function rowStreamContract(place: () => Place): void {
  const table = async (columns: string, rows: string) => {
    const name = place().name("rows");
    await place().create("source", `create table ${name} (${columns})`);
    if (rows !== "") await place().sql("source", `insert into ${name} values ${rows}`);
    return name;
  };
  const texts = (rows: Parameters<typeof decodeRow>[0][]) =>
    rows.map((row) => decodeRow(row).map((value) => value?.toString() ?? null));

  test("columns, key and position come first, then rows in the key's order with the key of the last", async () => {
    const name = await table(
      "body varchar(20), b int not null, a varchar(10) not null, primary key (a, b)",
      "('x', 2, 'k'), (null, 1, 'k'), ('z', 9, 'B')",
    );
    const position = await place().source.primaryPosition();
    const [first, ...others] = await place().raw("source").rows(`select * from ${name}`);
    expect(positionContains(first?.gtid ?? "", position)).toBe(true);
    expect(first?.fields.map(({ name: column, type }) => [column, type])).toEqual([
      ["body", "VARCHAR"],
      ["b", "INT32"],
      ["a", "VARCHAR"],
    ]);
    const types = place().since([11, ""], [16, "varchar(20)"]);
    expect(first?.fields[0]?.column_type).toBe(types);
    expect(first?.pkfields.map(({ name: column, type }) => [column, type])).toEqual([
      ["a", "VARCHAR"],
      ["b", "INT32"],
    ]);
    const detailed = place().since([11, false], [18, true]);
    expect(first?.pkfields.map(({ charset, flags }) => charset !== 0 && flags !== 0)).toEqual([detailed, detailed]);
    expect(first?.rows).toEqual([]);
    const rows = others.filter((message) => message.rows.length > 0);
    expect(texts(rows.flatMap((message) => message.rows))).toEqual([
      ["z", "9", "B"],
      [null, "1", "k"],
      ["x", "2", "k"],
    ]);
    expect(rows.map(({ lastpk }) => (lastpk ? texts([lastpk])[0] : null)).at(-1)).toEqual(["k", "2"]);
  });

  test("rows go on behind a key", async () => {
    const name = await table("a int not null, b int not null, primary key (a, b)", "(1, 1), (1, 2), (2, 0), (2, 9)");
    const { fields, pkfields } = (await place().raw("source").rows(`select * from ${name}`))[0] ?? {};
    expect(fields).toHaveLength(2);
    const lastpk = { fields: pkfields ?? [], rows: [encodeRow([Buffer.from("1"), Buffer.from("2")])] };
    const messages = await place().raw("source").rows(`select * from ${name}`, lastpk);
    expect(texts(messages.flatMap(({ rows }) => rows))).toEqual([
      ["2", "0"],
      ["2", "9"],
    ]);
  });

  test("a filter chooses columns and rows, under the names that the source has", async () => {
    const name = await table(
      "id int not null, a int, b varchar(5), primary key (id)",
      "(1, 10, 'x'), (2, 20, null), (3, 30, 'z')",
    );
    const messages = await place().raw("source").rows(`select id, b as c from ${name} where a >= 20`);
    expect(messages[0]?.fields.map((field) => field.name)).toEqual(["id", "b"]);
    expect(texts(messages.flatMap(({ rows }) => rows))).toEqual([
      ["2", null],
      ["3", "z"],
    ]);
  });

  test("an empty table has columns and a position", async () => {
    const name = await table("id int not null, primary key (id)", "");
    const messages = await place().raw("source").rows(`select * from ${name}`);
    expect(messages[0]?.fields).toHaveLength(1);
    expect(positionContains(await place().source.primaryPosition(), messages[0]?.gtid ?? "")).toBe(true);
    expect(messages.flatMap(({ rows }) => rows)).toEqual([]);
  });

  test("without a primary key, a unique key or all columns stand for one", async () => {
    const unique = await table("u int not null, body varchar(5), unique key (u)", "(2, 'b'), (1, 'a')");
    const [first] = await place().raw("source").rows(`select * from ${unique}`);
    expect(first?.pkfields.map(({ name }) => name)).toEqual(["u"]);
    const none = await table("a int, b varchar(5)", "(2, 'b'), (1, 'a')");
    const [keyless] = await place().raw("source").rows(`select * from ${none}`);
    expect(keyless?.pkfields.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("what can't be streamed is refused in the tablet's words", async () => {
    const name = await table("id int not null, primary key (id)", "(1)");
    const raw = place().raw("source");
    const refused = async (query: string) => {
      const { code, details } = await failureOf(raw.rows(query));
      return `${code} ${details}`;
    };
    const absent = place().name("absent");
    expect(await refused(`select * from ${absent}`)).toBe(`2 table ${absent} not found in vttablet schema`);
    expect(await refused(`select * from ${name} as a, ${name} as b`)).toBe(
      `2 unsupported: select * from ${name} as a, ${name} as b`,
    );
    expect(await refused("selekt 1")).toBe("3 syntax error at position 7 near 'selekt'");
    const column = `column \`nosuch\` not found in table ${name}`.replaceAll("`", "");
    expect(await refused(`select nosuch from ${name}`)).toBe(place().since([11, `2 ${column}`], [22, `9 ${column}`]));
  });
}
