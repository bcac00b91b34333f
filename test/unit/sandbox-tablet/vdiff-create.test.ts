import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { VDiffOptions } from "../../../src/wire/generated/tabletmanagerdata/VDiffOptions.js";
import { rows as rowsOf, run } from "./clusters.js";
import { startCopied, type VDiffPair } from "./vdiff-pair.js";

let pair: VDiffPair;
beforeAll(async () => {
  pair = await startCopied(profiles.v22);
  // So that extra rows can be reconciled: with a mount, it is the target's cluster that is asked.
  await pair.target.topo.put("vschema.Keyspace", "keyspaces/commerce/VSchema", { tables: { notes: {} } });
});
afterAll(() => pair?.stop());

beforeEach(async () => {
  run(
    pair.targetPrimary,
    `replace into customer values (1, 'a@x'), (2, 'b@x'), (3, null); delete from customer where customer_id > 3;
     replace into product values ('SKU-1', 'Monitor', 100), ('SKU-2', 'Keyboard', 30); delete from product where sku > 'SKU-2'`,
  );
  await pair.vdiff("delete", { arg: "all" });
});

/** The rows of show and the reports, by table, of a VDiff that has completed. */
async function compare(options?: VDiffOptions) {
  const uuid = randomUUID();
  await pair.vdiff("create", { uuid, ...(options && { options }) });
  const rows = await pair.finished(uuid, "completed", "error");
  return Object.fromEntries(
    rows.map((row) => [row.table_name, { ...row, report: JSON.parse(row.report ?? "null") }] as const),
  );
}

const equal = { MismatchedRows: 0, ExtraRowsSource: 0, ExtraRowsTarget: 0 };

describe("a VDiff of v22", () => {
  it("compares every table and shows what it found", async () => {
    const uuid = randomUUID();
    const { vdiff_uuid } = await pair.vdiff("create", { uuid });
    expect(vdiff_uuid).toBe(uuid);
    const rows = await pair.finished(uuid);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(rows).toEqual(
      [
        ["customer", 3],
        ["notes", 2],
        ["product", 2],
      ].map(([table, count]) => ({
        vdiff_state: "completed",
        last_error: "",
        table_name: table,
        uuid,
        table_state: "completed",
        table_rows: String(count),
        started_at: time,
        rows_compared: String(count),
        completed_at: time,
        has_mismatch: "0",
        report:
          `{"TableName": "${table}", "MatchingRows": ${count}, "ProcessedRows": ${count}, "MismatchedRows": 0, ` +
          '"ExtraRowsSource": 0, "ExtraRowsTarget": 0}',
      })),
    );
    expect(await pair.streams()).toMatchObject([{ state: "Running", message: "", stop_pos: "" }]);
    const [row] = (await pair.vdiff("show", { arg: "all" })).rows;
    expect(row?.options).toBe(
      '{"core_options": {"max_rows": 9223372036854775807, "auto_retry": true, "sample_pct": 100, "timeout_seconds": 30, ' +
        '"max_extra_rows_to_compare": 1000}, "picker_options": {"source_cell": "zx", "target_cell": "zone1", ' +
        '"tablet_types": "in_order:RDONLY,REPLICA,PRIMARY"}, "report_options": {"format": "text", "max_sample_rows": 10}}',
    );
    expect(row).toMatchObject({ workflow: "wf", keyspace: "commerce", shard: "0", db_name: "vt_commerce" });
    expect(row).toMatchObject({ state: "completed", last_error: "", liveness_timestamp: null });
    const log = rowsOf(pair.targetPrimary, `select message from _vt.vdiff_log where vdiff_id = ${row?.id} order by id`);
    expect(log.flat()).toEqual([
      "State changed to: started",
      ...["customer", "notes", "product"].flatMap((table) => [
        `started: table '${table}'`,
        `completed: table '${table}'`,
        `completed: table '${table}'`,
      ]),
      "State changed to: completed",
    ]);
  });

  it("finds rows that differ, are missing, and are extra", async () => {
    run(
      pair.targetPrimary,
      `update customer set email = 'other' where customer_id = 1; update customer set email = '' where customer_id = 3;
       delete from product where sku = 'SKU-2'; insert into product values ('SKU-0', '', null), ('SKU-9', 'x', 1), ('T', 'y', 2)`,
    );
    const { customer, product, notes } = await compare({ core_options: { update_table_stats: true } });
    expect(customer).toMatchObject({ has_mismatch: "1", rows_compared: "3", vdiff_state: "completed" });
    expect(customer?.report).toEqual({
      ...equal,
      TableName: "customer",
      ProcessedRows: 3,
      MatchingRows: 1,
      MismatchedRows: 2,
      MismatchedRowsSample: [
        {
          Source: { Row: { customer_id: "1", email: "a@x" } },
          Target: { Row: { customer_id: "1", email: "other" } },
        },
        { Source: { Row: { customer_id: "3", email: "" } }, Target: { Row: { customer_id: "3", email: "" } } },
      ],
    });
    expect(product).toMatchObject({ has_mismatch: "1", rows_compared: "5" });
    expect(product?.report).toEqual({
      ...equal,
      TableName: "product",
      ProcessedRows: 5,
      MatchingRows: 1,
      ExtraRowsSource: 1,
      ExtraRowsTarget: 3,
      ExtraRowsSourceSample: [{ Row: { sku: "SKU-2", description: "Keyboard", price: "30" } }],
      // Of those behind the other side's end only the first is shown.
      ExtraRowsTargetSample: [
        { Row: { sku: "SKU-0", description: "", price: "" } },
        { Row: { sku: "SKU-9", description: "x", price: "1" } },
      ],
    });
    expect(notes).toMatchObject({ has_mismatch: "0" });
  });

  it("takes the tables that it is told, and knows no others", async () => {
    expect(Object.keys(await compare({ core_options: { tables: "product,notes,nothing" } }))).toEqual([
      "notes",
      "product",
    ]);
    const none = await compare({ core_options: { tables: "nothing, product", auto_retry: false } });
    expect(none).toMatchObject({
      null: {
        vdiff_state: "error",
        last_error:
          'buildPlan: no tables found to diff, nothing, product:[nothing  product], on tablet cell:"zone1" uid:1',
      },
    });
  });

  it("takes zeros for zeros", async () => {
    run(pair.targetPrimary, "update customer set email = 'other'; delete from product");
    const tables = { tables: "customer" };
    const nothing = await compare({ core_options: { ...tables, max_rows: 0 } });
    expect(nothing).toMatchObject({ customer: { rows_compared: "0", has_mismatch: "0", vdiff_state: "completed" } });
    const late = await compare({ core_options: { ...tables, timeout_seconds: 0, auto_retry: false } });
    expect(late).toMatchObject({
      customer: {
        vdiff_state: "error",
        last_error:
          "WaitForPosition for tablet zx-0000000002: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        table_state: "error",
      },
    });
    const { product } = await compare({ core_options: { tables: "product", max_extra_rows_to_compare: 0 } });
    // What is left of the longer side is one sample, whatever the limit.
    expect(product?.report).toMatchObject({ ExtraRowsSource: 2, ExtraRowsSourceSample: [{ Row: { sku: "SKU-1" } }] });
  });

  it("stops at a row limit, and counts steps, not rows", async () => {
    const { customer, product } = await compare({ core_options: { tables: "customer,product", max_rows: 2 } });
    expect(customer).toMatchObject({ rows_compared: "2", report: { MatchingRows: 2 } });
    expect(product).toMatchObject({ rows_compared: "2", report: { MatchingRows: 2 } });
  });

  it("shows as much of rows as it is told", async () => {
    run(
      pair.targetPrimary,
      "update customer set email = 'other'; delete from product where sku = 'SKU-1'; insert into customer values (4, repeat('x', 44))",
    );
    const keys = await compare({ report_options: { only_pks: true, debug_query: true, max_sample_rows: 2 } });
    const row = (id: string) => ({
      Row: { customer_id: id },
      Query: `select customer_id from customer where customer_id=${id};`,
    });
    expect(keys.customer?.report.MismatchedRowsSample).toEqual([
      { Source: row("1"), Target: row("1") },
      { Source: row("2"), Target: row("2") },
    ]);
    expect(keys.product?.report.ExtraRowsSourceSample).toEqual([
      { Row: { sku: "SKU-1" }, Query: "select sku from product where sku='SKU-1';" },
    ]);
    const extra = async (at: number) =>
      (await compare({ core_options: { tables: "customer" }, report_options: { row_diff_column_truncate_at: at } }))
        .customer?.report.ExtraRowsTargetSample;
    expect(await extra(10)).toEqual([{ Row: { customer_id: "4", email: "xxxxxxxxxx...[TRUNCATED]" } }]);
    expect(await extra(11)).toEqual([{ Row: { customer_id: "4", email: "x".repeat(44) } }]);
  });

  it("waits to be started if it shall", async () => {
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: { core_options: { tables: "notes", auto_start: false } } });
    expect((await pair.vdiff("show", { arg: uuid })).rows).toMatchObject([
      { vdiff_state: "stopped", table_name: null },
    ]);
    await pair.vdiff("resume", { uuid });
    expect(await pair.finished(uuid)).toMatchObject([{ table_name: "notes", rows_compared: "2" }]);
  });
});

describe("the VDiff RPC of v22", () => {
  const failure = (action: string, request: Parameters<VDiffPair["vdiff"]>[1]) =>
    pair.vdiff(action, request).then(
      () => "nothing",
      ({ code, details }) => `${code}: ${details}`,
    );
  const options = { core_options: { tables: "notes" } };
  const on = "2: TabletManager.VDiff on zone1-0000000001:";

  it("shows the last one, and all of a workflow, newest first", async () => {
    expect(await pair.vdiff("show", { arg: "last" })).toEqual({ id: "0", vdiff_uuid: "", rows: [] });
    expect((await pair.vdiff("show", { arg: "all" })).rows).toEqual([]);
    const [first, second] = [randomUUID(), randomUUID()];
    await pair.vdiff("create", { uuid: first, options });
    await pair.vdiff("create", { uuid: second, options });
    await pair.vdiff("create", {
      uuid: randomUUID(),
      workflow: "other",
      options: { core_options: { auto_start: false } },
    });
    await pair.finished(first);
    await pair.finished(second);
    expect((await pair.vdiff("show", { arg: "last" })).vdiff_uuid).toBe(second);
    const all = await pair.vdiff("show", { arg: "all" });
    expect(all.rows.map(({ vdiff_uuid: uuid }) => uuid)).toEqual([second, first]);
    await pair.vdiff("delete", { arg: "all", workflow: "other" });
  });

  it("deletes one, whose log stays, or all of a workflow", async () => {
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options });
    await pair.finished(uuid);
    const [{ id } = {}] = (await pair.vdiff("show", { arg: "all" })).rows;
    const left = () =>
      ["vdiff where id", "vdiff_table where vdiff_id", "vdiff_log where vdiff_id"].map(
        (table) => rowsOf(pair.targetPrimary, `select 1 from _vt.${table} = ${id}`).length > 0,
      );
    expect(left()).toEqual([true, true, true]);
    await pair.vdiff("delete", { arg: `{${uuid.toUpperCase()}}` });
    expect(left()).toEqual([false, false, true]);
    expect(await pair.vdiff("delete", { arg: "all" })).toMatchObject({ rows: [] });
  });

  it("refuses in Vitess's words", async () => {
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options });
    expect(await failure("create", { uuid })).toBe(
      `${on} vdiff with UUID ${uuid} already exists on tablet zone1-0000000001`,
    );
    await pair.finished(uuid);
    const other = randomUUID();
    expect(await failure("show", { arg: other })).toBe(
      `${on} no vdiff found for UUID ${other} keyspace commerce and workflow wf on tablet zone1-0000000001`,
    );
    expect(await failure("resume", { uuid: other })).toBe(
      `${on} vdiff with UUID ${other} not found on tablet zone1-0000000001`,
    );
    expect(await failure("delete", { arg: other })).toBe(
      `2: TabletManager.VDiff on zone1-0000000001: no vdiff found for UUID ${other} on tablet zone1-0000000001`,
    );
    expect(await failure("show", { arg: "some" })).toBe(`${on} action argument some not supported`);
    expect(await failure("delete", { arg: "last" })).toBe(`${on} action argument last not supported`);
    expect(await failure("Create", { uuid: other })).toBe(`${on} action Create not supported`);
    expect(await failure("stop", { uuid: other })).toBe("nothing");
  });
});
