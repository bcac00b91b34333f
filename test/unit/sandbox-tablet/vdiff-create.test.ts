import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { run } from "./clusters.js";
import { startCopied, type VDiffPair } from "./vdiff-pair.js";

let pair: VDiffPair;
beforeAll(async () => {
  pair = await startCopied(profiles.v22);
});
afterAll(() => pair?.stop());

describe("a VDiff of v22", () => {
  it("compares every table and shows what it found", async () => {
    const uuid = randomUUID();
    const { id, vdiff_uuid } = await pair.vdiff("create", { uuid });
    expect({ id, vdiff_uuid }).toEqual({ id: "1", vdiff_uuid: uuid });
    const rows = await pair.finished(uuid);
    expect(rows.map(({ started_at: _, completed_at: __, ...row }) => row)).toEqual(
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
        rows_compared: String(count),
        has_mismatch: "0",
        report:
          `{"TableName": "${table}", "MatchingRows": ${count}, "ProcessedRows": ${count}, "MismatchedRows": 0, ` +
          '"ExtraRowsSource": 0, "ExtraRowsTarget": 0}',
      })),
    );
    expect(await pair.streams()).toMatchObject([{ state: "Running", message: "", stop_pos: "" }]);
  });
});
