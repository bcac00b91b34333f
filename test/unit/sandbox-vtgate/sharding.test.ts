import { describe, expect, it } from "vitest";
import { dispatch, type ShardedKeyspace } from "../../../src/sandbox/vtgate/sharding/dispatch.js";
import { placementOf } from "../../../src/sandbox/vtgate/sharding/placement.js";
import { decode, encode, type MessageInput } from "../../../src/wire/proto.js";

const vschema: MessageInput<"vschema.Keyspace"> = {
  sharded: true,
  vindexes: {
    hash: { type: "hash" },
    binary: { type: "binary" },
    multi: { type: "multicol", params: { column_count: "2", column_vindex: "binary,binary", column_bytes: "1,7" } },
    by_email: { type: "lookup_unique", owner: "owner" },
    words: { type: "unicode_loose_md5" },
  },
  tables: {
    t: { column_vindexes: [{ column: "id", name: "hash" }] },
    b: { column_vindexes: [{ column: "k", name: "binary" }] },
    m: { column_vindexes: [{ columns: ["region", "k"], name: "multi" }] },
    seq: { column_vindexes: [{ column: "id", name: "hash" }], auto_increment: { column: "id", sequence: "ids" } },
    owner: {
      column_vindexes: [
        { column: "id", name: "hash" },
        { column: "email", name: "by_email" },
      ],
    },
    w: { column_vindexes: [{ column: "k", name: "words" }] },
    ref: { type: "reference" },
    pinned: { pinned: "80" },
    lost: {},
  },
};

const keyspace: ShardedKeyspace = {
  shards: ["-40", "40-80", "80-"],
  placement: (table) => placementOf(decode("vschema.Keyspace", encode("vschema.Keyspace", vschema)), table),
};

function statements(sql: string): [string, string][] {
  return [...dispatch(sql, keyspace).statements];
}

function shards(sql: string): string[] {
  return statements(sql).map(([shard]) => shard);
}

describe("inserts", () => {
  it("keeps each row's text, and what stands around the rows", () => {
    const sql =
      "insert /* it's (1) */ ignore into `t`(`id`, b) values (1, 'a,(b)'), row(4, (2+3)*4), (5, ')') on duplicate key update b = values(b)";
    const around = (rows: string) =>
      `insert /* it's (1) */ ignore into \`t\`(\`id\`, b) values ${rows} on duplicate key update b = values(b)`;
    // go/vt/vtgate/vindexes/hash_test.go: 1 is 166b40b44aba4bd6, 4 is d2fd8867d50d2dfe, 5 is 70bb023c810ca87a.
    expect(statements(sql.replace("row(", "("))).toEqual([
      ["-40", around("(1, 'a,(b)')")],
      ["80-", around("(4, (2+3)*4)")],
      ["40-80", around("(5, ')')")],
    ]);
  });

  it("leaves a statement alone that belongs to one shard", () => {
    expect(statements("INSERT INTO t SET id = 1, b = 2")).toEqual([["-40", "INSERT INTO t SET id = 1, b = 2"]]);
    expect(statements("insert into b(k) values (x'41'), ('Bob')").map(([shard]) => shard)).toEqual(["40-80"]);
  });

  it.each([
    ["insert into seq(b) values (1)", "ids from a sequence; give id a value"],
    ["insert into seq(id) values (null)", "ids from a sequence; give id a value"],
    ["insert into owner(id, email) values (1, 'x')", "writes that maintain the lookup vindex by_email"],
    ["insert into t(id) select id from ref", "INSERT ... SELECT into a sharded keyspace"],
    ["insert into w(k) values ('a')", "a primary vindex of type unicode_loose_md5"],
    ["insert into pinned(k) values ('a')", "a pinned table: pinned"],
    ["update t join ref using (id) set t.b = 1", "UPDATE over several tables in a sharded keyspace"],
    ["delete t from t, ref", "DELETE over several tables in a sharded keyspace"],
    ["with x as (select * from t) select * from x", "UNION and WITH over sharded tables"],
    ["select * from t order by 1", "ORDER BY a position"],
    ["select * from t limit @n", "LIMIT with anything but a number over several shards"],
    ["select count(*) from t having count(*) > 1", "HAVING over several shards"],
  ])("refuses %s", (sql, what) => {
    expect(() => dispatch(sql, keyspace)).toThrow(`VT12001: unsupported: ${what}`);
  });

  it("says that a table has no vindex", () => {
    expect(() => dispatch("select * from lost", keyspace)).toThrow(
      "VT09001: table 'lost' does not have a primary vindex",
    );
  });
});

it.each([
  "insert into ref select * from t",
  "replace into ref(b) values (1)",
  "update ref set b = 1",
  "delete from ref",
])("refuses %s, as Vitess does", (sql) => {
  expect(() => dispatch(sql, keyspace)).toThrow("VT09001: table 'ref' does not have a primary vindex");
});

describe("shards by WHERE", () => {
  it.each([
    ["select * from t where id = 1", ["-40"]],
    ["select * from t x where x.id = 1 and b > 2", ["-40"]],
    ["select * from t where (id = 1)", ["-40"]],
    ["select * from t where ID in (1, 5)", ["-40", "40-80"]],
    ["select * from t where id in (1, b)", ["-40", "40-80", "80-"]],
    ["select * from t where id = 1 or b = 2", ["-40", "40-80", "80-"]],
    ["select * from t where id not in (1)", ["-40", "40-80", "80-"]],
    ["select * from t where id > 1", ["-40", "40-80", "80-"]],
    ["select * from t where id = b", ["-40", "40-80", "80-"]],
    ["select * from t where id = null", ["-40"]],
    ["select * from t join ref on ref.id = t.b where ref.id = 1", ["-40", "40-80", "80-"]],
    ["select * from m where region = x'01' and k = 'a'", ["-40"]],
    ["select * from m where region = x'50'", ["40-80"]],
    ["select * from m where k = 'a'", ["-40", "40-80", "80-"]],
    ["select * from ref", ["-40"]],
    ["update t set b = 1 where id = 4", ["80-"]],
    ["delete from t where id in (null)", ["-40"]],
    ["alter table t add column c int", ["-40", "40-80", "80-"]],
  ])("%s", (sql, expected) => {
    expect(shards(sql)).toEqual(expected);
  });
});

describe("rewriting", () => {
  it.each([
    [
      "select `from` as f from t where b = '(' order by f desc, b limit 3, 4 for update",
      "select `from` as f , `from`, weight_string(`from`), b, weight_string(b) from t where b = '(' order by f desc, b limit 7 for update",
    ],
    ["select (select 1 from ref limit 1) from t limit 5 offset 2", "select (select 1 from ref limit 1) from t limit 7"],
    [
      "select id from t order by (b + 1) * (2), 2 * (b + 1), (b)",
      "select id , (b + 1) * (2), weight_string((b + 1) * (2)), 2 * (b + 1), weight_string(2 * (b + 1)), (b), weight_string((b)) from t order by (b + 1) * (2), 2 * (b + 1), (b)",
    ],
    ["select id from t", "select id from t"],
  ])("%s", (sql, expected) => {
    expect(new Set(statements(sql).map(([, text]) => text))).toEqual(new Set([expected]));
  });
});
