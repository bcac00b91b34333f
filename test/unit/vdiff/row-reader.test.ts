import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketReader } from "../../../src/vdiff/compare/row-reader.js";
import { encodedRows } from "../../support/encoded-rows.js";

/** With all rows at hand, in a packet that begins at another place than that of other readers. */
async function filled(keys: readonly string[]): Promise<PacketReader> {
  const packet = encodedRows(["first", ...keys].map((key) => [Buffer.from(key), null]));
  const reader = new PacketReader(async () => packet);
  await reader.fill();
  reader.take();
  return reader;
}

const next = (reader: PacketReader) => reader.take()?.value(0)?.toString();

test("takeSame takes what is the same at the front, and no more", async () => {
  // Keys of the same length and of others: rows that differ may still make up the same number of bytes.
  const keys = fc.array(fc.constantFrom("a", "b", "bb", "ab"), { maxLength: 40 });
  const limits = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 40 }));
  await fc.assert(
    fc.asyncProperty(keys, keys, keys, limits, async (common, left, right, limit) => {
      const [a, b] = [
        [...common, ...left],
        [...common, ...right],
      ];
      const differs = a.findIndex((key, i) => key !== b[i]);
      const same = Math.min(differs < 0 ? a.length : differs, b.length, limit);
      const [one, other] = [await filled(a), await filled(b)];
      expect(one.takeSame(other, limit)).toBe(same);
      expect(next(one)).toBe(a[same]);
      expect(next(other)).toBe(b[same]);
    }),
  );
});
