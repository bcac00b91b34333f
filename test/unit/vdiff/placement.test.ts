/** On which shard rows belong, and which tables' rows can't be told. */
import { describe, expect, it } from "vitest";
import { PlacementCheck } from "../../../src/vdiff/placement/placement-check.js";
import { Placements } from "../../../src/vdiff/placement/placements.js";
import type { PlannedColumn } from "../../../src/vdiff/plan/table-columns.js";
import type { Field__Output as Field } from "../../../src/wire/generated/query/Field.js";
import { decode, encode, type MessageInput } from "../../../src/wire/proto.js";
import { encodedRows } from "../../support/encoded-rows.js";

const SHARDS = ["-40", "40-80", "80-"];

const vschema: MessageInput<"vschema.Keyspace"> = {
  sharded: true,
  vindexes: {
    hash: { type: "hash" },
    text: { type: "xxhash" },
    loose: { type: "unicode_loose_xxhash" },
    regional: { type: "region_experimental", params: { region_bytes: "1" } },
    owned: { type: "consistent_lookup_unique", params: { table: "l", from: "a", to: "b" } },
  },
  tables: {
    byId: { column_vindexes: [{ column: "ID", name: "hash" }] },
    byText: { column_vindexes: [{ column: "name", name: "text" }] },
    byRegion: { column_vindexes: [{ columns: ["region", "id"], name: "regional" }] },
    byLoose: { column_vindexes: [{ column: "name", name: "loose" }] },
    byLookup: { column_vindexes: [{ column: "name", name: "owned" }] },
    byOther: { column_vindexes: [{ column: "other", name: "hash" }] },
    byTime: { column_vindexes: [{ column: "at", name: "text" }] },
    everywhere: { type: "reference" },
    pinned: { pinned: "60" },
    bare: {},
  },
};

const columns = ["name", "Region", "Id", "at"].map(
  (name): PlannedColumn => ({
    name,
    label: name,
    sourceExpression: name,
    targetExpression: name,
    zoned: name === "at",
    sourceType: "",
    targetType: "",
    nullable: true,
    sourceCollation: undefined,
    targetCollation: undefined,
    sourceText: undefined,
    targetText: undefined,
  }),
);

function placements(shards = SHARDS, document = vschema): Placements {
  return Placements.of("ks", decode("vschema.Keyspace", encode("vschema.Keyspace", document)), shards);
}

function rows(...texts: (string | null)[][]) {
  return encodedRows(texts.map((row) => row.map((text) => (text === null ? null : Buffer.from(text)))));
}

const fields = (charset: number, textType: string) =>
  [textType, "UINT8", "INT64", "DATETIME"].map((type, i) => ({ type, charset: i === 0 ? charset : 63 })) as Field[];

function check(
  table: string,
  shard: string,
  packet: (string | null)[][],
  charset = 255,
  textType = "VARCHAR",
): PlacementCheck {
  const { rule, reason } = placements().table(table, columns);
  if (rule === undefined) throw new Error(reason);
  const found = new PlacementCheck(rule);
  found.on(shard, fields(charset, textType))(rows(...packet));
  return found;
}

const places = ({ samples }: PlacementCheck) =>
  samples.map(({ row, foundOn, belongsOn }) => [row[0]?.toString(), row[2]?.toString(), foundOn, belongsOn]);

describe("rows", () => {
  it("belong where their keyspace id lies: hash of 1 is 166b40b44aba4bd6, of 3 4eb1.., of 4 d2fd..", () => {
    const packet = [
      ["a", null, "1", null],
      ["b", null, "3", null],
      ["c", null, "4", null],
      ["d", null, null, null],
      ["e", null, "1.5", null],
    ];
    const found = check("byId", "-40", packet);
    expect(found).toMatchObject({ rows: 5, misplaced: 4 });
    expect(places(found)).toEqual([
      ["b", "3", "-40", "40-80"],
      ["c", "4", "-40", "80-"],
      ["d", undefined, "-40", undefined],
      ["e", "1.5", "-40", undefined],
    ]);
    expect(places(check("byId", "80-", packet)).map(([name]) => name)).toEqual(["a", "b", "d", "e"]);
  });

  it("are told apart by text, by several columns, or are pinned to a shard", () => {
    const regions = [
      ["a", "1", "1", null],
      ["b", "127", "1", null],
      ["c", "128", "1", null],
    ];
    expect(places(check("byRegion", "40-80", regions))).toEqual([
      ["a", "1", "40-80", "-40"],
      ["c", "1", "40-80", "80-"],
    ]);
    expect(check("pinned", "40-80", regions).misplaced).toBe(0);
    expect(places(check("pinned", "-40", regions))[0]).toEqual(["a", "1", "-40", "40-80"]);
    const one = SHARDS.map((shard) => check("byText", shard, [["Ä?", null, null, null]]).misplaced);
    expect(one.sort()).toEqual([0, 1, 1]);
  });

  it("aren't judged by text that may have lost its characters", () => {
    const packet = [["smile ?", null, null, null]];
    // With a _bin collation it comes as VARBINARY.
    for (const type of ["VARCHAR", "VARBINARY"]) {
      for (const shard of SHARDS) {
        expect(check("byText", shard, packet, 33, type)).toMatchObject({ rows: 0, misplaced: 0 });
      }
    }
    expect(check("byText", "-40", packet, 63, "VARBINARY").rows).toBe(1);
  });

  it("are shown ten at most, and all counted", () => {
    const packet = Array.from({ length: 50 }, (_, i) => [`n${i}`, null, "4", null]);
    const found = check("byId", "-40", packet);
    expect(found).toMatchObject({ rows: 50, misplaced: 50 });
    expect(places(found)).toHaveLength(10);
  });
});

describe("tables whose rows aren't checked", () => {
  it.each([
    ["byLoose", "keyspace ids of vindex loose (unicode_loose_xxhash) aren't computed here", false],
    ["byLookup", "rows are found by lookup only: owned", false],
    ["byOther", "other of vindex hash is not compared", false],
    ["byTime", "vindex text takes times, which are read in the source's time zone", false],
    ["everywhere", "a reference table, which every shard has whole", true],
    ["bare", "table bare has no vindex", false],
    ["absent", "table absent not found in vschema", false],
  ])("%s: %s", (table, reason, needless) => {
    expect(placements().table(table, columns)).toEqual({ reason, needless });
  });

  it("none needs it in one shard, and none can without vindexes", () => {
    expect(placements(["-"]).table("byId", columns)).toEqual({ reason: "ks has one shard", needless: true });
    expect(Placements.of("ks", undefined, SHARDS).table("byId", columns).reason).toBe("ks has no VSchema");
    expect(placements(SHARDS, { tables: { byId: {} } }).table("byId", columns).reason).toBe(
      "the VSchema of ks says that it is unsharded",
    );
  });
});
