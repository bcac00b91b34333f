import { describe, expect, it } from "vitest";
import { VtmigrateError } from "../../../src/errors.js";
import { applyVSchemaDdl } from "../../../src/vschema/ddl.js";
import type { Keyspace } from "../../../src/wire/generated/vschema/Keyspace.js";

const sharded: Keyspace = {
  sharded: true,
  vindexes: { hash: { type: "hash", params: {}, owner: "" } },
  tables: { t: { column_vindexes: [{ name: "hash", columns: ["id"] }] } },
};

function failure(before: Keyspace, sql: string): { message: string; exitCode: number } {
  try {
    applyVSchemaDdl("ks", before, sql);
  } catch (error) {
    if (error instanceof VtmigrateError) return { message: error.message, exitCode: error.exitCode };
    throw error;
  }
  throw new Error(`accepted: ${sql}`);
}

describe("statements", () => {
  it.each<[string, Keyspace, object]>([
    ["alter vschema add table zz", { tables: { a: {} } }, { tables: { a: {}, zz: {} } }],
    ["ALTER VSCHEMA ADD TABLE ks.`z``z`;", {}, { tables: { "z`z": {} } }],
    ["alter vschema drop table a", { tables: { a: {}, b: {} } }, { tables: { b: {} } }],
    ["alter vschema add sequence s", {}, { tables: { s: { type: "sequence" } } }],
    ["alter vschema drop sequence s", { tables: { s: { type: "sequence" } } }, { tables: {} }],
    [
      "alter vschema create vindex h using hash",
      {},
      { sharded: true, vindexes: { h: { type: "hash", params: {}, owner: "" } } },
    ],
    [
      "alter vschema create vindex l using lookup with owner=t, `table`='ks.l', from=c, to=`keyspace_id`",
      {},
      { vindexes: { l: { type: "lookup", owner: "t", params: { table: "ks.l", from: "c", to: "keyspace_id" } } } },
    ],
    [
      "alter vschema create vindex l using lookup with table=ks.l, from=c",
      {},
      { vindexes: { l: { params: { table: "ks.l", from: "c" } } } },
    ],
    ["/* why */ alter vschema # here\nadd table `a -- b` -- and there", {}, { tables: { "a -- b": {} } }],
    ["alter vschema on u add vindex hash (id) with a=b", sharded, { vindexes: sharded.vindexes }],
    ["alter vschema drop vindex hash", { vindexes: { hash: { type: "hash" } } }, { vindexes: {} }],
    [
      "alter vschema on u add vindex hash (id)",
      sharded,
      { tables: { t: {}, u: { column_vindexes: [{ name: "hash", columns: ["id"] }] } } },
    ],
    [
      "alter vschema on u add vindex hash (a, `b`) using hash",
      sharded,
      { tables: { u: { column_vindexes: [{ name: "hash", columns: ["a", "b"] }] } } },
    ],
    ["alter vschema on u add vindex xx(id) using xxhash", {}, { sharded: true, vindexes: { xx: { type: "xxhash" } } }],
    [
      "alter vschema on t add auto_increment id using ks.seq",
      sharded,
      { tables: { t: { auto_increment: { column: "id", sequence: "ks.seq" } } } },
    ],
  ])("%s", (sql, before, expected) => {
    const untouched = structuredClone(before);
    expect(applyVSchemaDdl("ks", before, sql)).toMatchObject(expected);
    expect(before).toEqual(untouched);
  });

  it("drops a table with its last vindex", () => {
    expect(applyVSchemaDdl("ks", sharded, "alter vschema on t drop vindex hash").tables).toEqual({});
  });

  it("drops an auto increment", () => {
    const before = applyVSchemaDdl("ks", sharded, "alter vschema on t add auto_increment id using seq");
    const { tables } = applyVSchemaDdl("ks", before, "alter vschema on t drop auto_increment");
    expect(tables?.t?.auto_increment).toBeNull();
  });
});

describe("refusals, in Vitess's words", () => {
  it.each<[string, Keyspace, string, number]>([
    ["alter vschema add table t", sharded, "add vschema table: unsupported on sharded keyspace ks", 1],
    ["alter vschema add table a", { tables: { a: {} } }, "vschema already contains table a in keyspace ks", 7],
    ["alter vschema drop table constructor", {}, "vschema does not contain table constructor in keyspace ks", 6],
    ["alter vschema create vindex hash using xxhash", sharded, "vindex hash already exists in keyspace ks", 7],
    ["alter vschema drop vindex nope", sharded, "vindex nope does not exists in keyspace ks", 6],
    ["alter vschema drop vindex hash", sharded, "can not drop vindex cause hash still defined on table t", 7],
    ["alter vschema on t add vindex hash (id)", sharded, "vindex hash already defined on table t", 7],
    ["alter vschema on t add vindex nope (id)", sharded, "vindex nope does not exist in keyspace ks", 6],
    [
      "alter vschema on u add vindex hash (id) using xxhash",
      sharded,
      "vindex hash defined with type hash not xxhash",
      7,
    ],
    [
      "alter vschema on u add vindex hash (id) using hash with a=b",
      sharded,
      "vindex hash defined with different parameters",
      7,
    ],
    ["alter vschema on u drop vindex hash", sharded, "table ks.u not defined in vschema", 6],
    ["alter vschema on t drop vindex xx", sharded, "vindex xx not defined in table ks.t", 6],
    ["alter vschema drop sequence t", sharded, "drop sequence table: unsupported on sharded keyspace ks", 1],
    ["alter vschema drop sequence s", {}, "vschema does not contain sequence s in keyspace ks", 6],
    [
      "alter vschema on t add auto_increment id using seq",
      { tables: { t: { auto_increment: { column: "id", sequence: "ks.seq" } } } },
      'vschema already contains auto inc column:"id" sequence:"ks.seq" on table t in keyspace ks',
      7,
    ],
    ["alter vschema on u add auto_increment id using seq", {}, "vschema does not contain table u in keyspace ks", 6],
    ["alter vschema on u drop auto_increment", {}, "vschema does not contain table u in keyspace ks", 6],
    [
      "alter vschema on t drop auto_increment",
      sharded,
      "vschema does not contain auto increment on table t in keyspace ks",
      6,
    ],
    ["alter vschema add table other.t", {}, "the statement names keyspace other, the command ks", 2],
    [
      "alter vschema add view v",
      {},
      "error parsing vschema statement `alter vschema add view v`: syntax error at position 23 near 'view'",
      2,
    ],
    ...["drop table t", "select 1", "alter table t add column a int"].map((sql): [string, Keyspace, string, number] => [
      sql,
      {},
      `error parsing vschema statement \`${sql}\`: not a ddl statement`,
      2,
    ]),
    [
      "alter vschema on t add vindex h()",
      sharded,
      "error parsing vschema statement `alter vschema on t add vindex h()`: syntax error at position 34",
      2,
    ],
    [
      "alter vschema add table",
      {},
      "error parsing vschema statement `alter vschema add table`: syntax error at position 24",
      2,
    ],
    [
      "alter vschema add table a b",
      {},
      "error parsing vschema statement `alter vschema add table a b`: syntax error at position 28 near 'b'",
      2,
    ],
    [
      "alter vschema add table a; alter vschema add table b",
      {},
      "error parsing vschema statement `alter vschema add table a; alter vschema add table b`: Expected a single statement",
      2,
    ],
    ["", {}, "error parsing vschema statement ``: syntax error at position 1", 2],
  ])("%s", (sql, before, message, exitCode) => {
    expect(failure(before, sql)).toEqual({ message, exitCode });
  });
});
