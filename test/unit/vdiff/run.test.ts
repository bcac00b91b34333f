import { beforeEach, describe, expect, test } from "vitest";
import { start } from "../../../src/commands/workflow/start.js";
import { InterruptedError, UnreachableError } from "../../../src/errors.js";
import { runVdiff } from "../../../src/vdiff/client-engine.js";
import type { VdiffRequest } from "../../../src/vdiff/request.js";
import { renderJson } from "../../../src/vdiff/view/render-json.js";
import { renderText } from "../../../src/vdiff/view/render-text.js";
import { recorded } from "../../support/recording.js";
import { asVtctlclient } from "../../support/vdiff-text.js";
import { type FakeClusters, fakeClusters } from "./fake/cluster.js";
import { commerce, plantDifferences } from "./fake/commerce.js";
import { request } from "./fake/request.js";
import { log } from "./fake/table.js";

const RECORDING = "vtctlclient-v22.0.3.txt";

const untouched = { state: "Running", message: "", stop_pos: null };

let clusters: FakeClusters;
beforeEach(() => {
  clusters = commerce();
});

/** The source goes on while the streams stand still. */
function writeBeforeSnapshot(then: (call: string) => void = () => {}): void {
  clusters.sourceReplica.trouble.before = (call) => {
    if (call === "waitForPosition") clusters.source.commit({ table: "customer", put: ["9", "new@domain.com"] });
    then(call);
  };
}

describe("a comparison of equal tables", () => {
  test("prints what vtctlclient prints, sorted by name, and leaves the stream as it was", async () => {
    const result = await runVdiff(clusters.ctx, request);
    expect(result.hasDifferences).toBe(false);
    const json = recorded(RECORDING, "VDiff --v1 --format json --source_cell zx --target_cell zone1 commerce.wf", 0);
    expect(renderJson(result.tables)).toBe(json.stdout);
    expect(clusters.targetPrimary.streams[0]).toMatchObject(untouched);
    expect(clusters.locks).toEqual([]);
  });

  test("reads the source's replica and stops, synchronizes and restarts the stream once per table", async () => {
    writeBeforeSnapshot();
    await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    expect(clusters.sourceReplica.calls).toContain("select customer_id, email from customer order by customer_id asc");
    const updates = clusters.targetPrimary.calls.filter((call) => call.startsWith("update"));
    expect(updates).toEqual([
      "update _vt.vreplication set state='Stopped', message='for vdiff' where id=6",
      "update _vt.vreplication set state='Running', stop_pos='MySQL56/0161eb37-e68d-11f1-a320-02fc00000001:1-16', message='synchronizing for vdiff' where id=6",
      "update _vt.vreplication set state='Running', message='', stop_pos=null where id=6",
    ]);
  });

  test("stops the stream once for several small tables", async () => {
    await runVdiff(clusters.ctx, request);
    expect(clusters.targetPrimary.calls.filter((call) => call.includes("'for vdiff'"))).toHaveLength(1);
    expect(clusters.sourceReplica.calls.filter((call) => call.startsWith("select"))).toHaveLength(4);
  });

  test("stops it again when it has stood still for too long", async () => {
    let now = 0;
    clusters.ctx.clock.now = () => {
      now += 2000;
      return new Date(now);
    };
    const result = await runVdiff(clusters.ctx, request);
    const stops = clusters.targetPrimary.calls.filter((call) => call.includes("'for vdiff'")).length;
    expect(stops).toBeGreaterThan(1);
    expect(result.tables.map(({ matchingRows }) => matchingRows)).toEqual([5, 5, 4, 2]);
  });

  test("doesn't run a stream on to where it is already", async () => {
    await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    const updates = clusters.targetPrimary.calls.filter((call) => call.startsWith("update"));
    expect(updates.join("\n")).not.toContain("synchronizing");
    expect(updates).toHaveLength(2);
  });

  test("leaves a stream alone that has ended with its copy, beside one that runs", async () => {
    const [running] = clusters.targetPrimary.streams;
    if (running === undefined) throw new Error("no stream");
    const ended = { ...running, id: "7", state: "Stopped", message: "Stopped after copy." };
    clusters.targetPrimary.streams.push({ ...ended });
    await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    expect(clusters.targetPrimary.streams[0]).toMatchObject(untouched);
    expect(clusters.targetPrimary.streams[1]).toEqual(ended);
  });

  test("compares at one position while the application goes on writing", async () => {
    let next = 6;
    // A write before every call: between stop and snapshot, between snapshot and synchronization, and after.
    const write = () => clusters.source.commit({ table: "customer", put: [`${next}`, `new${next++}@domain.com`] });
    clusters.sourceReplica.trouble.before = write;
    clusters.targetPrimary.trouble.before = write;
    const result = await runVdiff(clusters.ctx, request);
    expect(next).toBeGreaterThan(25);
    expect(result.hasDifferences).toBe(false);
  });

  test("shows rows done and the estimate of each table, until all of them are read", async () => {
    await runVdiff(clusters.ctx, request);
    expect(clusters.progress[0]?.[0]).toMatchObject({ label: "corder", done: 0, total: 5, estimated: true });
    expect(clusters.progress.at(-1)).toEqual([
      {
        label: "corder",
        done: 5,
        total: 5,
        estimated: false,
        rough: false,
        state: "equal",
        finished: true,
        bytes: expect.any(Number),
      },
      {
        label: "customer",
        done: 5,
        total: 5,
        estimated: false,
        rough: false,
        state: "equal",
        finished: true,
        bytes: expect.any(Number),
      },
      {
        label: "notes",
        done: 4,
        total: 4,
        estimated: false,
        rough: false,
        state: "equal",
        finished: true,
        bytes: expect.any(Number),
      },
      {
        label: "product",
        done: 2,
        total: 2,
        estimated: false,
        rough: false,
        state: "equal",
        finished: true,
        bytes: expect.any(Number),
      },
    ]);
  });
});

describe("a comparison of tables that differ", () => {
  test("prints the recorded report", async () => {
    plantDifferences(clusters);
    const result = await runVdiff(clusters.ctx, request);
    expect(result.hasDifferences).toBe(true);
    const text = recorded(RECORDING, "VDiff --v1 --source_cell zx --target_cell zone1 commerce.wf", 1).stdout;
    const printed = renderText(result.tables);
    expect(asVtctlclient(printed)).toBe(text.replace(/\nVDiff took .*\n/, ""));
    expect(printed).toContain('"SKU-1002" (VARBINARY)\n\t\tMissing on: target\nSummary for table customer:');
    expect(printed).toContain('"changed@x" (VARBINARY)\n\t\tDiffering columns: email\nSummary for table notes:');
    expect(printed.endsWith("\t\tMissing on: source\n")).toBe(true);
    const json = recorded(RECORDING, "VDiff --v1 --format json --source_cell zx --target_cell zone1 commerce.wf", 1);
    expect(renderJson(result.tables)).toBe(json.stdout);
  });

  test("prints the recorded debug queries", async () => {
    plantDifferences(clusters);
    const result = await runVdiff(clusters.ctx, { ...request, debugQuery: true });
    const command = "VDiff --v1 --debug_query --source_cell zx --target_cell zone1 commerce.wf";
    const text = recorded(RECORDING, command).stdout.replace(/\nVDiff took .*\n/, "");
    const sections = text.split(/^(?=Summary for table)/m).sort();
    expect(asVtctlclient(renderText(result.tables))).toBe(sections.join(""));
  });

  test("shows the key alone with -only_pks", async () => {
    plantDifferences(clusters);
    const result = await runVdiff(clusters.ctx, { ...request, tables: ["customer"], onlyPks: true, debugQuery: true });
    const row = "\t\t\t customer_id: 2 (INT64)\n";
    const query = "\t\tDebugQuery: select customer_id from customer where customer_id=2;\n";
    expect(renderText(result.tables)).toContain(
      `\t\tSource row:\n${row}${query}\t\tTarget row:\n${row}${query}\t\tDiffering columns: email\n`,
    );
  });

  test("doesn't report what is gone when it is read again", async () => {
    plantDifferences(clusters);
    // The difference heals as soon as the second cycle asks for it.
    clusters.targetPrimary.trouble.before = (call) => {
      if (call.startsWith("select customer_id, email from customer where customer_id in (2)")) {
        clusters.target.commit({ table: "customer", put: ["2", "bob@domain.com"] });
      }
    };
    const result = await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    expect(result.tables[0]).toMatchObject({ processedRows: 5, matchingRows: 5, mismatchedRows: 0 });
  });

  test.each([
    ["as utf8mb3, and isn't looked for", 33],
    ["as another, and isn't found", 255],
  ])("a key whose characters are lost is told %s by its key", async (_how, garbledAs) => {
    clusters.source.commit({ table: "notes", put: ["smile 😀", "x", null, null] });
    clusters.targetPrimary.play();
    clusters.target.commit({ table: "notes", put: ["smile 😀", "y", null, null] });
    clusters.sourceReplica.trouble.garbledAs = garbledAs;
    clusters.targetPrimary.trouble.garbledAs = garbledAs;
    const result = await runVdiff(clusters.ctx, { ...request, tables: ["notes"] });
    expect(result.tables[0]).toMatchObject({ processedRows: 5, matchingRows: 4, mismatchedRows: 1 });
    const lookups = clusters.sourceReplica.calls.filter((call) => call.includes(" in ('smile ?')"));
    expect(lookups).toHaveLength(garbledAs === 33 ? 0 : 1);
  });

  test("a row that both sides have deleted meanwhile is no difference", async () => {
    plantDifferences(clusters);
    clusters.sourceReplica.trouble.before = (call) => {
      if (!call.includes(" in (2)")) return;
      clusters.source.commit({ table: "customer", remove: ["2", "bob@domain.com"] });
    };
    clusters.targetPrimary.trouble.before = (call) => {
      if (!call.includes(" in (2)")) return;
      clusters.target.commit({ table: "customer", remove: ["2", "changed@x"] });
    };
    const result = await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    expect(result.tables[0]).toMatchObject({ processedRows: 4, matchingRows: 4, mismatchedRows: 0 });
  });

  test("reads no more differences again than it may", async () => {
    plantDifferences(clusters);
    clusters.target.commit({ table: "customer", put: ["3", "changed@y"] });
    const again = () => clusters.sourceReplica.calls.filter((call) => call.includes("where customer_id in"));
    const one = await runVdiff(clusters.ctx, { ...request, tables: ["customer"], maxSuspects: 1 });
    expect(one.tables[0]).toMatchObject({ matchingRows: 3, mismatchedRows: 2 });
    expect(again()).toEqual([expect.stringMatching(/ where customer_id in \(2\) /)]);
    const none = await runVdiff(clusters.ctx, { ...request, tables: ["customer"], maxSuspects: 0 });
    expect(none.tables[0]).toMatchObject({ matchingRows: 3, mismatchedRows: 2 });
    expect(again()).toHaveLength(1);
  });

  test("reads a table without a key as a whole again, and counts each row once", async () => {
    const clusters = fakeClusters([structuredClone(log)]);
    const rows = ["1.5", "1.5", "1.5", "2.5", "3.5"].map((amount) => ["2026-11-22 17:27:13", amount]);
    for (const put of rows) clusters.source.commit({ table: "log", put });
    clusters.targetPrimary.play();
    clusters.target.commit({ table: "log", remove: rows[0] }, { table: "log", put: [null, "9.5"] });
    const result = await runVdiff(clusters.ctx, request);
    expect(result.tables[0]).toMatchObject({
      processedRows: 6,
      matchingRows: 4,
      extraRowsSource: 1,
      extraRowsTarget: 1,
    });
    expect(renderText(result.tables)).toContain("\t\t\t amount: 9.5 (FLOAT32)\n\t\t\t at: null (NULL_TYPE)\n");
    const reads = clusters.sourceReplica.calls.filter((call) => call.startsWith("select"));
    expect(reads).toEqual(Array(2).fill("select at, amount from `log` order by at asc, amount asc"));
  });

  test("a row that differs by more than the key is read again among all others, which stay out of the count", async () => {
    // A FLOAT can't be looked up by the text it prints as.
    const table = { ...structuredClone(log), key: ["amount"] };
    const clusters = fakeClusters([table]);
    for (const amount of ["1.5", "2.5", "3.5"]) clusters.source.commit({ table: "log", put: ["x", amount] });
    clusters.targetPrimary.play();
    clusters.target.commit({ table: "log", put: ["y", "2.5"] });
    const result = await runVdiff(clusters.ctx, request);
    expect(result.tables[0]).toMatchObject({ processedRows: 3, matchingRows: 2, mismatchedRows: 1 });
  });

  test("progress doesn't go back when differences are read again", async () => {
    plantDifferences(clusters);
    await runVdiff(clusters.ctx, { ...request, tables: ["customer"] });
    const done = clusters.progress.map(([row]) => row?.done ?? 0);
    expect(clusters.progress.map(([row]) => row?.state)).toContain("checking differences");
    const second = done.slice(clusters.progress.findIndex(([row]) => row?.state === "comparing"));
    expect(Math.min(...second)).toBeGreaterThanOrEqual(4);
  });

  test("a limit holds for differences too that only reading everything would find again", async () => {
    const clusters = fakeClusters([{ ...structuredClone(log), key: ["amount"] }]);
    for (const amount of ["1.5", "2.5", "3.5"]) clusters.source.commit({ table: "log", put: ["x", amount] });
    clusters.targetPrimary.play();
    clusters.target.commit({ table: "log", put: ["y", "2.5"] });
    const result = await runVdiff(clusters.ctx, { ...request, limit: 2 });
    expect(result.tables[0]).toMatchObject({ processedRows: 2, matchingRows: 1, mismatchedRows: 1, whole: false });
    expect(clusters.sourceReplica.calls.filter((call) => call.startsWith("select"))).toHaveLength(1);
    expect(clusters.notes.join("\n")).toContain("table log: its differences were not read a second time");
  });

  test("stops at the limit, all tables together", async () => {
    const result = await runVdiff(clusters.ctx, { ...request, limit: 7 });
    expect(result.tables.map(({ processedRows }) => processedRows)).toEqual([5, 2, 0, 0]);
    expect(result.complete).toBe(false);
    expect(clusters.notes.join("\n")).toContain("not compared, because of -limit 7: notes, product");
  });
});

describe("refusals", () => {
  const refuses = (change: Partial<VdiffRequest> = {}) =>
    expect(runVdiff(clusters.ctx, { ...request, ...change })).rejects;
  const stream = () => {
    const [only] = clusters.targetPrimary.streams;
    if (only === undefined) throw new Error("no stream");
    return only;
  };

  test("an unknown workflow", async () => {
    await refuses({ workflow: "nope" }).toMatchObject({
      code: "not-found",
      message: "no streams found in keyspace commerce for nope",
    });
  });

  test("a frozen workflow", async () => {
    stream().message = "FROZEN";
    await refuses().toMatchObject({
      code: "conflict",
      message: "invalid VDiff run: writes have been already been switched for workflow commerce.wf",
    });
  });

  test("a copy under way, with how far it is", async () => {
    clusters.targetPrimary.copying.push({ vrepl_id: "6", table_name: "customer" });
    await refuses().toMatchObject({
      code: "conflict",
      message: "commerce.wf is still copying: 1 of 4 tables are not done (customer)",
    });
    expect(clusters.targetPrimary.calls.filter((call) => call.startsWith("update"))).toEqual([]);
  });

  test("everything that isn't as it should be, at once", async () => {
    Object.assign(stream(), { state: "Error", message: "no such table" });
    clusters.targetPrimary.streams.push({ ...stream(), id: "7", state: "Stopped", message: "by hand" });
    clusters.targetPrimary.copying.push({ vrepl_id: "6", table_name: "customer" });
    await refuses().toMatchObject({
      code: "conflict",
      message:
        "stream 6 on zone1-0000000001 is in error: no such table; " +
        "stream 7 on zone1-0000000001 is stopped (by hand): a VDiff needs it running; " +
        "commerce.wf is still copying: 1 of 4 tables are not done (customer)",
    });
  });

  test("a copy that isn't done when -wait_timeout is over", async () => {
    clusters.targetPrimary.copying.push({ vrepl_id: "6", table_name: "customer" });
    await refuses({ waitForCopyMs: 10 }).toMatchObject({ code: "still-running" });
  });

  test("-wait compares as soon as the copy is done", async () => {
    clusters.targetPrimary.copying.push({ vrepl_id: "6", table_name: "customer" });
    setTimeout(() => clusters.targetPrimary.copying.pop(), 50);
    const result = await runVdiff(clusters.ctx, { ...request, waitForCopyMs: 0 });
    expect(result.hasDifferences).toBe(false);
  });

  test("streams that a killed VDiff has left stopped", async () => {
    Object.assign(stream(), { state: "Stopped", message: "for vdiff" });
    await refuses().toMatchObject({
      code: "conflict",
      message: "a VDiff of commerce.wf was killed and has left stream 6 on zone1-0000000001 stopped",
      hint: 'Restart it with "Workflow commerce.wf start".',
    });
  });

  test("streams that another VDiff holds right now", async () => {
    Object.assign(stream(), { state: "Stopped", message: "for vdiff" });
    await clusters.topo.lockKeyspace("commerce", { action: "vdiff", timeoutMs: 1 });
    await refuses().toMatchObject({
      message: expect.stringContaining("another VDiff of commerce.wf is running, by me@here"),
    });
  });

  test("a column that one side lacks, by name", async () => {
    clusters.target.tables[1]?.columns.push({ name: "city", type: "text", fieldType: "TEXT" });
    await refuses().toMatchObject({
      code: "preflight",
      message: "source and target can't be compared: column city of table customer is on the target only",
    });
  });

  test("a table that the workflow hasn't", async () => {
    await refuses({ tables: ["customer", "nope"] }).toMatchObject({
      code: "not-found",
      message: "one or more tables provided are not present in the workflow: nope",
    });
  });

  test("a cell that the source hasn't, with those it has", async () => {
    await refuses({ sourceCells: ["zone1"] }).toMatchObject({ code: "not-found", hint: "Its cells: zx." });
  });
});

describe("whatever happens, the streams are put back", () => {
  const before = { state: "Running", message: 'Picked source tablet: cell:"zx" uid:2', stop_pos: "" };
  beforeEach(() => {
    Object.assign(clusters.targetPrimary.streams[0] ?? {}, before);
    clusters.records.set("commerce/wf", JSON.stringify({ format: 1, keyspace: "commerce", workflow: "wf" }));
  });

  async function fails(): Promise<unknown> {
    const error = await runVdiff(clusters.ctx, { ...request, waitMs: 300 }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(clusters.targetPrimary.streams[0]).toMatchObject(before);
    expect(clusters.locks).toEqual([]);
    expect(JSON.parse(clusters.records.get("commerce/wf") ?? "")).not.toHaveProperty("savedStreams");
    return error;
  }

  test("their states are in the workflow's record before the first is stopped", async () => {
    let saved: unknown;
    clusters.targetPrimary.trouble.before = (call) => {
      if (call.includes("'for vdiff'")) saved ??= JSON.parse(clusters.records.get("commerce/wf") ?? "");
    };
    expect(await fails()).toBeUndefined();
    expect(saved).toMatchObject({
      savedStreams: [{ shard: "0", id: 6, ...{ state: "Running", message: before.message, stopPos: "" } }],
    });
  });

  test.each(["waitForPosition", "vreplicationWaitForPos 6", "select customer_id, email"])(
    "interrupted at %s",
    async (point) => {
      const reason = new InterruptedError("interrupted by SIGINT");
      const interrupt = (call: string) => {
        if (call.startsWith(point)) clusters.controller.abort(reason);
      };
      writeBeforeSnapshot(interrupt);
      clusters.targetPrimary.trouble.before = interrupt;
      expect(await fails()).toBe(reason);
    },
  );

  test.each(["'for vdiff'", "'synchronizing for vdiff'"])(
    "interrupted while the tablet still works on %s",
    async (update) => {
      const reason = new InterruptedError("interrupted by SIGINT");
      const { trouble } = clusters.targetPrimary;
      writeBeforeSnapshot();
      trouble.before = (call) => {
        if (!call.includes(update)) return;
        trouble.slowUpdatesMs = 50;
        setTimeout(() => {
          trouble.slowUpdatesMs = 0;
          clusters.controller.abort(reason);
        }, 10);
      };
      expect(await fails()).toBe(reason);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(clusters.targetPrimary.streams[0]).toMatchObject(before);
    },
  );

  test("the lock is lost before a stream is stopped: what somebody else does to it stays", async () => {
    const { saveWorkflowRecord } = clusters.topo;
    clusters.topo.saveWorkflowRecord = (...record) => {
      clusters.locks[0]?.lose(new UnreachableError("the lock is lost"));
      return saveWorkflowRecord(...record);
    };
    await expect(runVdiff(clusters.ctx, request)).rejects.toThrow("the lock is lost");
    expect(clusters.targetPrimary.calls.filter((call) => call.startsWith("update"))).toEqual([]);
  });

  test("the lock is lost", async () => {
    const reason = new UnreachableError("the lock is lost");
    clusters.sourceReplica.trouble.before = (call) => {
      if (call === "waitForPosition") clusters.locks[0]?.lose(reason);
    };
    expect(await fails()).toBe(reason);
  });

  test("the lock is lost while a stream is waited for", async () => {
    const reason = new UnreachableError("the lock is lost");
    clusters.targetPrimary.trouble.before = (call) => {
      if (call.includes("'for vdiff'")) {
        clusters.source.commit({ table: "customer", put: ["9", "x"] });
        clusters.targetPrimary.trouble.stuck = true;
      }
      if (call.startsWith("vreplicationWaitForPos")) setTimeout(() => clusters.locks[0]?.lose(reason), 20);
    };
    expect(await fails()).toBe(reason);
  });

  test("the source's tablet is gone", async () => {
    clusters.sourceReplica.trouble.before = (call) => {
      if (call.startsWith("select")) clusters.sourceReplica.trouble.gone = true;
    };
    expect(await fails()).toMatchObject({ code: "unreachable", message: "tablet zx-0000000002 doesn't answer" });
  });

  test("the source's tablet falls silent in the middle of the rows", async () => {
    clusters.sourceReplica.trouble.stallAfterRows = 2;
    expect(await fails()).toMatchObject({
      code: "unreachable",
      message: "tablet zx-0000000002 at 127.0.0.1:15002 sent no row within 0.3 s",
    });
  });

  test("the stream doesn't get to the source's position", async () => {
    clusters.targetPrimary.trouble.before = (call) => {
      if (call.includes("'for vdiff'")) {
        clusters.source.commit({ table: "customer", put: ["9", "x"] });
        clusters.targetPrimary.trouble.stuck = true;
      }
    };
    expect(await fails()).toMatchObject({
      code: "still-running",
      message: expect.stringMatching(/^vdiff timed out: stream 6 on zone1-0000000001 has not reached/),
    });
  });

  test("the target's tablet answers again only after a while", async () => {
    clusters.targetPrimary.trouble.before = (call) => {
      if (!call.startsWith("select customer_id")) return;
      clusters.targetPrimary.trouble.gone = true;
      setTimeout(() => {
        clusters.targetPrimary.trouble.gone = false;
      }, 700);
    };
    expect(await fails()).toMatchObject({ code: "unreachable" });
  });
});

describe("after a VDiff that was killed while it synchronized", () => {
  beforeEach(() => {
    const saved = { shard: "0", id: 6, state: "Running", message: "as it was", stopPos: "" };
    const record = { format: 1, keyspace: "commerce", workflow: "wf", savedStreams: [saved] };
    clusters.records.set("commerce/wf", JSON.stringify(record));
    const stopPos = clusters.source.position();
    const left = { state: "Stopped", message: `Stopped at position ${stopPos}`, stop_pos: stopPos };
    Object.assign(clusters.targetPrimary.streams[0] ?? {}, left);
  });

  test("the record tells whose stop position it is", async () => {
    await expect(runVdiff(clusters.ctx, request)).rejects.toMatchObject({
      code: "conflict",
      message: "a VDiff of commerce.wf was killed and has left stream 6 on zone1-0000000001 stopped",
    });
  });

  test("Workflow start lets the stream run past that position", async () => {
    await start(clusters.ctx, { keyspace: "commerce", workflow: "wf", shards: [], dryRun: false });
    clusters.source.commit({ table: "customer", put: ["6", "new@domain.com"] });
    expect((await runVdiff(clusters.ctx, request)).hasDifferences).toBe(false);
    expect(clusters.target.at(clusters.target.executed).get("customer")).toHaveLength(6);
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "as it was", stop_pos: "" });
  });

  test("Workflow start clears a stop position that is reached, without a record too, and no other", async () => {
    clusters.records.clear();
    const begin = () => start(clusters.ctx, { keyspace: "commerce", workflow: "wf", shards: [], dryRun: false });
    await begin();
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "", stop_pos: "" });
    const ahead = clusters.source.position(clusters.source.executed + 5);
    Object.assign(clusters.targetPrimary.streams[0] ?? {}, { state: "Stopped", stop_pos: ahead });
    await begin();
    expect(clusters.targetPrimary.calls.join("\n")).not.toContain(`stop_pos='${ahead}'`);
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ stop_pos: ahead });
  });

  test("Workflow start on some shards leaves what the record holds for the others", async () => {
    const record = JSON.parse(clusters.records.get("commerce/wf") ?? "");
    const elsewhere = { ...record.savedStreams[0], shard: "80-" };
    clusters.records.set(
      "commerce/wf",
      JSON.stringify({ ...record, savedStreams: [...record.savedStreams, elsewhere] }),
    );
    await start(clusters.ctx, { keyspace: "commerce", workflow: "wf", shards: ["0"], dryRun: false });
    expect(JSON.parse(clusters.records.get("commerce/wf") ?? "").savedStreams).toEqual([elsewhere]);
  });

  test("Workflow start doesn't put back a stop position that an earlier VDiff had left, and that is reached", async () => {
    const record = JSON.parse(clusters.records.get("commerce/wf") ?? "");
    record.savedStreams[0].stopPos = clusters.source.position();
    clusters.records.set("commerce/wf", JSON.stringify(record));
    await start(clusters.ctx, { keyspace: "commerce", workflow: "wf", shards: [], dryRun: false });
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", stop_pos: "" });
  });
});
