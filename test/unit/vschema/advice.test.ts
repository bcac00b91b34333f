import { describe, expect, test } from "vitest";
import { type AdviceInput, adviseVSchema } from "../../../src/vschema/advice.js";
import { adviceLines, nameSome } from "../../../src/vschema/advice-text.js";
import type { Keyspace } from "../../../src/wire/generated/vschema/Keyspace.js";
import { decode, encode } from "../../../src/wire/proto.js";

const vschema = (keyspace: Keyspace) => decode("vschema.Keyspace", encode("vschema.Keyspace", keyspace));
const byId = { column_vindexes: [{ column: "customer_id", name: "hash" }] };
const numbered = { auto_increment: { column: "customer_id", sequence: "customer_seq" } };
const sharded = { sharded: true, vindexes: { hash: { type: "hash" } } };

function advise(source: Keyspace, target: Keyspace, more: Partial<AdviceInput> = {}) {
  const tables = more.tables ?? Object.keys(source.tables ?? {});
  return adviseVSchema({ tables, source: vschema(source), target: vschema(target), ...more });
}

function lines(...args: Parameters<typeof advise>): string[] {
  return adviceLines(advise(...args), { source: "ext1.commerce", target: "commerce" });
}

const GET = "vtmigrate GetVSchema ext1.commerce shows the VSchema, and ";
const APPLY = "vtmigrate ApplyVSchema -vschema_file <file> commerce replaces the target's.";

test("where both say the same there is nothing to say", () => {
  expect(lines({ tables: { product: {}, customer: {} } }, {})).toEqual([]);
  const both = { ...sharded, tables: { customer: { ...byId, ...numbered, pinned: "80", columns: [{ name: "a" }] } } };
  expect(lines(both, both)).toEqual([]);
  expect(lines({ ...sharded, tables: { other: numbered } }, sharded, { tables: ["customer"] })).toEqual([]);
});

describe("what the source's entries say and the target's don't", () => {
  test("each kind is found, of the migrated tables only", () => {
    const source = {
      ...sharded,
      foreign_key_mode: "managed" as const,
      tables: {
        customer: {
          column_vindexes: [...byId.column_vindexes, { columns: ["Email", "b"], name: "emails" }],
          ...numbered,
        },
        customer_seq: { type: "sequence", pinned: "00" },
        region: { type: "reference", source: "main.region" },
        wide: { columns: [{ name: "a" }, { name: "b" }], column_list_authoritative: true },
        not_migrated: { pinned: "80" },
      },
    };
    const target = {
      ...sharded,
      tables: { customer: byId, region: { type: "reference" }, wide: { columns: [{ name: "A" }] } },
    };
    const { lacks, foreignKeyMode } = advise(source, target, {
      tables: ["wide", "region", "customer_seq", "customer"],
    });
    expect(lacks).toEqual([
      { table: "customer", kind: "columnVindexes", detail: "email+b by emails", useless: false },
      { table: "customer", kind: "autoIncrement", detail: "customer_id from customer_seq", useless: false },
      { table: "customer_seq", kind: "sequence", detail: "", useless: false },
      { table: "customer_seq", kind: "pinned", detail: "00", useless: false },
      { table: "region", kind: "reference", detail: "of main.region", useless: false },
      { table: "wide", kind: "columns", detail: "authoritative", useless: false },
    ]);
    expect(foreignKeyMode).toBe("managed");
  });

  test("another vindex on the same columns is the target's own choice", () => {
    const target = { ...sharded, tables: { customer: { column_vindexes: [{ columns: ["CUSTOMER_ID"], name: "x" }] } } };
    expect(advise({ ...sharded, tables: { customer: byId } }, target).lacks).toEqual([]);
  });

  test("an unsharded target does without vindexes, pins and plain reference tables", () => {
    const tables = { customer: byId, region: { type: "reference" }, seq: { pinned: "80" } };
    expect(lines({ ...sharded, tables }, {})).toEqual([
      "The VSchema of ext1.commerce has column vindexes, pinned, type reference for customer, region, seq: commerce is unsharded and does without.",
      GET + APPLY,
    ]);
  });

  test("a table named like what every object has is a table", () => {
    expect(lines({ tables: {} }, {}, { tables: ["constructor", "toString", "__proto__"] })).toEqual([]);
  });
});

describe("who numbers the rows", () => {
  const source = { ...sharded, tables: { customer: { ...byId, ...numbered } } };
  const targetSharded = { ...sharded, tables: { customer: byId } };
  const has = "The VSchema of ext1.commerce has, and that of commerce lacks:";
  const lack = "  auto_increment: customer.customer_id from customer_seq";
  const byMySql = (column?: string) => ({ autoIncrementColumns: new Map([["customer", column]]) });
  const recipe =
    "Before the application writes to the target, give these columns sequences: in an unsharded keyspace " +
    "create table customer_seq(id bigint, next_id bigint, cache bigint, primary key(id)) comment 'vitess_sequence', " +
    'with a row (0, <above the column\'s largest value>, 1000), "type": "sequence" in its VSchema, and "autoIncrement" in the table\'s.';

  const order = { corder: { ...byId, auto_increment: { column: "order_id", sequence: "order_seq" } } };

  test("a sequence's column that MySQL doesn't number takes no value at all", () => {
    const without = "No sequence fills customer.customer_id in commerce: inserts without a value fail.";
    expect(lines(source, targetSharded, byMySql())).toEqual([has, lack, without, recipe, GET + APPLY]);
    expect(lines(source, {}, byMySql("other"))).toContain(without);
  });

  test("nor does the column that rows are routed by, whatever MySQL would do", () => {
    expect(lines(source, targetSharded, byMySql("CUSTOMER_ID"))).toContain(
      "No sequence fills customer.customer_id in commerce: inserts without a value fail.",
    );
  });

  test("another one that MySQL numbers takes the same value on several shards", () => {
    const autoIncrementColumns = new Map([["corder", "ORDER_ID"]]);
    const target = { ...sharded, tables: { corder: byId } };
    expect(lines({ ...sharded, tables: order }, target, { autoIncrementColumns })).toEqual([
      has,
      "  auto_increment: corder.order_id from order_seq",
      "No sequence fills corder.order_id in commerce: each shard's MySQL counts for itself, so that the same value is given twice.",
      recipe.replace("customer_seq", "order_seq"),
      GET + APPLY,
    ]);
  });

  test("an unsharded target's MySQL goes on numbering, and needs no sequence", () => {
    const unsharded = { tables: { customer: numbered } };
    expect(lines(unsharded, {}, byMySql("customer_id"))).toEqual([
      has,
      lack,
      "No sequence fills customer.customer_id in commerce: MySQL's AUTO_INCREMENT does, above the largest value copied.",
      GET + APPLY,
    ]);
  });

  test("without the tables' definitions both are said", () => {
    expect(lines({ ...sharded, tables: order }, { ...sharded, tables: { corder: byId } })[2]).toBe(
      "No sequence fills corder.order_id in commerce: inserts without a value fail, or with AUTO_INCREMENT each shard's MySQL counts for itself, so that the same value is given twice.",
    );
    expect(lines(source, {})).toContain(
      "No sequence fills customer.customer_id in commerce: inserts without a value fail, except where MySQL has AUTO_INCREMENT.",
    );
  });

  test("AUTO_INCREMENT on a sharded target is said where no VSchema has a sequence", () => {
    const plain = { tables: { customer: {} } };
    const [first, second] = lines(plain, targetSharded, byMySql("customer_id"));
    expect(first).toBe("No sequence fills customer.customer_id in commerce: inserts without a value fail.");
    expect(second).toBe(recipe);
    const done = { ...sharded, tables: { customer: { ...byId, ...numbered } } };
    expect(lines(plain, done, byMySql("customer_id"))).toEqual([]);
    expect(lines(plain, {}, byMySql("customer_id"))).toEqual([]);
    const pinned = { ...sharded, tables: { customer: { pinned: "80" } } };
    expect(lines(plain, pinned, byMySql("customer_id"))).toEqual([]);
  });

  test("sequences that the target has are only named", () => {
    const found = { ...byMySql(), findsSequence: (name: string) => name === "customer_seq" };
    expect(lines(source, targetSharded, { ...found, sourceSequence: (name) => `lookup.${name}` })).toEqual([
      has,
      "  auto_increment: customer.customer_id from lookup.customer_seq",
      expect.stringContaining("inserts without a value fail"),
      `Before the application writes to the target, name lookup.customer_seq in the tables' "autoIncrement", with next_id above the columns' largest values.`,
      GET + APPLY,
    ]);
  });

  test("a target's sequence that its vtgates wouldn't find takes the table away", () => {
    expect(lines({ tables: { customer: {} } }, source, { findsSequence: () => false })).toEqual([
      "The VSchema of commerce takes customer.customer_id from customer_seq, which no VSchema of the target cluster has: its vtgates won't know customer until it is there.",
      `vtmigrate GetVSchema commerce shows the VSchema, and ${APPLY}`,
    ]);
  });
});

test("a sequence that is migrated is a row like any other", () => {
  const sequence = { customer_seq: { type: "sequence" } };
  expect(lines({ tables: sequence }, {})).toEqual([
    "The VSchema of ext1.commerce has, and that of commerce lacks:",
    "  type sequence: customer_seq",
    "customer_seq: a sequence is copied as plain rows. Take no values from it in the target before Complete, nor in the source after it, or values are given twice; next_id must be above the largest value.",
    GET + APPLY,
  ]);
  const pinned = { ...sharded, tables: { customer_seq: { type: "sequence", pinned: "00" } } };
  expect(lines({ tables: sequence }, pinned)[0]).toContain("a sharded keyspace takes it only pinned to a shard");
});

test("five hundred tables make few lines", () => {
  const names = Array.from({ length: 500 }, (_, index) => `t${String(index).padStart(3, "0")}`);
  const entry = {
    column_vindexes: [{ column: "id", name: "hash" }],
    auto_increment: { column: "id", sequence: "seq" },
    columns: [{ name: "id" }],
  };
  const source = { ...sharded, tables: Object.fromEntries(names.map((name) => [name, entry])) };
  const all = lines(source, sharded);
  expect(all.length).toBeLessThanOrEqual(10);
  expect(all[1]).toBe(
    "  column vindexes: t000 (id by hash), t001 (id by hash), t002 (id by hash), t003 (id by hash), t004 (id by hash) and 495 more",
  );
  expect(nameSome(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d, e, f");
  expect(nameSome(["a", "b", "c", "d", "e", "f", "g"])).toBe("a, b, c, d, e and 2 more");
});
