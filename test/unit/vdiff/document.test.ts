/** `-json VDiff` prints what docs/vdiff.schema.json says. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { runVdiff, type VdiffResult } from "../../../src/vdiff/client-engine.js";
import { emptyReport, type SampleRow, type SampleValue } from "../../../src/vdiff/report.js";
import { resultDocument } from "../../../src/vdiff/view/document.js";
import { commerce, plantDifferences } from "./fake/commerce.js";
import { request } from "./fake/request.js";

const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(
  JSON.parse(readFileSync("docs/vdiff.schema.json", "utf8")),
);

interface Printed {
  tables: Record<string, unknown>[];
  [property: string]: unknown;
}

/** As a script reads it; fails where the schema doesn't allow it. */
function printed(result: VdiffResult): Printed {
  const document = JSON.parse(JSON.stringify(resultDocument(result)));
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  return document;
}

describe("a comparison's document", () => {
  test("says why rows differ", async () => {
    const clusters = commerce();
    plantDifferences(clusters);
    const document = printed(await runVdiff(clusters.ctx, request));
    expect(document).toMatchObject({ proof: "rows", hasDifferences: true, complete: true, uncomparedTables: [] });
    const [corder, customer, , product] = document.tables;
    expect(corder).toMatchObject({
      extraRowsSource: 1,
      extraSourceSamples: [{ missingOn: "target", row: { order_id: 5, customer_id: 5, sku: "SKU-1002", price: 30 } }],
    });
    expect(customer?.mismatchSamples).toEqual([
      {
        differingColumns: ["email"],
        source: { row: { customer_id: 2, email: "bob@domain.com" } },
        target: { row: { customer_id: 2, email: "changed@x" } },
      },
    ]);
    expect(product?.extraTargetSamples).toMatchObject([{ missingOn: "source", row: { sku: "SKU-9" } }]);
    expect(product?.placement).toEqual({ checked: false, reason: "commerce has one shard", needed: false });
  });

  test("with -only_pks shows the key, and all the same which columns differ; with -debug_query the queries", async () => {
    const clusters = commerce();
    plantDifferences(clusters);
    const document = printed(await runVdiff(clusters.ctx, { ...request, onlyPks: true, debugQuery: true }));
    const shown = { row: { customer_id: 2 }, query: "select customer_id from customer where customer_id=2;" };
    expect(document.tables[1]?.mismatchSamples).toEqual([
      { differingColumns: ["email"], source: shown, target: shown },
    ]);
  });

  test("names what -tables and -limit leave out", async () => {
    const chosen = printed(await runVdiff(commerce().ctx, { ...request, tables: ["corder", "notes"] }));
    expect(chosen).toMatchObject({ complete: false, uncomparedTables: ["customer", "product"] });
    expect(chosen.tables.map(({ whole }) => whole)).toEqual([true, true]);
    const limited = printed(await runVdiff(commerce().ctx, { ...request, limit: 7 }));
    expect(limited).toMatchObject({ complete: false, uncomparedTables: ["notes", "product"] });
    expect(limited.tables.map(({ whole, processedRows }) => [whole, processedRows])).toEqual([
      [true, 5],
      [false, 2],
      [false, 0],
      [false, 0],
    ]);
  });
});

test("the example in the documentation is one", () => {
  const example = /```json\n([\s\S]*?)```/.exec(readFileSync("docs/vdiff-report.md", "utf8"))?.[1] ?? "";
  validate(JSON.parse(example));
  expect(validate.errors).toBeNull();
});

const value = (label: string, type: SampleValue["type"], bytes: Buffer | string | null): SampleValue => ({
  label,
  type,
  value: typeof bytes === "string" ? Buffer.from(bytes) : bytes,
});

test("values keep what they are: exact numbers, text, bytes, NULL", () => {
  const row: SampleRow = {
    values: [
      value("small", "INT64", "-7"),
      value("large", "UINT64", "18446744073709551615"),
      value("exact", "DECIMAL", "1.10"),
      value("text", "VARCHAR", "Ä\n😀".padEnd(3000, "x")),
      value("digits", "VARCHAR", "7"),
      value("bytes", "VARBINARY", Buffer.from("ff00", "hex")),
      value("bit", "BIT", "\u0001"),
      value("none", "INT64", null),
    ],
    query: "",
  };
  const report = {
    ...emptyReport("t"),
    misplacedRows: 1,
    misplacedSamples: [{ row, foundOn: "-80", belongsOn: undefined }],
  };
  const document = printed({
    keyspace: "ks",
    workflow: "wf",
    proof: "checksums",
    tables: [{ ...report, placement: { checked: true, vindex: "hash (small)", rows: 3 } }],
    hasDifferences: true,
    complete: true,
    uncomparedTables: [],
    seconds: 0,
  });
  expect(document.tables[0]?.misplacedSamples).toEqual([
    {
      foundOn: "-80",
      belongsOn: null,
      row: {
        small: -7,
        large: "18446744073709551615",
        exact: "1.10",
        text: "Ä\n😀".padEnd(3000, "x"),
        digits: "7",
        bytes: { hex: "ff00" },
        bit: { hex: "01" },
        none: null,
      },
    },
  ]);
});
