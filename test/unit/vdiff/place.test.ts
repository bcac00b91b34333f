import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePlaces, placeOf } from "../../../src/vdiff/compare/place.js";
import type { RowShape } from "../../../src/vdiff/compare/row-shape.js";
import { encodedRows } from "../../support/encoded-rows.js";

/** The texts in the order that places give them; null is NULL. */
function ordered(texts: readonly (string | null)[], kind: RowShape["keyOrder"][number]): (string | null)[] {
  const shape: RowShape = { key: [1], canonical: [undefined, undefined], keyOrder: [kind] };
  const rows = encodedRows(texts.map((text) => [Buffer.from("first"), text === null ? null : Buffer.from(text)]));
  const places = rows.map((row) => placeOf(row, shape));
  const order = texts.map((_, i) => i).sort((a, b) => comparePlaces(places[a] ?? [], places[b] ?? []));
  return order.map((i) => texts[i] ?? null);
}

test("integers stand by their value, in all 64 bits", () => {
  const around = (middle: bigint) => fc.bigInt({ min: middle - 20n, max: middle + 20n });
  const integer = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), around(0n), around(2n ** 62n));
  fc.assert(
    fc.property(fc.uniqueArray(integer, { maxLength: 12 }), (values) => {
      const sorted = values.toSorted((a, b) => (a < b ? -1 : 1)).map(String);
      expect(ordered(values.map(String), "integer")).toEqual(sorted);
    }),
  );
});

test("NULL comes first, decimals by value, and text by its bytes", () => {
  expect(ordered(["2", null, "-1"], "integer")).toEqual([null, "-1", "2"]);
  expect(ordered(["10.50", "9.7", null, "-0.5"], "number")).toEqual([null, "-0.5", "9.7", "10.50"]);
  expect(ordered(["b", "é", "B", "", null], "bytes")).toEqual([null, "", "B", "b", "é"]);
});

test("leading zeros say nothing, however many there are", () => {
  const filled = ["00000000000000000009", "10", "00000000000000000011", "9007199254740993", "00009007199254740994"];
  expect(ordered(filled.toReversed(), "integer")).toEqual(filled);
});

test("what should be an integer and isn't has a place as well", () => {
  expect(() => ordered(["12345678901234567890.5", "x", "1"], "integer")).not.toThrow();
});

test("a column further on decides where the first are the same", () => {
  const shape: RowShape = { key: [1, 0], canonical: [undefined, undefined], keyOrder: ["bytes", "integer"] };
  const [a, b] = encodedRows([
    [Buffer.from("10"), Buffer.from("x")],
    [Buffer.from("9"), Buffer.from("x")],
  ]).map((row) => placeOf(row, shape));
  expect(comparePlaces(a ?? [], b ?? [])).toBeGreaterThan(0);
  expect(comparePlaces(a ?? [], a ?? [])).toBe(0);
});
