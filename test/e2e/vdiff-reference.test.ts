/** VDiff of a table that each shard has whole, between any numbers of shards. */
import { afterEach, expect, it } from "vitest";
import { Lab, sql } from "../support/lab.js";

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const shapes: [string[], string[]][] = [
  [["0"], ["-80", "80-"]],
  [["-40", "40-80", "80-"], ["0"]],
  [
    ["-40", "40-80", "80-"],
    ["-80", "80-"],
  ],
];

it.each(shapes)("from %j to %j", { timeout: 120_000 }, async (sourceShards, targetShards) => {
  lab = await Lab.start({ typesHere: true, sourceShards, targetShards, rows: 12 });
  expect(await lab.type("Migrate -tables product -source ext1.commerce Create commerce.wf")).toMatchObject({ code: 0 });
  const equal = await lab.type("VDiff -wait commerce.wf");
  const copies = targetShards.length;
  expect(equal.stdout).toContain(
    `Summary for table product:\n\tProcessedRows: ${12 * copies}\n\tMatchingRows: ${12 * copies}\n`,
  );
  expect(equal.code).toBe(0);

  const [first, last] = [lab.primaries("target")[0], lab.primaries("target").at(-1)];
  if (first === undefined || last === undefined) throw new Error("the target has primaries");
  sql(last, "delete from product where sku = 'SKU-1003'");
  sql(first, "insert into product values ('SKU-9', 'more', 1)", "update product set price = -1 where sku = 'SKU-1005'");
  const differs = await lab.type("VDiff commerce.wf");
  expect(differs.code).toBe(3);
  expect(differs.stdout).toMatch(/\tMismatchedRows: 1\n\tExtraRowsSource: 1\n\tExtraRowsTarget: 1\n/);
});
