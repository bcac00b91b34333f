/** What a real tablet answered, read; and what vtctlclient v22.0.3 printed of such answers, byte by byte. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTabletClients } from "../../../../src/tablet/grpc/clients.js";
import type { Tablet } from "../../../../src/tablet/port.js";
import { readShown, type ShardVdiff } from "../../../../src/vdiff/tablet-engine/shown.js";
import { type Summary, summarize } from "../../../../src/vdiff/tablet-engine/summary.js";
import { renderList, renderListJson } from "../../../../src/vdiff/tablet-engine/view/list-text.js";
import { renderSummaryJson } from "../../../../src/vdiff/tablet-engine/view/summary-json.js";
import { renderSummary } from "../../../../src/vdiff/tablet-engine/view/summary-text.js";
import type { ShardAnswer } from "../../../../src/vdiff/tablet-engine/workflow.js";
import { type RecordedTablet, startRecordedTablet } from "../../../support/recorded-tablet.js";
import { recorded } from "../../../support/recording.js";

describe("a real tablet's answer (v22.0.3)", () => {
  let server: RecordedTablet;
  let tablet: Tablet;
  const clients = createTabletClients();
  beforeAll(async () => {
    server = await startRecordedTablet("22.0.3");
    tablet = clients.open(server.record);
  });
  afterAll(() => {
    clients.close();
    server.stop();
  });

  test("is read", async () => {
    const call = { keyspace: "commerce", workflow: "wf", action: "show", actionArg: "last" };
    const { uuid, output } = await tablet.vdiff(call);
    expect(uuid).toBe("08e244e8-e692-11f1-a6cd-ee3135ce39ee");
    const shown = readShown(output, { shard: "0", tablet: "zone1-0000000001" });
    expect(shown).toMatchObject({ state: "completed", lastError: "", startedAt: "2026-11-22 16:30:31" });
    expect(
      shown?.tables.map(({ name, state, rowsCompared, mismatch }) => [name, state, rowsCompared, mismatch]),
    ).toEqual([
      ["corder", "completed", 5, false],
      ["customer", "completed", 5, false],
      ["notes", "completed", 4, false],
      ["product", "completed", 2, false],
    ]);
    expect(shown?.tables[0]?.report).toMatchObject({ TableName: "corder", ProcessedRows: 5, MatchingRows: 5 });
  });
});

function answer(
  shard: string,
  vdiff: Omit<ShardVdiff, "shard" | "tablet" | "state" | "lastError" | "tables">,
  tables: Record<string, number>,
) {
  const answered: ShardVdiff = {
    shard,
    tablet: "zone1-0000000001",
    state: "completed",
    lastError: "",
    ...vdiff,
    tables: Object.entries(tables).map(([name, rows]) => ({
      name,
      state: "completed",
      rows,
      rowsCompared: rows,
      mismatch: false,
      report: {
        TableName: name,
        ProcessedRows: rows,
        MatchingRows: rows,
        MismatchedRows: 0,
        ExtraRowsSource: 0,
        ExtraRowsTarget: 0,
      },
    })),
  };
  return { target: { shard: { name: shard } }, answer: answered } as unknown as ShardAnswer<ShardVdiff>;
}

const listed = ({ workflow, keyspace, uuid, shards }: Summary) =>
  shards.map(({ shard, tablet, state }) => ({
    workflow,
    keyspace,
    uuid,
    shard,
    tablet,
    state,
    lastError: "",
    createdAt: "",
    options: {},
  }));

describe("vtctlclient's words", () => {
  const FILE = "vtctlclient-v22.0.3.txt";
  const uuid = "11111111-2222-3333-4444-555555555555";
  const at = "2026-11-22 16:36:51";
  const one = summarize(
    { keyspace: "commerce", workflow: "wf", uuid },
    [answer("0", { startedAt: at, completedAt: at }, { product: 2, corder: 5, notes: 4, customer: 5 })],
    new Date(),
  );

  test("one shard", () => {
    expect(renderSummary(one, { verbose: false })).toBe(recorded(FILE, "VDiff commerce.wf show last").stdout);
    expect(renderSummary(one, { verbose: true })).toBe(recorded(FILE, "VDiff --verbose commerce.wf show last").stdout);
    expect(renderSummaryJson(one, { verbose: false })).toBe(
      recorded(FILE, "VDiff --format json commerce.wf show last").stdout,
    );
    expect(renderList(one, listed(one))).toBe(recorded(FILE, "VDiff commerce.wf show all").stdout);
  });

  test("two shards", () => {
    const file = "vtctlclient-v22.0.3-two-shards.txt";
    const two = summarize(
      { keyspace: "customer", workflow: "sh", uuid: "22222222-2222-3333-4444-555555555555" },
      [
        answer("80-", { startedAt: "2026-11-22 17:23:55", completedAt: "2026-11-22 17:23:55" }, { customer: 8 }),
        answer("-80", { startedAt: "2026-11-22 17:23:54", completedAt: "2026-11-22 17:23:54" }, { customer: 10 }),
      ],
      new Date(),
    );
    expect(renderSummary(two, { verbose: false })).toBe(recorded(file, "VDiff customer.sh show last").stdout);
    expect(renderSummaryJson(two, { verbose: false })).toBe(
      recorded(file, "VDiff --format json customer.sh show last").stdout,
    );
    expect(renderList(two, listed(two))).toBe(recorded(file, "VDiff customer.sh show all").stdout);
    expect(JSON.parse(renderListJson(listed(two)))).toEqual([
      { UUID: two.uuid, Workflow: "sh", Keyspace: "customer", Shard: "-80", State: "completed" },
      { UUID: two.uuid, Workflow: "sh", Keyspace: "customer", Shard: "80-", State: "completed" },
    ]);
  });
});
