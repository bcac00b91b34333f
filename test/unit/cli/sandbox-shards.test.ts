import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readKeyspace, readShards } from "../../../src/commands/sandbox/shards.js";

describe("shards of a sandbox's keyspace", () => {
  it.each([
    [[], ["0"]],
    [["0"], ["0"]],
    [["-"], ["-"]],
    [
      ["80-", "-80"],
      ["-80", "80-"],
    ],
    [
      ["C0-", "-40", "40-C0"],
      ["-40", "40-c0", "c0-"],
    ],
    [
      ["-80", "8000-"],
      ["-80", "8000-"],
    ],
  ])("%j are %j", (names, shards) => {
    expect(readShards("-x", names)).toEqual(shards);
  });

  it.each([
    [["zz"], `"zz" is not a shard`],
    [["1"], `"1" is not a shard`],
    [["-8", "8-"], `"-8" is not a key range`],
    [["80-40"], `key range "80-40" ends before it starts`],
    [["-80"], "no shard covers 80-"],
    [["80-"], "no shard covers -80"],
    [["-40", "80-"], "no shard covers 40-80"],
    [["-80", "60-"], "shards -80 and 60- overlap"],
    [["-80", "-40", "40-80", "80-"], "shards -80 and -40 overlap"],
    [["-80", "80-", "c0-"], "shards 80- and c0- overlap"],
    [["-80", "-80", "80-"], "shards -80 and -80 overlap"],
    [["0", "80-"], "shard 0 covers everything and stands alone"],
  ])("%j are refused", (names, complaint) => {
    expect(() => readShards("-target_shards", names)).toThrow(`-target_shards: ${complaint}`);
  });

  it("are accepted exactly when they cut the whole range, in any order", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 12 });
    const byte = (cut: number | undefined) => (cut === undefined ? "" : cut.toString(16).padStart(2, "0"));
    fc.assert(
      fc.property(cuts, fc.integer(), (numbers, seed) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const shards = [undefined, ...sorted].map((cut, i) => `${byte(cut)}-${byte(sorted[i])}`);
        const shuffled = shards.toSorted((a, b) => ((a.length * 31 + seed) % 7) - ((b.length * 31 + seed) % 7));
        expect(readShards("-x", shuffled)).toEqual(shards);
        const dropped = Math.abs(seed) % shards.length;
        expect(() => readShards("-x", shuffled.toSpliced(dropped, 1))).toThrow("no shard covers");
        expect(() => readShards("-x", [...shuffled, shards[dropped] ?? ""])).toThrow("overlap");
      }),
    );
  });
});

describe("a sandbox's keyspace name", () => {
  it("has Vitess's letters", () => {
    expect(readKeyspace("-x", "shop_2-eu")).toBe("shop_2-eu");
    for (const name of ["", "a.b", "a b", "a/b", "ü", "-a", "a".repeat(62)]) {
      expect(() => readKeyspace("-x", name)).toThrow(`"${name}" can't be a keyspace's name`);
    }
  });
});
