/** How the tablets' VDiffs compare values and rows, version by version. */
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { type ProfileName, profiles } from "../../../src/sandbox/tablet/profiles.js";
import { valueComparator } from "../../../src/sandbox/tablet/vdiff/compare-values.js";
import { isEphemeral } from "../../../src/sandbox/tablet/vdiff/ephemeral.js";
import { parseUuid } from "../../../src/sandbox/tablet/vdiff/uuid.js";
import type { Field } from "../../../src/wire/generated/query/Field.js";
import { insertStream, type Pair, run, startPair, until } from "./clusters.js";
import { vdiffOf } from "./vdiff-pair.js";

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.stop();
  pair = undefined;
});

/** The report of table t, whose rows are the same on both sides but for what `onTarget` does. */
async function compare(
  name: ProfileName,
  tables: string,
  rowsOfSource: string,
  onTarget: string,
  {
    vschema = {},
    options = {},
    ...stream
  }: Parameters<typeof insertStream>[1] & { vschema?: object; options?: object } = {},
) {
  const profile = profiles[name];
  pair = await startPair(profile, tables);
  await pair.target.topo.put("vschema.Keyspace", "keyspaces/commerce/VSchema", vschema);
  run(pair.sourcePrimary, rowsOfSource);
  const { exec, target, targetPrimary } = pair;
  await exec(insertStream(profile, { rules: 'rules:{match:"t" filter:"select * from t"}', ...stream }));
  await exec("update _vt.vreplication set state='Running' where workflow='wf'");
  const shown = async () => (await exec("select state, pos, message from _vt.vreplication where workflow='wf'"))[0];
  await until(shown, (row) => row?.state === "Running" && row.pos !== "" && row.message === "");
  run(targetPrimary, onTarget);
  const { vdiff, finished } = vdiffOf(target, targetPrimary, { keyspace: "commerce", workflow: "wf" });
  const uuid = randomUUID();
  await vdiff("create", { uuid, options });
  const [row] = await finished(uuid, "completed", "error");
  expect(row).toMatchObject({ vdiff_state: "completed", last_error: "" });
  return JSON.parse(row?.report ?? "null");
}

const counts = (report: Record<string, unknown>) => [
  report.MatchingRows,
  report.MismatchedRows,
  report.ExtraRowsSource,
  report.ExtraRowsTarget,
];

describe("keys of text", () => {
  // "c" is missing on the target, and by its bytes "D" would come before it.
  const text = "create table t (k varchar(20) not null, v int, primary key (k))";
  const seed = "insert into t values ('a', 1), ('c', 2), ('D', 3)";
  const missing = "delete from t where k = 'c'";

  it("are ordered by their collation from v17 on", async () => {
    expect(counts(await compare("v18", text, seed, missing))).toEqual([2, 0, 1, 0]);
  });

  it("are ordered by their bytes before, and a row behind an extra one is extra on both sides", async () => {
    expect(counts(await compare("v16", text, seed, missing))).toEqual([1, 0, 2, 1]);
  });
});

describe("a table without a key", () => {
  const tables = "create table t (a int, b varchar(10))";
  const seed = "insert into t values (1, 'x'), (2, 'y'), (2, 'y'), (3, 'z')";

  it("is compared by whole rows in v22", async () => {
    const report = await compare("v22", tables, seed, "update t set b = 'other' where a = 1");
    expect(counts(report)).toEqual([3, 0, 1, 1]);
    expect(report.ExtraRowsTargetSample).toEqual([{ Row: { a: "1", b: "other" } }]);
  });

  it("is compared place by place in v16", async () => {
    expect(counts(await compare("v16", tables, seed, "delete from t where a = 1"))).toEqual([1, 2, 1, 0]);
  });
});

describe("filters", () => {
  const tables = "create table t (id int not null, at datetime, kind varchar(10), primary key (id))";

  it("hold on the target too in v22, and columns go by the target's names", async () => {
    const seed = "insert into t values (1, null, 'a'), (2, null, 'b'), (3, null, 'a')";
    const rules = `rules:{match:"t" filter:"select id, at as at, kind from t where kind = 'a'"}`;
    const extra = "insert into t values (4, null, 'b'), (5, null, 'a')";
    const report = await compare("v22", tables, seed, extra, { rules, options: { core_options: { max_rows: 2 } } });
    expect(counts(report)).toEqual([2, 0, 0, 0]);
    await pair?.stop();
    const whole = await compare("v22", tables, seed, extra, { rules });
    expect(counts(whole)).toEqual([2, 0, 0, 1]);
    expect(whole.ExtraRowsTargetSample).toEqual([{ Row: { id: "5", "at as at": "", kind: "a" } }]);
  }, 30_000);

  it("of streams that convert times are undone on the target", async () => {
    const seed =
      "insert into t values (1, '2024-07-01 12:00:00', 'a'), (2, null, 'b'), (3, '2024-01-01 00:00:00', 'c')";
    const change = "update t set at = '2024-01-01 12:00:00' where id = 3";
    const more = 'source_time_zone:"Europe/Berlin" target_time_zone:"UTC"';
    const report = await compare("v22", tables, seed, change, { more });
    expect(counts(report)).toEqual([2, 1, 0, 0]);
    expect(report.MismatchedRowsSample[0]).toMatchObject({
      Source: { Row: { id: "3", kind: "c" } },
      Target: { Row: { id: "3", kind: "c" } },
    });
  });
});

describe("rows that come in another order", () => {
  it("cancel each other out", async () => {
    // With the keys exchanged the target's rows come in the order of v.
    const tables = "create table t (id int not null, v int not null, w varchar(20), primary key (id))";
    const seed = "insert into t values (1, 20, 'a'), (2, 10, 'b'), (3, 40, 'c'), (4, 30, 'd'), (5, 50, 'e')";
    const exchange = "alter table t drop primary key, add primary key (v)";
    for (const [name, processed] of [
      ["v18", 5],
      ["v22", 7],
    ] as const) {
      const report = await compare(name, tables, seed, exchange);
      expect(counts(report)).toEqual([5, 0, 0, 0]);
      expect(Object.keys(report)).not.toContain("ExtraRowsSourceSample");
      expect(report.ProcessedRows).toBe(processed);
      await pair?.stop();
    }
  }, 30_000);
});

describe("a reference table", () => {
  it("may have its rows as often as it likes", async () => {
    const tables = "create table t (name int not null, primary key (name))";
    const vschema = { tables: { t: { type: "reference" } } };
    const more = "insert into t values (3), (4)";
    const report = await compare("v22", tables, "insert into t values (1), (2)", more, { vschema });
    expect(counts(report)).toEqual([2, 0, 0, 0]);
    await pair?.stop();
    const odd = await compare("v22", tables, "insert into t values (1), (2)", "insert into t values (3)", { vschema });
    expect(counts(odd)).toEqual([2, 0, 0, 1]);
    // Columns are named as the query has them, and NAME is a word of Vitess's grammar.
    expect(odd.ExtraRowsTargetSample).toEqual([{ Row: { "`name`": "3" } }]);
  }, 30_000);
});

describe("two values", () => {
  const order = (type: string, a: string | null, b: string | null, byMeaning = true, collation?: string) => {
    const field = { type } as Field;
    const value = (text: string | null) => (text === null ? null : Buffer.from(text));
    return Math.sign(valueComparator(field, field, collation, byMeaning)(value(a), value(b)));
  };

  it.each<[string, string | null, string | null, number]>([
    ["INT64", "9", "10", -1],
    ["INT64", "-9223372036854775808", "9223372036854775807", -1],
    ["DECIMAL", "10.50", "10.5", 0],
    ["DECIMAL", "-1.10", "-1.09", -1],
    ["FLOAT64", "1e3", "1000", 0],
    ["VARCHAR", "a", "B", 1],
    ["VARCHAR", null, "", -1],
    ["VARCHAR", null, null, 0],
    ["JSON", '{"a": 1}', '{"a": 1.0}', 0],
    ["JSON", '{"a": 1}', '{"a": "1"}', 1],
    ["TIME", "24:00:00", "101:00:00", -1],
  ])("%s %s and %s: %i", (type, a, b, expected) => {
    expect(order(type, a, b)).toBe(expected);
    expect(order(type, b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  it("are bytes before v18, but for numbers", () => {
    expect(order("TIME", "24:00:00", "101:00:00", false)).toBe(1);
    expect(order("JSON", '{"a": 1}', '{"a": 1.0}', false)).not.toBe(0);
    expect(order("VARCHAR", "a", "B", true, "utf8mb4_0900_ai_ci")).toBe(-1);
  });
});

it.each([
  ["failed to reconcile extra rows: node doesn't exist: x", true],
  ["Lock wait timeout exceeded; try restarting transaction (errno 1205) (sqlstate HY000)", true],
  ["Table 'x' doesn't exist (errno 1146) (sqlstate 42S02) during query: select 1", false],
])("%s: tried again? %s", (text, expected) => {
  expect(isEphemeral(text)).toBe(expected);
});

it.each([
  ["08E244E8-e692-11f1-a6cd-ee3135ce39ee", "08e244e8-e692-11f1-a6cd-ee3135ce39ee"],
  ["urn:uuid:08e244e8-e692-11f1-a6cd-ee3135ce39ee", "08e244e8-e692-11f1-a6cd-ee3135ce39ee"],
  ["{08e244e8-e692-11f1-a6cd-ee3135ce39ee}", "08e244e8-e692-11f1-a6cd-ee3135ce39ee"],
  ["08e244e8e69211f1a6cdee3135ce39ee", "08e244e8-e692-11f1-a6cd-ee3135ce39ee"],
  ["08e244e8-e692-11f1-a6cd", undefined],
  ["last", undefined],
])("UUID %s is %s", (text, expected) => {
  expect(parseUuid(text)).toBe(expected);
});
