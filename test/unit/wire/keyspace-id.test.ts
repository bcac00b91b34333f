import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyRangeContains, parseKeyRange } from "../../../src/wire/key-range.js";
import { destinationText, VindexError } from "../../../src/wire/keyspace-id/destination.js";
import { keyspaceIdFunction, mapFunction } from "../../../src/wire/keyspace-id/keyspace-id.js";
import { keyspaceIdsFunction } from "../../../src/wire/keyspace-id/many.js";

type Params = Record<string, string>;
type Text = string | null;

const bytes = (value: Text) => (value === null ? null : Buffer.from(value, "latin1"));

/** Ids in hexadecimal, null for values that map to none. `columns` are one row's, `types` their query.Types. */
function id(type: string, columns: Text | Text[], params: Params = {}, types?: string[]): string | null {
  const compute = keyspaceIdFunction(type, params);
  if (compute === undefined) throw new Error(`${type} is not computable`);
  return compute([columns].flat().map(bytes), types)?.toString("hex") ?? null;
}

function destination(type: string, columns: Text[], params: Params): string {
  const map = mapFunction(type, params);
  return map === undefined ? "not computable" : destinationText(map(columns.map(bytes)));
}

const refusal = (type: string, params: Params) => {
  try {
    mapFunction(type, params);
    return "accepted";
  } catch (error) {
    return error instanceof VindexError ? error.message : `unexpected ${String(error)}`;
  }
};

/** Facts from go/vt/vtgate/vindexes/*_test.go, v22.0.3. */
describe("keyspace ids", () => {
  it.each([
    ["1", "INT64", "166b40b44aba4bd6"],
    ["2", "INT64", "06e7ea22ce92708f"],
    ["3", "INT64", "4eb190c9a2fa169c"],
    ["4", "INT64", "d2fd8867d50d2dfe"],
    ["5", "INT64", "70bb023c810ca87a"],
    ["6", "INT64", "f098480ac4c4be71"],
    ["0", "INT64", "8ca64de9c1b123a7"],
    ["-1", "INT64", "355550b2150e2451"],
    ["18446744073709551615", "UINT64", "355550b2150e2451"],
    ["9223372036854775807", "INT64", "f77d48aadda1f1bb"],
    ["9223372036854775807", "UINT64", "f77d48aadda1f1bb"],
    ["-9223372036854775808", "INT64", "95f8a5e5dd31d900"],
    [null, "INT64", null],
    // Text is taken for an unsigned number, or not at all.
    ["1", "VARCHAR", "166b40b44aba4bd6"],
    ["-1", "VARCHAR", null],
    ["aa", "VARBINARY", null],
    ["1.0", "DECIMAL", null],
    ["1e2", "FLOAT64", null],
    ["", "VARCHAR", null],
    ["9223372036854775808", "INT64", null],
    ["18446744073709551616", "DECIMAL", null],
  ])("hash of %s (%s) is %s", (value, type, expected) => {
    expect(id("hash", value, {}, [type])).toBe(expected);
  });

  it("hash tells a number's sign from its text when the column's type isn't given", () => {
    expect(id("hash", "-1")).toBe("355550b2150e2451");
    expect(id("hash", "18446744073709551615")).toBe("355550b2150e2451");
  });

  it("hash puts 1, 2, 3 and 5 of 1 to 5 into -80", () => {
    const range = parseKeyRange("-80");
    const there = ["1", "2", "3", "4", "5"].filter((value) =>
      keyRangeContains(range, Buffer.from(id("hash", value) ?? "ff", "hex")),
    );
    expect(there).toEqual(["1", "2", "3", "5"]);
  });

  it.each([
    ["test1", "d01ab7e4d6978f0b"],
    ["test2", "87eb11714c0a0e89"],
    ["testaverylongvaluetomakesurethisworks", "81d8c38e0d850e6a"],
    ["1", "d46405367612b4b7"],
    [null, "99e9d85137db46ef"],
    ["-1", "d8e2a6a7c8c7623d"],
    ["18446744073709551615", "477cfa8d6d8f1f8d"],
    ["9223372036854775807", "b37eb01f7bffafd8"],
    ["-9223372036854775808", "102c27ddb26a609e"],
  ])("xxhash of %s is %s", (value, expected) => {
    expect(id("xxhash", value)).toBe(expected);
  });

  it("binary is the value itself, and nothing for NULL", () => {
    expect(id("binary", "test1")).toBe(Buffer.from("test1").toString("hex"));
    expect(id("binary", null)).toBe("");
  });

  it.each([
    ["test1", "5a105e8b9d40e1329780d62ea2265d8a"],
    ["TEST", "033bd94b1168d7e4f0d644c3c95e35bf"],
    [null, "d41d8cd98f00b204e9800998ecf8427e"],
    ["Test", "0cbc6611f5540bd0809a388dc95a615b"],
  ])("binary_md5 of %s is %s", (value, expected) => {
    expect(id("binary_md5", value)).toBe(expected);
  });

  it.each([
    ["1", "0000000000000001"],
    ["8", "0000000000000008"],
    ["18446744073709551615", "ffffffffffffffff"],
    ["1.1", null],
    ["-1", null],
    ["aa", null],
    ["", null],
    ["12ab", null],
    [" 12 ", "000000000000000c"],
    [null, null],
  ])("numeric of %s is %s", (value, expected) => {
    expect(id("numeric", value)).toBe(expected);
  });

  it.each([
    ["1", "8000000000000000"],
    ["2", "4000000000000000"],
    ["3", "c000000000000000"],
    ["4", "2000000000000000"],
    ["5", "a000000000000000"],
    ["6", "6000000000000000"],
    ["18446744073709551614", "7fffffffffffffff"],
    ["-1", null],
    [null, null],
  ])("reverse_bits of %s is %s", (value, expected) => {
    expect(id("reverse_bits", value)).toBe(expected);
  });

  it("null sends every row to the same place", () => {
    expect([id("null", "x"), id("null", null)]).toEqual(["00", "00"]);
  });
});

describe("numeric_static_map", () => {
  const json = '{"1":2,"3":4,"4":5,"5":6,"6":7,"7":8,"8":9,"10":18446744073709551615}';

  it.each([
    ["1", "0000000000000002"],
    ["2", "8b59801662b52160"],
    ["3", "0000000000000004"],
    ["8", "0000000000000009"],
    ["10", "ffffffffffffffff"],
    ["1.1", null],
    ["test1", null],
    [null, null],
  ])("maps %s to %s, with xxhash for the rest", (value, expected) => {
    expect(id("numeric_static_map", value, { json, fallback_type: "xxhash" })).toBe(expected);
  });

  it("leaves other numbers as they are without a fallback", () => {
    expect(id("numeric_static_map", "3", { json: '{"1": 1, "3": 2}' })).toBe("0000000000000002");
    expect(id("numeric_static_map", "2", { json: '{"1": 1, "3": 2}' })).toBe("0000000000000002");
    expect(id("numeric_static_map", "7", { json: "{}", fallback_type: "null" })).toBe("0000000000000007");
  });

  it("can't be computed from a file or with a fallback that folds Unicode", () => {
    expect(keyspaceIdFunction("numeric_static_map", { json_path: "/x.json" })).toBeUndefined();
    expect(keyspaceIdFunction("numeric_static_map", { json, fallback_type: "unicode_loose_md5" })).toBeUndefined();
  });

  it.each([
    [{}, "NumericStaticMap: Could not find either `json_path` or `json` params in vschema"],
    [{ json: "{}", json_path: "/x" }, "NumericStaticMap: Found both `json` and `json_path` params in vschema"],
    [{ json: "{]" }, "invalid JSON"],
    [{ json: '{"1":2,"5":6:8}' }, "invalid JSON"],
    [{ json: '{"a":1}' }, 'strconv.ParseUint: parsing "a": invalid syntax'],
    [{ json: '{"1":-1}' }, "cannot unmarshal"],
    [{ json: "[1]" }, "cannot unmarshal"],
  ] as [Params, string][])("refuses %j", (params, message) => {
    expect(refusal("numeric_static_map", params)).toContain(message);
    expect(keyspaceIdFunction("numeric_static_map", params)).toBeUndefined();
  });
});

describe("multicol", () => {
  const three = { column_count: "3" };

  it("takes 3, 3 and 2 bytes of three columns' hashes", () => {
    expect(id("multicol", ["1", "1", "1"], three)).toBe("166b40166b40166b");
    expect(id("multicol", ["255", "1", "1"], three)).toBe("254e88166b40166b");
    expect(id("multicol", ["256", "1", "1"], three)).toBe("dd7c0b166b40166b");
  });

  it("maps its first columns alone to a range, which is no id", () => {
    expect(destination("multicol", ["1"], three)).toBe("DestinationKeyRange(166b40-166b41)");
    expect(destination("multicol", ["1", "1"], three)).toBe("DestinationKeyRange(166b40166b40-166b40166b41)");
    expect(id("multicol", ["1"], three)).toBeNull();
  });

  it("maps no value that a column's vindex refuses, and no more columns than it has", () => {
    expect(destination("multicol", ["abcd", "256", "256"], three)).toBe("DestinationNone()");
    expect(destination("multicol", ["256", "256", "abcd"], three)).toBe("DestinationNone()");
    expect(destination("multicol", ["1", "1", "1", "1"], three)).toBe("DestinationNone()");
  });

  it("heeds bytes and vindexes of its parameters, and fills a short column up", () => {
    const params = { column_count: "3", column_bytes: "1,,4", column_vindex: "numeric, ,binary" };
    expect(id("multicol", ["258", "1", "ab"], params)).toBe("00166b406162");
    const short = { column_count: "2", column_bytes: "4", column_vindex: "binary,binary" };
    expect(id("multicol", ["ab", "cd"], short)).toBe("616200006364");
  });

  it("can't be computed with a column whose vindex can't", () => {
    expect(
      keyspaceIdFunction("multicol", { column_count: "2", column_vindex: "hash,unicode_loose_xxhash" }),
    ).toBeUndefined();
  });

  const invalid = "multicol vindex supports vindexes that exports hashing function";
  it.each([
    [{}, "number of columns not provided in the parameter 'column_count'"],
    [{ column_count: "0" }, "number of columns should be between 1 and 8 in the parameter 'column_count'"],
    [{ column_count: "9" }, "number of columns should be between 1 and 8 in the parameter 'column_count'"],
    [{ column_count: "3", column_bytes: "1,2,3,4" }, "number of column bytes provided are more than column count"],
    [{ column_count: "3", column_bytes: "100,200,300" }, "column bytes count exceeds the keyspace id length"],
    [{ column_count: "1", column_vindex: "binary,binary" }, "number of vindex function provided are more than"],
    [{ column_count: "3", column_vindex: "binary,binary,null" }, `${invalid}`],
    [{ column_count: "3", column_vindex: "binary,binary,cfc" }, "passed vindex 'cfc' is invalid"],
    [{ column_count: "3", column_vindex: "binary,binary,lookup" }, "passed vindex 'lookup' is invalid"],
  ] as [Params, string][])("refuses %j", (params, message) => {
    expect(refusal("multicol", params)).toContain(message);
  });
});

describe("region_experimental", () => {
  it("puts one or two bytes of the region before the hash", () => {
    const one = { region_bytes: "1" };
    expect(id("region_experimental", ["1", "1"], one)).toBe("01166b40b44aba4bd6");
    expect(id("region_experimental", ["255", "1"], one)).toBe("ff166b40b44aba4bd6");
    expect(id("region_experimental", ["256", "1"], one)).toBe("00166b40b44aba4bd6");
    const two = { region_bytes: "2" };
    expect(id("region_experimental", ["256", "1"], two)).toBe("0100166b40b44aba4bd6");
    expect(id("region_experimental", ["65536", "1"], two)).toBe("0000166b40b44aba4bd6");
  });

  it("maps a region alone to a range, and what is no number to none", () => {
    const one = { region_bytes: "1" };
    expect(destination("region_experimental", ["1"], one)).toBe("DestinationKeyRange(01-02)");
    expect(destination("region_experimental", ["255"], one)).toBe("DestinationKeyRange(ff-)");
    expect(destination("region_experimental", ["abcd", "256"], one)).toBe("DestinationNone()");
    expect(destination("region_experimental", ["1", "abcd"], one)).toBe("DestinationNone()");
    expect(destination("region_experimental", ["1", "1", "1"], one)).toBe("DestinationNone()");
  });

  it("refuses other sizes", () => {
    expect(refusal("region_experimental", {})).toBe("region_experimental missing region_bytes param");
    expect(refusal("region_experimental", { region_bytes: "3" })).toBe("region_bytes must be 1 or 2: 3");
  });
});

describe("cfc", () => {
  const md5 = (part: number[]) =>
    createHash("md5")
      .update(Buffer.from(part))
      .digest("hex")
      .slice(0, part.length * 2);
  const text = (...parts: number[][]) => Buffer.from(parts.flat()).toString("latin1");

  it("is the value without a hash", () => {
    expect(id("cfc", text([3, 6, 20, 7, 60, 1]))).toBe("030614073c01");
  });

  it("hashes each part to at most its length", () => {
    const params = { hash: "md5", offsets: "[3,5]" };
    const parts = [[12, 234, 2], [7, 1], [6]];
    expect(id("cfc", text(...parts), params)).toBe(parts.map(md5).join(""));
    const long = Array.from({ length: 18 }, (_, i) => i + 1);
    expect(id("cfc", text([5, 21, 124], [75, 5], long), params)).toBe(
      [
        [5, 21, 124],
        [75, 5],
      ]
        .map(md5)
        .join("") + createHash("md5").update(Buffer.from(long)).digest("hex"),
    );
    expect(id("cfc", text([5, 21, 124], [75, 5]), { hash: "xxhash64", offsets: "[3,5]" })).toHaveLength(10);
  });

  it("refuses values that are too short, and offsets that aren't sorted", () => {
    const map = mapFunction("cfc", { hash: "md5", offsets: "[3,5]" });
    expect(() => map?.([Buffer.from([3, 4, 5])])).toThrow("insufficient size for cfc vindex cfc. need 5, got 3");
    expect(id("cfc", "abc", { hash: "md5", offsets: "[3,5]" })).toBeNull();
    for (const offsets of ["10,12", "xxx", "[]", "[10,3]", "[-1,3]", "[4,4,6]"]) {
      expect(refusal("cfc", { hash: "md5", offsets })).toBe(
        `invalid offsets ${offsets} to CFC vindex cfc. expected sorted positive ints in brackets`,
      );
    }
    expect(refusal("cfc", { hash: "md5" })).toBe("CFC vindex requires offsets when hash is defined");
    expect(refusal("cfc", { hash: "sha1", offsets: "[1]" })).toBe("invalid hash sha1 to CFC vindex cfc");
  });
});

it.each([
  "unicode_loose_md5",
  "unicode_loose_xxhash",
  "region_json",
  "lookup",
  "lookup_unique",
  "consistent_lookup_unique",
  "nope",
  "constructor",
])("%s can't be computed", (type) => {
  expect(keyspaceIdFunction(type, {})).toBeUndefined();
});

describe("many rows at once", () => {
  const number = fc.oneof(
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
    fc.nat(1000).map(String),
    fc.constantFrom("", "-0", "+5", " 7 ", "007", "1.5", "abc", "999999999999999", "9999999999999999", null),
  );

  it.each(["hash", "xxhash", "numeric"])("have the ids of %s that they have one by one", (type) => {
    const one = keyspaceIdFunction(type);
    const many = keyspaceIdsFunction(type);
    if (one === undefined || many === undefined) throw new Error(`${type} is not computable`);
    fc.assert(
      fc.property(fc.array(number), fc.constantFrom("INT64", "UINT64", "VARCHAR", undefined), (texts, columnType) => {
        const rows = texts.map((text) => [bytes(text)]);
        const ids = many(rows, [columnType]).map((found) => found?.toString("hex"));
        expect(ids).toEqual(rows.map((row) => one(row, [columnType])?.toString("hex")));
      }),
    );
  });

  it("are not computed for the types that aren't one by one", () => {
    expect(keyspaceIdsFunction("unicode_loose_md5")).toBeUndefined();
  });
});

it("a key range's bounds mean the same with zeros behind them", () => {
  const id = (hex: string) => Buffer.from(hex, "hex");
  const range = parseKeyRange("40-80");
  expect(["40", "4000", "7fffffffffffffffff", "40000001"].map((hex) => keyRangeContains(range, id(hex)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["", "3fff", "80", "8000000000000000"].map((hex) => keyRangeContains(range, id(hex)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  const fine = parseKeyRange("4000-8000");
  expect(["40", "7f", "80"].map((hex) => keyRangeContains(fine, id(hex)))).toEqual([true, true, false]);
});
