/** VDiff between keyspaces of any shards: each planted difference is found, and no other. */
import { afterEach, describe, expect, it } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import type { MessageInput } from "../../src/wire/proto.js";
import { Lab, sql } from "../support/lab.js";

/** Customers by another function than the source's, orders by another column. */
const resharded: MessageInput<"vschema.Keyspace"> = {
  sharded: true,
  vindexes: { ours: { type: "xxhash" }, theirs: { type: "hash" }, text: { type: "binary_md5" } },
  tables: {
    product: { type: "reference" },
    customer: { column_vindexes: [{ column: "customer_id", name: "ours" }] },
    corder: { column_vindexes: [{ column: "order_id", name: "theirs" }] },
    kinds: { column_vindexes: [{ column: "id", name: "ours" }] },
    notes: { column_vindexes: [{ column: "author", name: "text" }] },
  },
};

const ROWS = 60;

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

interface Shape {
  from: string[];
  to: string[];
  profile: ProfileName;
  vschema?: MessageInput<"vschema.Keyspace">;
}

async function start({ from, to, profile, vschema }: Shape): Promise<Lab> {
  lab = await Lab.start({
    rows: ROWS,
    sourceProfile: profile,
    targetProfile: profile,
    source: sourceCluster({ shards: from }),
    target: targetCluster({ shards: to, ...(vschema && { vschema }) }),
  });
  const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
  expect(created).toMatchObject({ code: 0 });
  return lab;
}

/** Processed, matching, mismatched, extra on the source, extra on the target. */
type Counts = [number, number, number, number, number];

async function compare(
  on: Lab,
  words = "",
): Promise<{ code: number | null; stderr: string; counts: Record<string, Counts> }> {
  const { code, stdout, stderr } = await on.type(`VDiff ${words} -format json commerce.wf`.replace("  ", " "));
  const reports: Record<string, Record<string, number>> = JSON.parse(stdout || "{}");
  const counts = Object.entries(reports).map(([table, report]): [string, Counts] => [
    table,
    [
      report.ProcessedRows ?? -1,
      report.MatchingRows ?? -1,
      report.MismatchedRows ?? -1,
      report.ExtraRowsSource ?? -1,
      report.ExtraRowsTarget ?? -1,
    ],
  ]);
  return { code, stderr, counts: Object.fromEntries(counts) };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the lab has less than that");
  return value;
}

const firstKey = (on: SandboxTablet, table: string, key: string) =>
  required(sql(on, `select min(${key}) as k from ${table}`)[0]?.k ?? undefined);

const shapes: Shape[] = [
  { from: ["0"], to: ["-80", "80-"], profile: "v14" },
  { from: ["-80", "80-"], to: ["-40", "40-80", "80-"], profile: "v22" },
  { from: ["-40", "40-80", "80-"], to: ["-c0", "c0-"], profile: "v18", vschema: resharded },
  { from: ["-40", "40-80", "80-"], to: ["-c0", "c0-"], profile: "v11", vschema: resharded },
  { from: ["-80", "80-"], to: ["0"], profile: "v22" },
];

describe.each(shapes)("$from to $to on $profile", { timeout: 180_000 }, (shape) => {
  it("finds what is missing, left over or changed on any shard", async () => {
    const lab = await start(shape);
    const copies = shape.to.length;
    const products = ROWS * copies;
    const equal = await compare(lab);
    expect(equal).toMatchObject({
      code: 0,
      counts: {
        product: [products, products, 0, 0, 0],
        customer: [ROWS, ROWS, 0, 0, 0],
        corder: [ROWS, ROWS, 0, 0, 0],
      },
    });
    for (const [, , ...different] of Object.values(equal.counts)) expect(different).toEqual([0, 0, 0]);
    expect(equal.stderr.includes("have a copy each of product")).toBe(copies > 1);

    const primaries = lab.primaries("target");
    const [first, last] = [required(primaries[0]), required(primaries.at(-1))];
    sql(
      first,
      `update customer set email = 'changed' where customer_id = ${firstKey(first, "customer", "customer_id")}`,
      "insert into customer (customer_id, email) values (1000000, 'more')",
      "update product set price = -1 where sku = 'SKU-1005'",
    );
    sql(
      last,
      `delete from corder where order_id = ${firstKey(last, "corder", "order_id")}`,
      "delete from product where sku = 'SKU-1003'",
      "insert into product values ('SKU-9', 'more', 1)",
      "insert into notes values ('nobody', null, 'more')",
    );
    const different = await compare(lab);
    expect(different).toMatchObject({
      code: 3,
      counts: {
        product: [products + 1, products - 2, 1, 1, 1],
        customer: [ROWS + 1, ROWS - 1, 1, 0, 1],
        corder: [ROWS, ROWS - 1, 0, 1, 0],
      },
    });
    expect(different.counts.notes?.slice(2)).toEqual([0, 0, 1]);
    expect(different.counts.kinds).toEqual(equal.counts.kinds);
    expect(lab.streams().map(({ state, message, stop_pos }) => [state, message, stop_pos])).toEqual(
      lab.streams().map(() => ["Running", "", null]),
    );
  });
});

it("compares shards that are connected by streams apart from the others", { timeout: 120_000 }, async () => {
  const lab = await start({ from: ["-80", "80-"], to: ["-80", "80-"], profile: "v22" });
  expect((await compare(lab)).code).toBe(0);
  const [low, high] = lab.primaries("target").map(required) as [SandboxTablet, SandboxTablet];
  const id = firstKey(low, "customer", "customer_id");
  const [row] = sql(low, `select email from customer where customer_id = ${id}`);
  sql(low, `delete from customer where customer_id = ${id}`);
  sql(high, `insert into customer (customer_id, email) values (${id}, '${row?.email}')`);
  expect((await compare(lab)).counts.customer).toEqual([ROWS + 1, ROWS - 1, 0, 1, 1]);
});

it("goes on while the application writes to every shard", { timeout: 120_000 }, async () => {
  const lab = await start({ from: ["-80", "80-"], to: ["-c0", "c0-"], profile: "v22", vschema: resharded });
  let writing = true;
  const writer = (async () => {
    for (let round = 0; writing; round++) {
      for (const primary of lab.primaries("source")) {
        sql(
          primary,
          `update customer set email = 'round${round}'`,
          `update product set price = ${round}`,
          `delete from product where sku = 'SKU-1001'`,
          `insert into product values ('SKU-1001', 'again', ${round})`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  })();
  try {
    for (let round = 0; round < 3; round++) {
      const found = await compare(lab, "-tables customer,product");
      expect(found).toMatchObject({
        code: 0,
        counts: { customer: [ROWS, ROWS, 0, 0, 0], product: [2 * ROWS, 2 * ROWS, 0, 0, 0] },
      });
    }
  } finally {
    writing = false;
    await writer;
  }
});
