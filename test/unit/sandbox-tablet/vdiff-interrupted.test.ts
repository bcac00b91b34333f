/** VDiffs that are stopped, fail, or lose their tablet, and go on. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { rows, run, until } from "./clusters.js";
import { startCopied, type VDiffPair } from "./vdiff-pair.js";

const ROWS = 20_000;
const word = "x".repeat(120);
const all = Array.from({ length: ROWS }, (_, i) => `('${String(i).padStart(6, "0")}', '${word}', ${i})`);
const fill = [0, 5_000, 10_000, 15_000]
  .map((from) => `insert into product values ${all.slice(from, from + 5_000).join(", ")}`)
  .join(";");

let pair: VDiffPair;
beforeAll(async () => {
  pair = await startCopied(profiles.v22, fill, { lockTimeoutMs: 1_000 });
}, 60_000);
afterAll(() => pair?.stop());

const onlyProduct = { core_options: { tables: "product" } };
const product = async (uuid: string) => {
  const [row] = (await pair.vdiff("show", { arg: uuid })).rows;
  return { ...row, rows_compared: row?.rows_compared, report: JSON.parse(row?.report ?? "null") };
};
const lastKey = () =>
  rows(pair.targetPrimary, "select lastpk from _vt.vdiff_table order by vdiff_id desc limit 1")[0]?.[0];
const setPrice = (sku: number, price: number) =>
  run(pair.targetPrimary, `update product set price = ${price} where sku = '${String(sku).padStart(6, "0")}'`);

/** Lets a VDiff compare 10,000 rows at least, and stands the source still. */
async function stall(options = onlyProduct): Promise<string> {
  const uuid = randomUUID();
  await pair.vdiff("create", { uuid, options });
  const compared = () =>
    rows(pair.targetPrimary, "select max(rows_compared) from _vt.vdiff_table where state = 'started'");
  while (Number(compared()[0]?.[0] ?? 0) < 10_000) await new Promise(setImmediate);
  pair.sourceReplica.pause();
  return uuid;
}

describe("a VDiff under way", () => {
  it("is stopped, and resumed behind the last row that it has seen", async () => {
    setPrice(5, -1);
    const uuid = await stall();
    expect(await product(uuid)).toMatchObject({ vdiff_state: "started", table_state: "started", has_mismatch: "1" });
    await pair.vdiff("stop", { uuid });
    const stopped = await product(uuid);
    expect(stopped).toMatchObject({
      vdiff_state: "stopped",
      last_error: "",
      table_state: "stopped",
      completed_at: null,
    });
    const seen = Number(stopped.rows_compared);
    expect(seen).toBeGreaterThanOrEqual(10_000);
    expect(seen).toBeLessThan(ROWS);
    expect(lastKey()).toMatch(/^target:\{fields:\{name:"sku" type:VARBINARY .*values:"0\d{5}"\}\}$/);
    expect(await pair.streams()).toMatchObject([{ state: "Running", stop_pos: "" }]);

    pair.sourceReplica.resume();
    // Before that row nobody looks again; behind it there is a new snapshot.
    setPrice(5, 5);
    setPrice(6, -1);
    setPrice(ROWS - 1, -1);
    await pair.vdiff("resume", { uuid });
    await pair.finished(uuid);
    expect(await product(uuid)).toMatchObject({
      rows_compared: String(ROWS),
      has_mismatch: "1",
      report: {
        MatchingRows: ROWS - 2,
        MismatchedRows: 2,
        MismatchedRowsSample: [{ Source: { Row: { price: "5" } } }, { Source: { Row: { price: String(ROWS - 1) } } }],
      },
    });
    setPrice(6, 6);
    setPrice(ROWS - 1, ROWS - 1);
    // A completed one goes on, too: here there is nothing left.
    await pair.vdiff("resume", { uuid });
    await pair.finished(uuid);
    expect((await product(uuid)).report).toMatchObject({ ProcessedRows: ROWS, MismatchedRows: 2 });
  }, 40_000);

  it("goes on with the next primary", async () => {
    const uuid = await stall();
    await pair.targetPrimary.setType("REPLICA");
    await expect(pair.vdiff("show", { arg: "last" })).rejects.toMatchObject({
      code: 2,
      details: "TabletManager.VDiff on zone1-0000000001: vdiff engine is closed",
    });
    expect(rows(pair.targetPrimary, "select state from _vt.vdiff order by id desc limit 1")).toEqual([["started"]]);
    pair.sourceReplica.resume();
    await pair.targetPrimary.setType("PRIMARY");
    await pair.finished(uuid);
    expect((await product(uuid)).report).toMatchObject({ MatchingRows: ROWS, ProcessedRows: ROWS });
  }, 40_000);

  it("takes new snapshots when an attempt lasts too long", async () => {
    const options = { core_options: { ...onlyProduct.core_options, max_diff_seconds: 1 } };
    const uuid = await stall(options);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    setPrice(ROWS - 1, -1);
    pair.sourceReplica.resume();
    await pair.finished(uuid);
    const { report } = await product(uuid);
    expect(report).toMatchObject({ ProcessedRows: ROWS, MatchingRows: ROWS - 1, MismatchedRows: 1 });
    setPrice(ROWS - 1, ROWS - 1);
  }, 40_000);

  it("is deleted", async () => {
    const uuid = await stall();
    await pair.vdiff("delete", { arg: uuid });
    expect(rows(pair.targetPrimary, `select state from _vt.vdiff where vdiff_uuid = '${uuid}'`)).toEqual([]);
    pair.sourceReplica.resume();
  });
});

describe("a VDiff that fails", () => {
  const options = { core_options: { tables: "customer" } };
  const vschema = "keyspaces/commerce/VSchema";

  it("is tried again until it succeeds, if it shall", async () => {
    run(pair.targetPrimary, "insert into customer values (1, 'extra')");
    run(pair.sourcePrimary, "insert into customer values (2, 'both')");
    await until(
      () => rows(pair.targetPrimary, "select count(*) from customer"),
      (count) => count.join() === "2",
    );
    const [uuid, once] = [randomUUID(), randomUUID()];
    await pair.vdiff("create", { uuid, options });
    await pair.vdiff("create", {
      uuid: once,
      options: { core_options: { ...options.core_options, auto_retry: false } },
    });
    const states = () => rows(pair.targetPrimary, "select message from _vt.vdiff_log order by id desc limit 20").flat();
    const failed =
      "Error: failed to reconcile extra rows: node doesn't exist: /vitess/global/keyspaces/commerce/VSchema";
    await until(states, (messages) => messages.filter((message) => message === failed).length >= 3);
    // The report is there all the same.
    const [first] = await pair.finished(once, "error");
    expect(first).toMatchObject({ table_state: "error", has_mismatch: "0", last_error: failed.replace("Error: ", "") });
    expect(JSON.parse(first?.report ?? "")).toMatchObject({ ExtraRowsTarget: 1, MatchingRows: 1, ProcessedRows: 2 });

    await pair.target.topo.put("vschema.Keyspace", vschema, {});
    const [last] = await pair.finished(uuid);
    expect(last).toMatchObject({ last_error: "", table_state: "completed", has_mismatch: "1", rows_compared: "2" });
    expect((await pair.finished(once, "error"))[0]).toMatchObject({ vdiff_state: "error" });
    await pair.target.topo.delete(vschema);
    run(pair.targetPrimary, "delete from customer where customer_id = 1");
  });

  it("waits for the workflow's lock no longer than Vitess does", async () => {
    const holder = await pair.target.topo.lock("internal/named_locks/commerce/wf", {
      action: "test",
      options: true,
      ttlSeconds: 60,
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    });
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options });
    const [row] = await pair.finished(uuid, "error");
    expect(row?.last_error).toBe("deadline exceeded: /vitess/global/internal/named_locks/commerce/wf/locks");
    await holder.release();
    await pair.finished(uuid);
  });

  it("finds no tablet, and keeps streams and lock until it is stopped", async () => {
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: { ...options, picker_options: { source_cell: "nowhere" } } });
    await until(pair.streams, ([stream]) => stream?.state === "Stopped" && stream.message === "for vdiff");
    const locks = () => pair.target.topo.list("internal/named_locks/commerce/wf/locks");
    expect(await locks()).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await pair.vdiff("show", { arg: uuid })).rows).toMatchObject([{ vdiff_state: "started" }]);

    // A tablet that ends now leaves the streams stopped; the next primary begins again.
    await pair.targetPrimary.setType("REPLICA");
    const state = () => rows(pair.targetPrimary, "select state, message from _vt.vreplication");
    expect(state()).toEqual([["Stopped", "for vdiff"]]);
    await pair.targetPrimary.setType("PRIMARY");
    await until(locks, (held) => held.length === 1);

    await pair.vdiff("stop", { uuid });
    expect(await pair.streams()).toMatchObject([{ state: "Running", message: "" }]);
    expect(await locks()).toEqual([]);
    expect((await pair.vdiff("show", { arg: uuid })).rows).toMatchObject([
      { vdiff_state: "stopped", last_error: "", table_state: "stopped" },
    ]);
    const log = rows(pair.targetPrimary, "select message from _vt.vdiff_log order by id desc limit 5");
    expect(log.flat().reverse()).toEqual([
      "error: table 'customer'",
      "Table customer Error: context has expired",
      "State changed to: error",
      "Error: context has expired",
      "State changed to: stopped (by user request)",
    ]);
  });
});
