/** Rows on another shard than that of their keyspace id: VDiff -full finds them, though both sides have them. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { targetCluster } from "../../src/sandbox/cluster/shape.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import { encode, type MessageInput } from "../../src/wire/proto.js";
import { Lab, sql } from "../support/lab.js";

const ROWS = 40;

const vschema: MessageInput<"vschema.Keyspace"> = {
  sharded: true,
  vindexes: { ours: { type: "xxhash" }, theirs: { type: "hash" }, text: { type: "binary_md5" } },
  tables: {
    product: { type: "reference" },
    customer: { column_vindexes: [{ column: "customer_id", name: "theirs" }] },
    corder: { column_vindexes: [{ column: "order_id", name: "ours" }] },
    kinds: { column_vindexes: [{ column: "id", name: "ours" }] },
    notes: { column_vindexes: [{ column: "author", name: "text" }] },
  },
};

const validate = new Ajv2020({ strictTypes: false }).compile(
  JSON.parse(readFileSync("docs/vdiff.schema.json", "utf8")),
);

let lab: Lab;
beforeAll(async () => {
  const target = targetCluster({ shards: ["-40", "40-80", "80-"], vschema });
  lab = await Lab.start({ typesHere: true, rows: ROWS, sourceShards: ["-80", "80-"], target });
  const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
  expect(created).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => lab.close());

const on = (shard: string) => lab.primaryOf("target", shard);

function firstRow(tablet: SandboxTablet, table: string, key: string): Record<string, string | null> {
  const [row] = sql(tablet, `select * from ${table} order by ${key} limit 1`);
  if (row === undefined) throw new Error(`${table} is empty on ${tablet.shard}`);
  return row;
}

it("says so when each row is where it belongs", { timeout: 120_000 }, async () => {
  const { code, stdout } = await lab.type("VDiff -full commerce.wf");
  expect(code).toBe(0);
  expect(stdout).toContain(
    "\n\nProof: every row of both sides was read, each table at one position.\nPlacement checked: corder, customer, kinds, notes.\n\nVDiff took ",
  );
  expect(stdout).not.toContain("Misplaced");
});

it("finds a row that was moved, and one of which there is a copy", { timeout: 120_000 }, async () => {
  const moved = firstRow(on("-40"), "customer", "customer_id");
  sql(on("-40"), `delete from customer where customer_id = ${moved.customer_id}`);
  sql(on("80-"), `insert into customer (customer_id, email) values (${moved.customer_id}, '${moved.email}')`);
  const copied = firstRow(on("80-"), "corder", "order_id");
  const { order_id, customer_id, sku, price } = copied;
  sql(
    on("40-80"),
    `insert into corder (order_id, customer_id, sku, price) values (${order_id}, ${customer_id}, '${sku}', ${price})`,
  );

  const { code, stdout } = await lab.type("VDiff -full commerce.wf");
  expect(code).toBe(3);
  const [, corder = "", customer = ""] = stdout.split(/^Summary for table/m);
  expect(customer).toContain(
    `\tMatchingRows: ${ROWS}\n\tMismatchedRows: 0\n\tExtraRowsSource: 0\n\tExtraRowsTarget: 0\n\tMisplacedRows: 1\n\tSample misplaced row 0:\n\t\t\t customer_id: ${moved.customer_id} (INT64)\n`,
  );
  expect(customer).toContain("\t\tFound on 80-, belongs on -40\n");
  expect(corder).toContain(
    `\tMatchingRows: ${ROWS}\n\tMismatchedRows: 0\n\tExtraRowsSource: 0\n\tExtraRowsTarget: 1\n`,
  );
  expect(corder).toContain("\tMisplacedRows: 1\n\tSample extra row in target 0:\n");
  expect(corder).toContain("\t\tFound on 40-80, belongs on 80-\n");

  const json = await lab.type("VDiff -full -json -only_pks -debug_query commerce.wf");
  expect(json.code).toBe(3);
  const document = JSON.parse(json.stdout);
  expect([validate(document), validate.errors]).toEqual([true, null]);
  expect(document.tables[1]).toMatchObject({
    table: "customer",
    placement: { checked: true, vindex: "theirs (customer_id)", rows: ROWS },
    misplacedRows: 1,
    misplacedSamples: [
      {
        foundOn: "80-",
        belongsOn: "-40",
        row: { customer_id: Number(moved.customer_id) },
        query: `select customer_id from customer where customer_id=${moved.customer_id};`,
      },
    ],
  });
  expect(document.tables[3].placement).toMatchObject({ checked: true });
  expect(document.tables[4].placement).toEqual({
    checked: false,
    reason: "a reference table, which every shard has whole",
    needed: false,
  });
  const { stdout: theirs } = await lab.type("VDiff -full -format json -tables customer commerce.wf");
  expect(theirs).not.toMatch(/isplaced|oof/);
  expect(Object.keys(JSON.parse(theirs).customer)).toHaveLength(9);
});

it("says of which tables it can't tell, and doesn't guess", { timeout: 120_000 }, async () => {
  const { contents, version } = await lab.topo.vschema("commerce");
  const changed = encode("vschema.Keyspace", {
    ...vschema,
    vindexes: {
      ...vschema.vindexes,
      loose: { type: "unicode_loose_md5" },
      found: { type: "consistent_lookup_unique", params: { table: "l", from: "id", to: "keyspace_id" } },
    },
    tables: {
      ...vschema.tables,
      notes: { column_vindexes: [{ column: "author", name: "loose" }] },
      kinds: { column_vindexes: [{ column: "id", name: "found" }] },
    },
  });
  await lab.topo.saveVSchema("commerce", changed, version);
  try {
    const { code, stdout } = await lab.type("VDiff -full -tables kinds,notes,product commerce.wf");
    expect(code).toBe(0);
    expect(stdout.split("\n\n")[1]?.split("\n").slice(1)).toEqual([
      "Placement not checked: kinds (rows are found by lookup only: found).",
      "Placement not checked: notes (keyspace ids of vindex loose (unicode_loose_md5) aren't computed here).",
      "Tables not compared: corder, customer.",
    ]);
  } finally {
    await lab.topo.saveVSchema("commerce", contents, (await lab.topo.vschema("commerce")).version);
  }
});
