import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { align, MAX_SUSPECTS } from "../../../src/vdiff/compare/align.js";
import { Budget } from "../../../src/vdiff/compare/budget.js";
import { canonicalJson } from "../../../src/vdiff/compare/canonical.js";
import { hasKnownOrder } from "../../../src/vdiff/compare/known-order.js";
import { MergedReader } from "../../../src/vdiff/compare/merged-reader.js";
import { FilteredReader, PacketReader } from "../../../src/vdiff/compare/row-reader.js";
import { keyOf, type Row, type RowShape } from "../../../src/vdiff/compare/row-shape.js";
import type { Field__Output as Field } from "../../../src/wire/generated/query/Field.js";
import { encodedRows } from "../../support/encoded-rows.js";

const keyed: RowShape = { key: [0], canonical: [undefined, undefined], keyOrder: ["bytes"] };
const keyless: RowShape = { key: [0, 1], canonical: [undefined, undefined], keyOrder: ["bytes", "bytes"] };

const row = (...values: (string | null)[]): Row => values.map((value) => (value === null ? null : Buffer.from(value)));

/** Rows in packets of a few, as a stream brings them. */
function reader(rows: Row[], packet = 3): PacketReader {
  let at = 0;
  return new PacketReader(async () => {
    const next = rows.slice(at, at + packet);
    at += packet;
    return next.length === 0 ? undefined : encodedRows(next);
  });
}

const unlimited = () => new Budget(Number.POSITIVE_INFINITY);

async function counts(source: Row[], target: Row[], shape: RowShape, budget = unlimited()) {
  const { tally } = await align(reader(source), reader(target, 5), shape, { budget, maxSuspects: MAX_SUSPECTS });
  return { matching: tally.matching, ...tally.counts };
}

/** Two sets of rows by key, and the orders in which they come. */
const tables = fc
  .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), fc.constantFrom("same", "differs", "source", "target")), {
    selector: ([key]) => key,
    maxLength: 60,
  })
  .chain((entries) => {
    const source = entries.filter(([, kind]) => kind !== "target").map(([key]) => row(key, "a"));
    const target = entries
      .filter(([, kind]) => kind !== "source")
      .map(([key, kind]) => row(key, kind === "differs" ? "b" : "a"));
    return fc.record({
      entries: fc.constant(entries),
      source: fc.shuffledSubarray(source, { minLength: source.length }),
      target: fc.shuffledSubarray(target, { minLength: target.length }),
    });
  });

describe("alignment by key", () => {
  test("finds every difference whatever the order on either side", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ entries, source, target }) => {
        const count = (wanted: string) => entries.filter(([, kind]) => kind === wanted).length;
        expect(await counts(source, target, keyed)).toEqual({
          matching: count("same"),
          mismatch: count("differs"),
          extraSource: count("source"),
          extraTarget: count("target"),
        });
      }),
    );
  });

  test("a row's twin on another shard is told from a row that has no partner", async () => {
    const keys = ["a", "b", "c", "d"];
    const source = keys.map((key) => row(key, "1"));
    const options = { budget: unlimited(), maxSuspects: MAX_SUSPECTS, watchMatches: true };
    // The one with other values is no twin: its key's row matches no other.
    const target = [row("a", "1"), row("b", "1"), row("b", "1"), row("c", "2"), row("e", "1"), row("d", "1")];
    const { tally } = await align(reader(source), reader(target), keyed, options);
    expect({ ...tally.counts, matching: tally.matching, twins: tally.twins }).toEqual({
      matching: 3,
      mismatch: 1,
      extraSource: 0,
      extraTarget: 2,
      twins: 1,
    });
  });

  test("without a key, equal rows are paired one for one", async () => {
    const bag = fc.array(fc.constantFrom("x", "y", "z"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(bag, bag, async (a, b) => {
        const extra = (from: string[], other: string[]) =>
          ["x", "y", "z"].reduce(
            (sum, v) => sum + Math.max(0, from.filter((i) => i === v).length - other.filter((i) => i === v).length),
            0,
          );
        const found = await counts(
          a.map((v) => row(v, null)),
          b.map((v) => row(v, null)),
          keyless,
        );
        const extraSource = extra(a, b);
        expect(found).toEqual({ matching: a.length - extraSource, mismatch: 0, extraSource, extraTarget: extra(b, a) });
      }),
    );
  });

  test("NULL and the empty string differ", async () => {
    expect(await counts([row("1", null)], [row("1", "")], keyed)).toMatchObject({ matching: 0, mismatch: 1 });
    expect(await counts([row("1", null)], [row("1", "")], keyless)).toMatchObject({ extraSource: 1, extraTarget: 1 });
  });

  test("case and trailing blanks are differences, whatever the collation says", async () => {
    const found = await counts([row("a", "x"), row("b", "y")], [row("A", "x"), row("b", "y ")], keyed);
    expect(found).toEqual({ matching: 0, mismatch: 1, extraSource: 1, extraTarget: 1 });
  });

  test("keys of several columns don't run into each other", async () => {
    const two: RowShape = { key: [0, 1], canonical: [undefined, undefined], keyOrder: ["bytes", "bytes"] };
    const found = await counts([row("a", "bc"), row("q", "q")], [row("ab", "c"), row("p", "p")], two);
    expect(found).toMatchObject({ matching: 0, extraSource: 2, extraTarget: 2 });
  });

  test("JSON that means the same matches", async () => {
    const json: RowShape = { ...keyed, canonical: [undefined, canonicalJson] };
    const found = await counts([row("1", '{"a": 1, "b": 2}')], [row("1", '{"b":2,"a":1.0}')], json);
    expect(found).toMatchObject({ matching: 1, mismatch: 0 });
  });

  test("an extra row at the start keeps few rows waiting: sides in step stay in step", async () => {
    const key = (i: number) => String(i).padStart(6, "0");
    const rows = Array.from({ length: 20_000 }, (_, i) => row(key(i), "v"));
    // Room for about ten rows only.
    const found = await counts([row("", "extra"), ...rows], rows, keyed, new Budget(1e9, 5000));
    expect(found).toEqual({ matching: 20_000, mismatch: 0, extraSource: 1, extraTarget: 0 });
  });

  test("a row that sorts elsewhere than its bytes doesn't make the other side run away", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => row(`b${String(i).padStart(6, "0")}`, "v"));
    // The server puts "Ä" before "b"; its bytes come behind everything.
    const found = await counts([row("Ä", "extra"), ...rows], rows, keyed, new Budget(1e9, 1_000_000));
    expect(found).toEqual({ matching: 50_000, mismatch: 0, extraSource: 1, extraTarget: 0 });
  });

  test("says so when too many rows wait for their partner", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => row(String(i), "v"));
    await expect(counts(rows, [...rows].reverse(), keyed, new Budget(1e9, 100_000))).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("wait for their partner"),
    });
  });

  test("keeps no packet alive through a row that waits for its partner", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const large = "x".repeat(1_000_000);
    const packet = (i: number) => [row(`${i} extra`, "v"), row(`${i} same`, large)];
    let inMemory = Number.POSITIVE_INFINITY;
    const before = process.memoryUsage().arrayBuffers;
    const stream = (packetOf: (i: number) => Row[]) => {
      let i = 0;
      return new PacketReader(async () => {
        if (i < 40) return encodedRows(packetOf(i++));
        collect();
        inMemory = Math.min(inMemory, process.memoryUsage().arrayBuffers - before);
        return undefined;
      });
    };
    const { tally } = await align(
      stream(packet),
      stream((i) => packet(i).slice(1)),
      keyed,
      {
        budget: unlimited(),
        maxSuspects: MAX_SUSPECTS,
      },
    );
    expect(tally.counts.extraSource).toBe(40);
    expect(inMemory).toBeLessThan(15_000_000);
  });

  test("keeps no packet alive through a row that is shown", async () => {
    const large = row("z", "x".repeat(1_000_000));
    const { tally } = await align(
      reader([row("a", "extra"), row("k", "v"), large]),
      reader([row("k", "w"), row("l", "extra"), large]),
      keyed,
      { budget: unlimited(), maxSuspects: MAX_SUSPECTS },
    );
    const shown = tally.samples.flatMap((found) => [
      ...("source" in found ? found.source : []),
      ...("target" in found ? found.target : []),
    ]);
    const kept = [...shown, ...[...tally.suspects.values()].flat()].filter((value) => value !== null);
    expect(shown).toHaveLength(8);
    for (const value of kept) expect(value.buffer.byteLength).toBeLessThan(1_000_000);
  });
});

describe("rows for which there is no room to wait", () => {
  const key = (i: number) => row(String(i), "v");
  const rows = Array.from({ length: 20_000 }, (_, i) => key(i));
  const lacking = rows.filter((_row, i) => i % 10 !== 0);

  test("don't have to where the order is known", async () => {
    const order: RowShape = { ...keyed, keyOrder: ["integer"] };
    // Room for one row.
    const options = { budget: new Budget(1e9, 500), maxSuspects: 10, knownOrder: true };
    const { tally } = await align(reader(rows), reader(lacking), order, options);
    expect({ ...tally.counts, matching: tally.matching }).toEqual({
      matching: 18_000,
      mismatch: 0,
      extraSource: 2000,
      extraTarget: 0,
    });
    expect(tally.unchecked.extraSource).toBe(1990);
    const { tally: twins } = await align(reader([key(1), key(2)]), reader([key(1), key(1), key(3)]), order, options);
    expect({ ...twins.counts, matching: twins.matching }).toEqual({
      matching: 1,
      mismatch: 0,
      extraSource: 1,
      extraTarget: 2,
    });
  });

  test("are left to the second look, which finds the partners of some", async () => {
    const shuffled = [...lacking.slice(10_000), key(77_777), ...lacking.slice(0, 10_000)];
    const first = await align(reader(rows), reader(shuffled), keyed, {
      budget: new Budget(1e9, 1_000_000),
      maxSuspects: MAX_SUSPECTS,
      mayPostpone: true,
    });
    expect(first.tally.hasPostponed).toBe(true);
    const isSuspect = (all: PacketReader) =>
      new FilteredReader(all, (each) => first.tally.suspects.has(keyOf(each, keyed)));
    const second = await align(isSuspect(reader(rows)), isSuspect(reader(shuffled)), keyed, {
      budget: unlimited(),
      maxSuspects: MAX_SUSPECTS,
      watchMatches: true,
    });
    expect(second.tally.counts).toEqual({ mismatch: 0, extraSource: 2000, extraTarget: 1 });
    expect(first.tally.matching + second.tally.matching - second.tally.twins).toBe(18_000);
  });

  test("end the comparison when there are too many for the second look", async () => {
    const options = { budget: new Budget(1e9, 100_000), maxSuspects: 100, mayPostpone: true };
    await expect(align(reader(rows), reader([...rows].reverse()), keyed, options)).rejects.toMatchObject({
      message: expect.stringContaining("wait for their partner"),
    });
  });

  test("leave all of it to the next when the alignment ends, by itself or at a limit", async () => {
    const some = rows.slice(0, 20);
    for (const steps of [1e9, 15]) {
      const budget = new Budget(steps, 100_000);
      const { tally } = await align(reader(some), reader([...some].reverse().slice(5)), keyed, {
        budget,
        maxSuspects: MAX_SUSPECTS,
      });
      expect(tally.suspects.size).toBeGreaterThan(0);
      expect(budget.bytes).toBe(100_000);
    }
  });

  test("the order of integers and binary strings is known, if the servers of both sides have it", () => {
    const fields = (type: string, charset = 63, column_length = 16) => [{ type, charset, column_length } as Field];
    const known = (order: RowShape["keyOrder"][number], source: Field[], target = source) =>
      hasKnownOrder({ ...keyed, keyOrder: [order] }, { source, target });
    expect(known("integer", fields("UINT64"), fields("INT32"))).toBe(true);
    expect(known("integer", fields("VARCHAR", 45), fields("INT32"))).toBe(false);
    expect(known("number", fields("DECIMAL"))).toBe(false);
    expect(known("bytes", fields("BINARY"), fields("VARBINARY"))).toBe(true);
    expect(known("bytes", fields("INT64"))).toBe(false);
    expect(known("bytes", fields("VARCHAR", 45))).toBe(false);
    // A text with a _bin collation.
    expect(known("bytes", fields("VARBINARY", 45))).toBe(false);
    expect(known("bytes", fields("VARBINARY", 63, 2000))).toBe(false);
  });
});

describe("limits", () => {
  test("rows that wait when the limit comes are suspects, not differences", async () => {
    const source = ["a", "b", "c", "d"].map((key) => row(key, "v"));
    const target = ["b", "a", "c", "d"].map((key) => row(key, "v"));
    const { tally, steps } = await align(reader(source), reader(target), keyed, {
      budget: new Budget(1),
      maxSuspects: MAX_SUSPECTS,
    });
    expect(steps).toBe(1);
    expect(tally.processed).toBe(0);
    expect([...tally.suspects.values()].map(([key]) => key?.toString())).toEqual(["a"]);
  });

  test("holds for stretches of equal rows, and for all alignments that share it", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => row(String(i), "v"));
    const budget = new Budget(25);
    const options = { budget, maxSuspects: MAX_SUSPECTS };
    const first = await align(reader(rows.slice(0, 20), 10), reader(rows.slice(0, 20), 10), keyed, options);
    const second = await align(reader(rows, 10), reader(rows, 10), keyed, options);
    expect([first.steps, second.steps, budget.steps]).toEqual([20, 5, 0]);
    expect(second.tally.matching).toBe(5);
    expect(second.tally.suspects.size).toBe(0);
  });

  test("differences beyond the room for suspects are counted as unchecked", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => row(String(i), "v"));
    const { tally } = await align(reader(rows), reader([]), keyed, { budget: unlimited(), maxSuspects: 10 });
    expect(tally.counts.extraSource).toBe(30);
    expect(tally.suspects.size).toBe(10);
    expect(tally.unchecked.extraSource).toBe(20);
    expect(tally.samples).toHaveLength(10);
  });

  test("so are those for whose bytes there is no room, all alignments together", async () => {
    const large = "x".repeat(10_000);
    const rows = Array.from({ length: 30 }, (_, i) => row(String(i), large));
    const budget = new Budget(1e9, undefined, 250_000);
    const kept = async () => {
      const { tally } = await align(reader(rows), reader([]), keyless, { budget, maxSuspects: MAX_SUSPECTS });
      expect(tally.unchecked.extraSource).toBe(30 - tally.suspects.size);
      return tally.suspects.size;
    };
    // Each row twice: as a key, and as its values.
    expect([await kept(), await kept()]).toEqual([12, 0]);
  });
});

describe("several shards", () => {
  const order: RowShape = { ...keyed, keyOrder: ["integer"] };

  /** Of ids 0 to `count`, spread over so many shards. */
  function merged(count: number, shards: number): MergedReader {
    const rows = Array.from({ length: count }, (_, i) => row(String(i), "v"));
    const readers = Array.from({ length: shards }, (_, shard) =>
      reader(
        rows.filter((_row, i) => ((i * 7919) >> 3) % shards === shard),
        shard + 2,
      ),
    );
    return new MergedReader(readers, order);
  }

  test("are merged in key order", async () => {
    const all = merged(200, 4);
    const keys: string[] = [];
    do {
      for (let next = all.take(); next !== undefined; next = all.take()) keys.push(next.value(0)?.toString() ?? "");
    } while (await all.fill());
    expect(keys).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test("stay in step with others, so that hardly a row waits", async () => {
    const options = { budget: new Budget(Number.POSITIVE_INFINITY, 2000), maxSuspects: MAX_SUSPECTS };
    for (const [sources, targets] of [
      [1, 3],
      [4, 3],
    ]) {
      const { tally } = await align(merged(5000, sources ?? 0), merged(5000, targets ?? 0), order, options);
      expect(tally.matching).toBe(5000);
    }
  });
});
