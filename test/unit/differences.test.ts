/** docs/differences.md says why each difference is one that the side-by-side tables let pass. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { wordsOf } from "../vitess/side-by-side/case.js";
import { tables } from "../vitess/side-by-side/tables/index.js";

const page = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8");

it.each(tables)("$name", ({ cases }) => {
  const silent = cases.flatMap(({ line, differs = [] }) =>
    differs
      .filter(({ because }) => !page.includes(because))
      .map(({ because }) => `${wordsOf(line).join(" ")}: ${because}`),
  );
  expect(silent).toEqual([]);
});
