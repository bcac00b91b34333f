import { beforeEach, describe, expect, test } from "vitest";
import { vdiff } from "../../../../src/commands/vdiff/index.js";
import { NotFoundError, PreflightError, UnreachableError } from "../../../../src/errors.js";
import { run } from "../../../support/run-command.js";
import { newVdiff, report, type ToyVdiff, toyTable } from "./toy-engine.js";
import { type ToyEngines, toyEngines } from "./toy-engines.js";

const UUID = "11111111-2222-3333-4444-555555555555";
const LATER = "22222222-2222-3333-4444-555555555555";

let toy: ToyEngines;
beforeEach(() => {
  toy = toyEngines();
});

function put(uuid: string, ...shards: (Partial<ToyVdiff> | undefined)[]): void {
  for (const [i, engine] of toy.engines.entries()) {
    const of = shards[i];
    if (of !== undefined) engine.vdiffs.set(uuid, newVdiff(of));
  }
}

const show = async (which = UUID, ...flags: string[]) => {
  const result = await run(vdiff, [...flags, "commerce.wf", "Show", which], toy.ctx);
  return vdiff.exitCode?.(result as never) ?? 0;
};

const done = (name: string, more = {}) =>
  toyTable(name, { table_state: "completed", rows_compared: 100, report: report(name, [100, 0, 0, 0]), ...more });
const completed = {
  state: "completed",
  started_at: "2026-11-22 16:30:00",
  completed_at: "2026-11-22 16:31:00",
  tables: [done("customer")],
};

describe("states and exit codes", () => {
  const started = { ...completed, state: "started" };
  const pending = { state: "pending" };
  test.each([
    ["completed on all", completed, completed, "completed", 0],
    ["completed on one, pending without a plan on the other", completed, pending, "started", 8],
    ["pending", pending, pending, "pending", 8],
    ["between two tables", { ...started, tables: [done("customer"), toyTable("corder")] }, completed, "started", 8],
    ["started before the plan", { state: "started" }, pending, "started", 8],
    ["stopped on one", completed, { ...completed, state: "stopped" }, "stopped", 7],
    ["stopped and in error", { state: "error" }, { state: "stopped" }, "stopped", 7],
    ["in error on one", started, { state: "error", last_error: "oops" }, "error", 1],
    ["a table in error", { ...started, tables: [toyTable("customer", { table_state: "error" })] }, started, "error", 1],
    [
      "different, and still at work",
      { ...started, tables: [done("customer", { has_mismatch: 1 })] },
      started,
      "started",
      3,
    ],
  ])("%s", async (_, first, second, state, code) => {
    put(UUID, first, second);
    expect(await show()).toBe(code);
    expect(toy.notes[0]).toContain(`\nState:        ${state}\n`);
  });

  test("extra rows of a table that failed afterwards are differences; of one that is at work they may pass", async () => {
    const half = { rows_compared: 9, report: report("customer", [8, 0, 1, 0]) };
    put(UUID, { state: "started", tables: [toyTable("customer", { table_state: "started", ...half })] }, completed);
    expect(await show()).toBe(8);
    put(UUID, { state: "error", tables: [toyTable("customer", { table_state: "error", ...half })] }, completed);
    expect(await show()).toBe(3);
  });
});

describe("sums and progress", () => {
  test("of all shards, with a time left that is what it says", async () => {
    const begun = { state: "started", started_at: "2026-11-22 16:30:00" };
    const [first, second] = ["started", "pending"].map((table_state) =>
      toyTable("corder", { table_state, table_rows: 300 }),
    );
    if (first === undefined || second === undefined) throw new Error("no tables");
    put(
      UUID,
      { ...begun, tables: [done("customer"), first] },
      { ...begun, started_at: "2026-11-22 16:29:00", tables: [done("customer"), second] },
    );
    expect(await show(UUID, "-verbose")).toBe(8);
    // A quarter of 800 rows in 11 minutes: 33 more from 16:40 on.
    expect(toy.notes[0]).toContain(
      "StartedAt:    2026-11-22 16:29:00\nProgress:     25.00%, ETA: 2026-11-22 17:13:00\n",
    );
    expect(toy.notes[0]).toContain(
      "Table customer:\n\tState:            completed\n\tProcessedRows:    200\n\tMatchingRows:     200\n",
    );
    expect(toy.notes[0]).toContain("Table corder:\n\tState:            started\n\tProcessedRows:    0\n");
  });

  test("-format json, with the keys of Go's structs in their order", async () => {
    const sample = { Row: { b: "2", a: "1" } };
    const differs = {
      ...completed,
      last_error: 'odd "text" <here>',
      tables: [
        done("customer", {
          has_mismatch: 1,
          report: {
            ExtraRowsSourceSample: [sample],
            ...report("customer", [8, 1, 1, 0]),
            MismatchedRowsSample: [{ Source: { ...sample, Query: "select 1" }, Target: sample }],
          },
        }),
      ],
    };
    put(UUID, differs, completed);
    expect(await show(UUID, "-format", "JSON")).toBe(3);
    const text = toy.notes[0] ?? "";
    expect(JSON.parse(text)).toEqual({
      Workflow: "wf",
      Keyspace: "commerce",
      State: "completed",
      UUID,
      RowsCompared: 200,
      HasMismatch: true,
      Shards: "-80,80-",
      StartedAt: "2026-11-22 16:30:00",
      CompletedAt: "2026-11-22 16:31:00",
      TableSummary: {
        customer: {
          TableName: "customer",
          State: "completed",
          RowsCompared: 110,
          MatchingRows: 108,
          MismatchedRows: 1,
          ExtraRowsSource: 1,
          ExtraRowsTarget: 0,
        },
      },
      Reports: {
        customer: {
          "-80": {
            ...report("customer", [8, 1, 1, 0]),
            ExtraRowsSourceSample: [sample],
            MismatchedRowsSample: [{ Source: { ...sample, Query: "select 1" }, Target: sample }],
          },
          "80-": report("customer", [100, 0, 0, 0]),
        },
      },
      Errors: { "-80": 'odd "text" <here>' },
    });
    const keys = (at: (document: Record<string, object>) => object | undefined) =>
      Object.keys(at(JSON.parse(text)) ?? {});
    expect(keys((document) => document).join(" ")).toBe(
      "Workflow Keyspace State UUID RowsCompared HasMismatch Shards StartedAt CompletedAt TableSummary Reports Errors",
    );
    const ofShard = /"-80": (\{.*?\n\t{3}\})/s.exec(text)?.[1] ?? "{}";
    expect(Object.keys(JSON.parse(ofShard)).join(" ")).toBe(
      "TableName ProcessedRows MatchingRows MismatchedRows ExtraRowsSource ExtraRowsTarget ExtraRowsSourceSample MismatchedRowsSample",
    );
    expect(text).toContain('"Row": {\n\t\t\t\t\t\t\t"a": "1",\n\t\t\t\t\t\t\t"b": "2"');
    expect(text).toContain('"odd \\"text\\" \\u003chere\\u003e"');
  });
});

test("v14 tells nothing but the UUID before the plan is made: pending", async () => {
  for (const engine of toy.engines) engine.version = "v14";
  put(UUID, { state: "pending" }, { state: "pending" });
  expect(await show()).toBe(8);
  expect(toy.notes[0]).toContain("\nState:        pending\n");
});

test("differences that a stopped VDiff had found are differences", async () => {
  const customer = toyTable("customer", { table_state: "stopped", report: report("customer", [98, 0, 1, 0]) });
  put(UUID, { ...completed, state: "stopped", tables: [customer] }, completed);
  expect(await show()).toBe(3);
  expect(toy.notes[0]).toContain("HasMismatch:  true\n");
});

test("one in error without tables is ended by delete alone", async () => {
  put(UUID, { state: "error", last_error: "buildPlan: oops" }, completed);
  expect(await show()).toBe(1);
  expect(toy.notes.at(-1)).toContain(`"vtmigrate VDiff commerce.wf delete ${UUID}" ends it.`);
  expect(toy.notes.join("\n")).not.toContain("resume");
});

describe("shards that don't answer", () => {
  test("one of two: the other's part is shown, and which is missing", async () => {
    put(UUID, completed, completed);
    Object.assign(toy.engines[1]?.trouble ?? {}, { gone: true });
    expect(await show()).toBe(5);
    expect(toy.notes[0]).toContain("Error: (shard 80-) tablet zone1-0000000002 doesn't answer\n");
    expect(toy.notes).toContain("Warning: nothing is known of shard 80-: tablet zone1-0000000002 doesn't answer");
    // Nobody knows whether the other one has completed.
    expect(toy.notes[0]).not.toMatch(/State: +completed|CompletedAt/);
  });

  test("one that has no such VDiff", async () => {
    put(UUID, completed, undefined);
    expect(await show()).toBe(6);
    expect(toy.notes[0]).toContain(`Error: (shard 80-) no vdiff found for UUID ${UUID}`);
  });

  test("differences count more than what is missing", async () => {
    put(UUID, { ...completed, tables: [done("customer", { has_mismatch: 1 })] }, undefined);
    expect(await show()).toBe(3);
  });

  test("none has it, or none answers: an error", async () => {
    await expect(show()).rejects.toBeInstanceOf(NotFoundError);
    for (const { trouble } of toy.engines) trouble.gone = true;
    await expect(show()).rejects.toBeInstanceOf(UnreachableError);
  });

  test("tablets without VDiff say what does compare", async () => {
    for (const engine of toy.engines) engine.version = "v11";
    const error = await show("all").catch((reason) => reason);
    expect(error).toBeInstanceOf(PreflightError);
    expect(error.hint).toContain("compares from here");
  });
});

describe("last and all", () => {
  test("the last is the one that was created last on any shard", async () => {
    put(LATER, undefined, { ...completed, created_at: "2026-11-22 16:35:00" });
    put(UUID, completed, completed);
    await show("LAST");
    // The second shard lists UUID as its newest, by its id; the first has nothing else.
    expect(toy.notes[0]).toContain(`(${UUID})`);
    toy.notes.length = 0;
    toy.engines[1]?.vdiffs.delete(LATER);
    put(LATER, undefined, { ...completed, created_at: "2026-11-22 16:35:00" });
    expect(await show("last")).toBe(6);
    expect(toy.notes[0]).toContain(`(${LATER})`);
  });

  test("none: said, and 6; with -format json {}", async () => {
    expect(await show("last")).toBe(6);
    expect(await show("last", "-format", "json")).toBe(6);
    expect(await show("all")).toBe(0);
    expect(await show("all", "-format", "json")).toBe(0);
    expect(toy.notes).toEqual([
      "No previous vdiff found for commerce.wf",
      "{}",
      "No vdiffs found for commerce.wf\n",
      "[]\n",
    ]);
  });
});
