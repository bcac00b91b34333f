import { describe, expect, it } from "vitest";
import { bestColumnVindex } from "../../../src/vschema/vindex-choice.js";
import { isBareType, sameVindexFunction, type VindexFunction } from "../../../src/vschema/vindex-identity.js";
import type { MessageInput } from "../../../src/wire/proto.js";
import { keyspaceVSchema } from "../../support/vschemas.js";

const vindexes: NonNullable<MessageInput<"vschema.Keyspace">["vindexes"]> = {
  hash: { type: "hash" },
  md5: { type: "binary_md5" },
  bytes: { type: "binary" },
  number: { type: "numeric" },
  nothing: { type: "null" },
  unique_lookup: { type: "consistent_lookup_unique", params: { table: "l", from: "c", to: "k" }, owner: "t" },
  lookup: { type: "lookup", params: { table: "l", from: "c", to: "k" } },
  two: { type: "multicol", params: { column_count: "2" } },
  twoBytes: { type: "multicol", params: { column_count: "2", column_vindex: "binary,binary" } },
  region: { type: "region_experimental", params: { region_bytes: "1" } },
  newer: { type: "of_a_newer_vitess" },
  broken: { type: "multicol", params: { column_count: "nine" } },
};

type TableInput = NonNullable<MessageInput<"vschema.Keyspace">["tables"]>[string];

function best(table: TableInput | undefined, name = "t") {
  const tables: MessageInput<"vschema.Keyspace">["tables"] = table === undefined ? {} : { t: table };
  return bestColumnVindex(keyspaceVSchema({ sharded: true, vindexes, tables }), name);
}

function bestOf(...names: string[]) {
  const column_vindexes = names.map((name) =>
    name.startsWith("two") || name === "region" ? { name, columns: ["a", "b"] } : { name, column: `c_${name}` },
  );
  return best({ column_vindexes });
}

describe("bestColumnVindex", () => {
  it("takes the cheapest, and the first among equals", () => {
    expect(bestOf("hash", "md5").found?.name).toBe("hash");
    expect(bestOf("md5", "hash").found?.name).toBe("md5");
    expect(bestOf("hash", "bytes", "number").found?.name).toBe("bytes");
    expect(bestOf("nothing", "hash").found?.name).toBe("hash");
    expect(bestOf("nothing").found?.name).toBe("nothing");
  });

  it("adds up a multi-column vindex's columns", () => {
    expect(bestOf("two", "hash").found).toMatchObject({ name: "hash", columns: ["c_hash"] });
    expect(bestOf("twoBytes", "hash").found).toMatchObject({ name: "twoBytes", columns: ["a", "b"] });
    expect(bestOf("region", "hash").found?.name).toBe("region");
  });

  it("passes over lookups, unique or not, in silence", () => {
    expect(bestOf("unique_lookup", "lookup", "hash").found?.name).toBe("hash");
    expect(bestOf("unique_lookup", "lookup")).toEqual({
      reason: "no usable vindex",
      problem: "could not find a vindex to compute keyspace id for table t",
    });
  });

  it("says why there is none, in Vitess's words where it has some", () => {
    expect(best({}).problem).toBe("table t has no vindex");
    expect(best(undefined)).toEqual({ reason: "no entry", problem: "table t not found in vschema" });
    expect(best({}, "constructor").reason).toBe("no entry");
    expect(best({ pinned: "80" }).reason).toBe("pinned");
    expect(best({ type: "sequence", pinned: "80" }).reason).toBe("sequence");
    expect(bestOf("newer").problem).toBe('vindexType "of_a_newer_vitess" not found');
    expect(bestOf("missing").problem).toBe("vindex missing not found for table t");
    expect(bestOf("broken").problem).toContain("strconv.Atoi");
    expect(best({ column_vindexes: [{ name: "two", column: "a" }] }).problem).toBe(
      "vindex two of type multicol takes 2 columns, and has a",
    );
  });

  it("takes what it knows beside what it doesn't", () => {
    expect(bestOf("newer", "hash").found?.name).toBe("hash");
  });
});

const vindex = (type: string, params: Record<string, string> = {}): VindexFunction => ({ type, params });

describe("sameVindexFunction", () => {
  it("ignores parameters that the type doesn't know", () => {
    expect(sameVindexFunction(vindex("hash"), vindex("hash", { table: "left over" }))).toBe(true);
    expect(sameVindexFunction(vindex("hash"), vindex("xxhash"))).toBe(false);
  });

  it("fills in a multi-column vindex's defaults", () => {
    const spelled = { column_count: "3", column_bytes: "3,3,2", column_vindex: "hash,hash,hash" };
    expect(sameVindexFunction(vindex("multicol", { column_count: "3" }), vindex("multicol", spelled))).toBe(true);
    expect(
      sameVindexFunction(
        vindex("multicol", { column_count: "3", column_bytes: "1,,2", column_vindex: "hash, binary" }),
        vindex("multicol", { column_count: "3", column_bytes: "1,5", column_vindex: "hash,binary,hash" }),
      ),
    ).toBe(true);
    for (const other of [
      { ...spelled, column_count: "2", column_bytes: "3,3", column_vindex: "hash,hash" },
      { ...spelled, column_bytes: "2,3,3" },
      { ...spelled, column_vindex: "hash,hash,xxhash" },
    ]) {
      expect(sameVindexFunction(vindex("multicol", spelled), vindex("multicol", other))).toBe(false);
    }
  });

  it("compares a static map's numbers whole", () => {
    const map = (json: string, rest = {}) => vindex("numeric_static_map", { json, ...rest });
    expect(sameVindexFunction(map('{"1": 2, "3": 4}'), map('{ "3":4,"1":2 }'))).toBe(true);
    expect(sameVindexFunction(map('{"1": 9007199254740993}'), map('{"1": 9007199254740992}'))).toBe(false);
    expect(sameVindexFunction(map('{"1": 2}'), map('{"1": 2}', { fallback_type: "hash" }))).toBe(false);
    expect(sameVindexFunction(map('{"1": 2}'), vindex("numeric_static_map", { json_path: "/m" }))).toBe(false);
  });

  it("knows the other types' defaults", () => {
    expect(sameVindexFunction(vindex("cfc"), vindex("cfc", { hash: "", offsets: "[1]" }))).toBe(true);
    expect(
      sameVindexFunction(
        vindex("cfc", { hash: "md5", offsets: "[1, 2]" }),
        vindex("cfc", { hash: "md5", offsets: "[1,2]" }),
      ),
    ).toBe(true);
    expect(sameVindexFunction(vindex("cfc"), vindex("cfc", { hash: "md5", offsets: "[1]" }))).toBe(false);
    expect(
      sameVindexFunction(vindex("region_json", { region_bytes: "1" }), vindex("region_json", { region_bytes: "2" })),
    ).toBe(false);
  });
});

it("isBareType tells what the type's name alone can stand for", () => {
  expect(isBareType(vindex("hash", { unknown: "x" }))).toBe(true);
  expect(isBareType(vindex("cfc"))).toBe(true);
  expect(isBareType(vindex("cfc", { hash: "md5", offsets: "[1]" }))).toBe(false);
  expect(isBareType(vindex("multicol", { column_count: "1" }))).toBe(false);
  expect(isBareType(vindex("region_json", { region_bytes: "1", region_map: "/m" }))).toBe(false);
});
