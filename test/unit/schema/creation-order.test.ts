import fc from "fast-check";
import { expect, it } from "vitest";
import { creationOrder } from "../../../src/schema/creation-order.js";
import { type ForeignKey, readForeignKeys } from "../../../src/schema/foreign-keys.js";
import { readTableText } from "../../../src/schema/table-text.js";

function order(parents: Record<string, string[]>): string[] {
  const tables = Object.entries(parents).map(([name, of]): [string, ForeignKey[]] => {
    const lines = of.map((parent) => `CONSTRAINT \`c\` FOREIGN KEY (\`a\`) REFERENCES ${parent} (\`a\`)`);
    return [
      name,
      readForeignKeys(readTableText(`CREATE TABLE \`${name}\` (\n  ${["`a` int", ...lines].join(",\n  ")}\n)`)),
    ];
  });
  return creationOrder(new Map(tables));
}

it.each<[string, Record<string, string[]>, string]>([
  ["by name", { c: [], a: [], b: [] }, "a b c"],
  ["parents first", { a: ["`c`"], b: [], c: ["`d`"], d: [] }, "d c a b"],
  ["parents by name too", { a: ["`c`", "`b`"], b: [], c: [] }, "b c a"],
  ["itself is no parent to wait for", { b: ["`b`"], a: [] }, "a b"],
  ["a parent that isn't moved", { b: ["`x`"], a: [] }, "a b"],
  ["another database's table of the same name", { a: ["`o`.`b`"], b: [] }, "a b"],
  ["a circle, and one that waits for it", { a: ["`b`"], b: ["`c`"], c: ["`a`"], aa: ["`c`"] }, "c b a aa"],
])("%s", (_, parents, expected) => {
  expect(order(parents).join(" ")).toBe(expected);
});

it("each table once, and parents first wherever that is possible", () => {
  const names = [..."abcdefgh"];
  // Parents are later in the alphabet, so that there is no circle.
  const graph = fc.tuple(...names.map((_, i) => fc.subarray(names.slice(i + 1))));
  fc.assert(
    fc.property(graph, fc.shuffledSubarray(names, { minLength: names.length }), (parents, listed) => {
      const of = (name: string) => parents[names.indexOf(name)] ?? [];
      const sorted = order(Object.fromEntries(listed.map((name) => [name, of(name).map((parent) => `\`${parent}\``)])));
      expect([...sorted].sort()).toEqual(names);
      for (const name of names) {
        for (const parent of of(name)) expect(sorted.indexOf(parent)).toBeLessThan(sorted.indexOf(name));
      }
      // The same tables in whatever order they come.
      expect(order(Object.fromEntries(names.map((name) => [name, of(name).map((parent) => `\`${parent}\``)])))).toEqual(
        sorted,
      );
    }),
  );
});
