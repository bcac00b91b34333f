import { describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { validateVSchema } from "../../../src/vschema/validate.js";
import type { Keyspace } from "../../../src/wire/generated/vschema/Keyspace.js";
import type { Table } from "../../../src/wire/generated/vschema/Table.js";

function problem(vschema: Keyspace): string | undefined {
  try {
    validateVSchema(vschema);
    return undefined;
  } catch (error) {
    if (error instanceof PreflightError) return error.message;
    throw error;
  }
}

const lookupParams = { table: "ks.l", from: "c", to: "keyspace_id" };
const vindexes: Keyspace["vindexes"] = {
  hash: { type: "hash" },
  multi: { type: "region_experimental", params: { region_bytes: "1" } },
  look: { type: "lookup", owner: "t", params: lookupParams },
  unique: { type: "lookup_unique", owner: "t", params: lookupParams },
  consistent: { type: "consistent_lookup", owner: "t", params: { ...lookupParams, from: "c,d" } },
};

function withTable(table: Table, sharded = true): Keyspace {
  return { sharded, vindexes, tables: { t: table } };
}

describe("what vtgates can route by", () => {
  it.each<[string, Keyspace]>([
    ["nothing", {}],
    ["an unsharded table", { tables: { t: {} } }],
    ["a sharded table", withTable({ column_vindexes: [{ column: "id", name: "hash" }] })],
    ["several columns", withTable({ column_vindexes: [{ columns: ["a", "b"], name: "multi" }] })],
    ["a pinned table", withTable({ pinned: "80FF" })],
    ["a pinned sequence", withTable({ type: "sequence", pinned: "00" })],
    ["a reference table", withTable({ type: "reference", source: "ks.t" })],
    [
      "an owned lookup",
      withTable({
        column_vindexes: [
          { column: "id", name: "hash" },
          { column: "c", name: "look" },
        ],
      }),
    ],
    [
      "a consistent lookup over two columns",
      withTable({
        column_vindexes: [
          { column: "id", name: "hash" },
          { columns: ["c", "d"], name: "consistent" },
        ],
      }),
    ],
  ])("%s", (_, vschema) => {
    expect(problem(vschema)).toBeUndefined();
  });
});

describe("what they can't", () => {
  it.each<[string, Keyspace]>([
    ['vindexType "nope" not found', { sharded: true, vindexes: { h: { type: "nope" } } }],
    ['vindexType "" not found', { vindexes: { h: {} } }],
    ["vindex nope not found for table t", withTable({ column_vindexes: [{ column: "id", name: "nope" }] })],
    [
      "vindex constructor not found for table t",
      withTable({ column_vindexes: [{ column: "id", name: "constructor" }] }),
    ],
    ["missing primary col vindex for table: t", withTable({})],
    ["unidentified table type view", withTable({ type: "view" })],
    ["sequence table has to be in an unsharded keyspace or must be pinned: t", withTable({ type: "sequence" })],
    [
      "could not decode the keyspace id for pin: encoding/hex: invalid byte: U+007A 'z'",
      withTable({ pinned: "8z" }, false),
    ],
    ["could not decode the keyspace id for pin: encoding/hex: odd length hex string", withTable({ pinned: "800" })],
    ["duplicate column name 'A' for table: t", withTable({ columns: [{ name: "a" }, { name: "A" }] }, false)],
    [
      "can't use column and columns at the same time in vindex (hash) and table (t)",
      withTable({ column_vindexes: [{ column: "a", columns: ["b"], name: "hash" }] }),
    ],
    [
      "must specify at least one column for vindex (hash) and table (t)",
      withTable({ column_vindexes: [{ name: "hash" }] }),
    ],
    ["primary vindex look is not Unique for table t", withTable({ column_vindexes: [{ column: "c", name: "look" }] })],
    [
      "primary vindex unique cannot be owned for table t",
      withTable({ column_vindexes: [{ column: "c", name: "unique" }] }),
    ],
    [
      "multi-column vindex multi should be a primary vindex for table t",
      withTable({
        column_vindexes: [
          { column: "id", name: "hash" },
          { columns: ["a", "b"], name: "multi" },
        ],
      }),
    ],
    [
      "VT03029: column count does not match value count with the row for vindex 'consistent'",
      withTable({
        column_vindexes: [
          { column: "id", name: "hash" },
          { column: "c", name: "consistent" },
        ],
      }),
    ],
    [
      "write_only value must be 'true' or 'false': 'yes'",
      { vindexes: { l: { type: "lookup", params: { write_only: "yes" } } } },
    ],
    [
      "invalid read_lock value: never",
      { vindexes: { l: { type: "consistent_lookup", params: { read_lock: "never" } } } },
    ],
    ["region_experimental missing region_bytes param", { vindexes: { r: { type: "region_experimental" } } }],
    ["region_bytes must be 1 or 2: 3", { vindexes: { r: { type: "region_json", params: { region_bytes: "3" } } } }],
    ["number of columns not provided in the parameter 'column_count'", { vindexes: { m: { type: "multicol" } } }],
    [
      "number of columns should be between 1 and 8 in the parameter 'column_count'",
      { vindexes: { m: { type: "multicol", params: { column_count: "9" } } } },
    ],
    [
      "column bytes count exceeds the keyspace id length (total bytes count cannot exceed 8 bytes) in the parameter 'column_bytes'",
      { vindexes: { m: { type: "multicol", params: { column_count: "3", column_bytes: "4,4" } } } },
    ],
    [
      "multicol vindex supports vindexes that exports hashing function, are unique and are non-lookup vindex, passed vindex 'lookup' is invalid",
      { vindexes: { m: { type: "multicol", params: { column_count: "2", column_vindex: "hash,lookup" } } } },
    ],
    ["CFC vindex requires offsets when hash is defined", { vindexes: { c: { type: "cfc", params: { hash: "md5" } } } }],
    [
      "invalid offsets [4,2] to CFC vindex c. expected sorted positive ints in brackets",
      { vindexes: { c: { type: "cfc", params: { hash: "md5", offsets: "[4,2]" } } } },
    ],
    [
      "NumericStaticMap: Could not find either `json_path` or `json` params in vschema",
      { vindexes: { n: { type: "numeric_static_map" } } },
    ],
  ])("%s", (message, vschema) => {
    expect(problem(vschema)).toBe(message);
  });
});

it("warns of parameters that a vindex doesn't know", () => {
  const warnings = validateVSchema({
    vindexes: { a: { type: "hash", params: { z: "1", y: "2" } }, b: { type: "lookup", params: lookupParams } },
  });
  expect(warnings).toEqual(["Unknown parameter in vindex a: y", "Unknown parameter in vindex a: z"]);
});
