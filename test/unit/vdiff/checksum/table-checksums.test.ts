import { describe, expect, test } from "vitest";
import { spanCondition } from "../../../../src/vdiff/checksum/range-key.js";
import { type TwoSides, twoSides } from "./two-sides.js";

const ROWS = 8000;
/** With rows of that many bytes, about 400 make a range. */
const rowBytes = 6400;
const ddl = "create table t (a bigint primary key, b varchar(20))";

function fill({ source, target }: Pick<TwoSides, "source" | "target">, rows = ROWS): void {
  for (const shards of [source, target]) {
    shards.forEach(({ run }, shard) => {
      const mine = Array.from({ length: rows }, (_, i) => i + 1).filter((i) => i % shards.length === shard);
      for (let from = 0; from < mine.length; from += 5000) {
        const values = mine.slice(from, from + 5000).map((i) => `(${i}, 'row ${i}')`);
        run(`insert into t values ${values.join(", ")}`);
      }
    });
  }
}

const rowsIn = ({ source, sides }: TwoSides, condition: string) =>
  sides.key.length === 0 ? 0 : Number(source[0]?.value(`select count(*) from t where ${condition}`));

describe("checksums of a table", () => {
  test("are compared range by range, a few at once on a tablet, and nothing is read", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes, parallel: 3 });
    fill(clusters);
    expect(await clusters.check()).toEqual({ equalRows: ROWS, ranges: 20, unequal: [] });
    expect(clusters.atOnce()).toBe(3);
    expect(clusters.asked.filter((query) => query.startsWith("target") && !query.includes("count(*)"))).toEqual([]);
  });

  test("leave a few rows around each difference: changed, missing, extra, first and last", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes });
    fill(clusters);
    const [target] = clusters.target;
    target?.run("update t set b = 'x' where a = 7000");
    target?.run("delete from t where a in (1, 5432)");
    target?.run("insert into t values (-5, 'extra'), (1000000, 'extra')");
    const { equalRows, unequal } = await clusters.check();
    const conditions = unequal.map((span) => spanCondition(clusters.sides.key, span));
    expect(conditions).toHaveLength(4);
    for (const a of [1, 7000, 5432]) {
      expect(
        conditions.filter((condition) => clusters.source[0]?.value(`select 1 from t where a = ${a} and ${condition}`)),
      ).toHaveLength(1);
    }
    for (const a of [-5, 1_000_000]) {
      expect(
        conditions.filter((condition) => target?.value(`select 1 from t where a = ${a} and ${condition}`)),
      ).toHaveLength(1);
    }
    const left = conditions.reduce((sum, condition) => sum + rowsIn(clusters, condition), 0);
    expect(left).toBeLessThanOrEqual(4 * 256);
    expect(equalRows + left).toBe(ROWS);
  });

  test("add up over shards of either side", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes, shards: [2, 3] });
    fill(clusters);
    expect(await clusters.check()).toMatchObject({ equalRows: ROWS, unequal: [] });
    // What one shard has lost another has: that they are the same rows is all that is asked here.
    clusters.target[0]?.run("delete from t where a = 3");
    clusters.target[1]?.run("insert into t values (3, 'row 3')");
    expect(await clusters.check()).toMatchObject({ equalRows: ROWS, unequal: [] });
    clusters.target[2]?.run("update t set b = 'x' where a = 5");
    expect((await clusters.check()).unequal).toHaveLength(1);
  });

  test("ask again for what has changed meanwhile", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes });
    fill(clusters, 2000);
    const [target] = clusters.target;
    target?.run("update t set b = 'late' where a = 500");
    expect(await clusters.check()).toMatchObject({ unequal: [{}] });
    // As a stream would bring it.
    clusters.pause.now = () => void target?.run("update t set b = 'row 500' where a = 500");
    expect(await clusters.check()).toMatchObject({ equalRows: 2000, unequal: [] });
  });

  test("don't look closer where nearly everything differs", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes });
    fill(clusters);
    clusters.target[0]?.run("update t set b = 'x'");
    const { equalRows, unequal } = await clusters.check();
    expect(equalRows).toBe(0);
    const conditions = unequal.map((span) => spanCondition(clusters.sides.key, span));
    expect(conditions.reduce((sum, condition) => sum + rowsIn(clusters, condition), 0)).toBe(ROWS);
    const statements = clusters.asked.filter((query) => query.includes("count(*)")).length;
    expect(statements).toBeLessThan(20 * 2 * (1 + 16 + 1));
  });

  test("see an empty target, and an empty source", async () => {
    const clusters = await twoSides({ source: ddl, rowBytes });
    fill({ source: clusters.source, target: [] }, 3000);
    const empty = await clusters.check();
    expect(empty.equalRows).toBe(0);
    const conditions = empty.unequal.map((span) => spanCondition(clusters.sides.key, span));
    expect(conditions.reduce((sum, condition) => sum + rowsIn(clusters, condition), 0)).toBe(3000);
    const other = await twoSides({ source: ddl, rowBytes });
    fill({ source: [], target: other.target }, 3000);
    expect((await other.check()).unequal.length).toBeGreaterThan(0);
    expect(await (await twoSides({ source: ddl })).check()).toEqual({ equalRows: 0, ranges: 1, unequal: [] });
  });
});
