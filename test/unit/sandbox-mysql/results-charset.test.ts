import { expect, test } from "vitest";
import { start } from "./helpers.js";

/** Bytes and character set of what a session gets. */
async function sent(charset: string, sql: string): Promise<[string | undefined, number | undefined][]> {
  const { run } = await start();
  run("create table t (v varchar(20) character set utf8mb4, b varbinary(20))");
  run("insert into t values ('é€😀', 'é')");
  run(`set names ${charset}`);
  const { fields, rows } = run(sql);
  return fields.map(({ charset: id }, i) => [rows[0]?.[i]?.toString("hex"), id]);
}

test.each([
  ["utf8mb4", "c3a9e282acf09f9880", 255],
  ["utf8mb3", "c3a9e282ac3f", 33],
  ["latin1", "e93f3f", 8],
])("text comes in %s", async (charset, bytes, id) => {
  expect(await sent(charset, "select v from t")).toEqual([[bytes, id]]);
});

test("bytes come as they are, and so does text that was made bytes", async () => {
  const whole = "c3a9e282acf09f9880";
  expect(await sent("latin1", "select b, cast(convert(v using utf8mb4) as binary) from t")).toEqual([
    ["c3a9", 63],
    [whole, 63],
  ]);
});
