import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readRows } from "../../../src/wire/encoded-row.js";
import { lengthDelimited } from "../../../src/wire/fields.js";
import { encode } from "../../../src/wire/proto.js";
import { encodeRow, type Value } from "../../../src/wire/result.js";
import { encodedRows } from "../../support/encoded-rows.js";

const RESPONSE = "binlogdata.VStreamResultsResponse";

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  // From 64 on a length takes two bytes.
  fc.constantFrom(0, 1, 63, 64, 200).map((length) => Buffer.alloc(length, length)),
  fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
);
const rowsOf = (columns: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 6 });
const table = fc
  .integer({ min: 1, max: 6 })
  .chain((columns) => fc.record({ columns: fc.constant(columns), rows: rowsOf(columns) }));

const one = (...values: (string | null)[]) => values.map((text) => (text === null ? null : Buffer.from(text)));

test("rows are read as protobufjs wrote them, with whatever else is in the message", () => {
  fc.assert(
    fc.property(table, fc.boolean(), ({ columns, rows }, first) => {
      const begin = first ? { gtid: "MySQL56/x:1-5", fields: [{ name: "id", type: "INT64" as const }] } : {};
      const read = readRows(encode(RESPONSE, { ...begin, rows: rows.map(encodeRow) }), columns);
      expect(read.map((row) => row.values())).toEqual(rows);
      for (const [at, row] of readRows(encode(RESPONSE, { rows: rows.map(encodeRow) }), columns).entries()) {
        // From the last on, so that no value was decoded before.
        for (let i = columns - 1; i >= 0; i--) {
          expect(row.value(i)).toEqual(rows[at]?.[i]);
          expect(row.latin1(i) ?? null).toEqual(rows[at]?.[i]?.toString("latin1") ?? null);
        }
      }
    }),
  );
});

test("rows have the same bytes when they have the same values", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }).chain(rowsOf), (rows) => {
      const [left, right] = [encodedRows(rows), encodedRows([...rows].reverse()).reverse()];
      for (const [i, a] of left.entries()) {
        for (const [j, b] of right.entries()) {
          const same = JSON.stringify(rows[i]) === JSON.stringify(rows[j]);
          expect(a.sameBytes(b)).toBe(same);
        }
      }
    }),
  );
});

test("columns differ exactly where values do", () => {
  const long = "x".repeat(100);
  const near = fc.constantFrom(null, "", "a", "b", "ab", long, `${long.slice(1)}y`);
  const rows = fc.integer({ min: 1, max: 5 }).chain((columns) => {
    const values = fc.array(near, { minLength: columns, maxLength: columns });
    return fc.tuple(values, values);
  });
  fc.assert(
    fc.property(rows, ([left, right]) => {
      const [a, b] = encodedRows([one(...left), one(...right)]);
      const differing = left.flatMap((text, i) => (text === right[i] ? [] : [i]));
      expect(b && a?.differingColumns(b)).toEqual(differing);
      for (const i of left.keys()) expect(b && a?.sameValue(b, i)).toBe(!differing.includes(i));
    }),
  );
});

test("NULL, the empty string, and a value that moves to the next column are told apart", () => {
  const [a, b, c, d] = encodedRows([one("ab", null), one("ab", ""), one("a", "b"), one("ab", null)]);
  expect(a?.sameBytes(b ?? a)).toBe(false);
  expect(b?.sameBytes(c ?? b)).toBe(false);
  expect(d && a?.sameBytes(d)).toBe(true);
});

test("a detached row keeps its values, and not its packet", () => {
  const rows = [one("1", "x"), one("2", "y".repeat(1_000_000))];
  const kept = encodedRows(rows)[0]?.detach();
  expect(kept?.values()).toEqual(rows[0]);
  expect(kept?.value(0)).toEqual(Buffer.from("1"));
  expect(kept?.packet.buffer.byteLength).toBeLessThan(1_000_000);
});

describe("bytes that aren't rows", () => {
  it("cut off anywhere but between two rows, are refused", () => {
    const rows = [one("1", "abc"), one(null, ""), one("2", "x".repeat(300))];
    const parts = rows.map((row) => encode(RESPONSE, { rows: [encodeRow(row)] }));
    const ends = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, part) => sum + part.length, 0));
    const whole = Buffer.concat(parts);
    for (let length = 1; length <= whole.length; length++) {
      const read = () => readRows(whole.subarray(0, length), 2);
      if (ends.includes(length)) expect(read()).toHaveLength(ends.indexOf(length) + 1);
      else expect(read).toThrow(RangeError);
    }
  });

  it("of any kind are refused or read, and never beyond their end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (bytes, columns) => {
        try {
          for (const row of readRows(lengthDelimited(4, bytes), columns)) {
            const sizes = row.values().map((found) => found?.length ?? 0);
            expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes.length);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it.each([
    ["too few values", one("1"), "1 values for 2 columns"],
    ["too many values", one("1", "2", "3"), "3 values for 2 columns"],
  ])("with %s are refused", (_, row, why) => {
    expect(() => readRows(encode(RESPONSE, { rows: [encodeRow(row)] }), 2)).toThrow(why);
  });

  it("whose lengths don't add up are refused", () => {
    const rows = [{ lengths: [1, 3], values: Buffer.from("abc") }];
    expect(() => readRows(encode(RESPONSE, { rows }), 2)).toThrow("3 bytes long, not 4");
  });
});

it("fields that later versions may add to a row are passed over", () => {
  const row = encode("query.Row", encodeRow(one("1", "abc")));
  const extended = Buffer.concat([lengthDelimited(7, Buffer.from("new")), row, lengthDelimited(9, Buffer.from("new"))]);
  const [read] = readRows(lengthDelimited(4, extended), 2);
  expect(read?.values()).toEqual(one("1", "abc"));
  expect(read?.value(1)).toEqual(Buffer.from("abc"));
});
