/** VDiff from eight shards to eight others: 64 streams. */
import { afterAll, expect, it } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import type { MessageInput } from "../../src/wire/proto.js";
import { Lab, sql } from "../support/lab.js";

const shards = ["-20", "20-40", "40-60", "60-80", "80-a0", "a0-c0", "c0-e0", "e0-"];
const tables = Array.from({ length: 20 }, (_, i) => `t${String(i).padStart(2, "0")}`);
const ROWS = 24;

function vschema(type: string): MessageInput<"vschema.Keyspace"> {
  const entry = { column_vindexes: [{ column: "id", name: "v" }] };
  return { sharded: true, vindexes: { v: { type } }, tables: Object.fromEntries(tables.map((name) => [name, entry])) };
}

let lab: Lab | undefined;
afterAll(() => lab?.close());

it("finds what differs in twenty tables, and no more", { timeout: 300_000 }, async () => {
  lab = await Lab.start({
    source: sourceCluster({ shards, vschema: vschema("hash") }),
    target: targetCluster({ shards, vschema: vschema("xxhash") }),
    statements: () =>
      tables.flatMap((table) => [
        `create table ${table} (id bigint not null, name varchar(20), primary key (id))`,
        `insert into ${table} (id, name) values ${Array.from({ length: ROWS }, (_, i) => `(${i}, 'n${i}')`).join(", ")}`,
      ]),
  });
  const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf", { timeoutMs: 200_000 });
  expect(created).toMatchObject({ code: 0 });
  expect(lab.streams()).toHaveLength(64);
  sql(lab.primaryOf("target", "60-80"), "insert into t07 (id, name) values (1000, 'more')");
  sql(lab.primaryOf("target", "e0-"), "update t19 set name = 'changed'");
  const changed = sql(lab.primaryOf("target", "e0-"), "select id from t19").length;

  const { code, stdout } = await lab.type("VDiff -json commerce.wf", { timeoutMs: 120_000 });
  expect(code).toBe(3);
  const { tables: reports } = JSON.parse(stdout) as { tables: Record<string, unknown>[] };
  expect(reports.map(({ table }) => table)).toEqual(tables);
  for (const { table, matchingRows, mismatchedRows, extraRowsSource, extraRowsTarget } of reports) {
    const mismatched = table === "t19" ? changed : 0;
    const extra = table === "t07" ? 1 : 0;
    expect([table, matchingRows, mismatchedRows, extraRowsSource, extraRowsTarget]).toEqual([
      table,
      ROWS - mismatched,
      mismatched,
      0,
      extra,
    ]);
  }
  expect(changed).toBeGreaterThan(0);
  expect(lab.streams().filter(({ state, message }) => state !== "Running" || message !== "")).toEqual([]);
});
