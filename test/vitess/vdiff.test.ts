/** Differences planted in the target, found by the comparison from here and by the tablets' own. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeVitess } from "./lab.js";

const pairs = [
  { source: "commerce", target: "commerce" },
  { source: "orders", target: "shop" },
];

/** Its hash begins with 6d, so that it belongs to the first shard. */
const TOO_MANY = 900_002;

/** v17's and v18's tablets compare no table without a primary key (notes), and no reference table of several shards (product). */
const COMPARABLE = "-tables corder,customer";

interface TableReport {
  table: string;
  mismatchedRows: number;
  extraRowsSource: number;
  extraRowsTarget: number;
  mismatchSamples: { source: { row: { customer_id: number } } }[];
}

for (const { source, target } of pairs) {
  describeVitess(`VDiff of ext1.${source} and ${target}`, (lab) => {
    beforeAll(async () => {
      await lab.clear();
      await lab.seed(source);
      await lab.mount();
      await lab.must(`Migrate -all -source ext1.${source} Create ${target}.wf`);
      await lab.following(target);
    });
    afterAll(async () => {
      const streams = await lab.streams(target);
      expect(streams.map(({ state }) => state)).toEqual(streams.map(() => "Running"));
    });

    it("both find nothing while nothing differs", async () => {
      const ours = await lab.type(`VDiff ${target}.wf`);
      expect(ours, ours.stderr).toMatchObject({ code: 0 });
      const tablets = await lab.type(`VDiff ${COMPARABLE} -wait -wait-update-interval 1s ${target}.wf create`);
      expect(tablets, tablets.stderr).toMatchObject({ code: 0 });
      expect(tablets.stdout).toContain("HasMismatch:  false");
    });

    it.each(["", "-full "])("VDiff %sfinds a changed, a missing and a row too many", async (mode) => {
      await plant();
      const diff = await lab.type(`VDiff ${mode}-json ${target}.wf`);
      expect(diff, diff.stderr).toMatchObject({ code: 3 });
      const { tables } = JSON.parse(diff.stdout) as { tables: TableReport[] };
      const customer = tables.find(({ table }) => table === "customer");
      expect(customer).toMatchObject({ mismatchedRows: 1, extraRowsSource: 1, extraRowsTarget: 1 });
      expect(customer?.mismatchSamples.map((sample) => Number(sample.source.row.customer_id))).toEqual([3]);
      const others = tables.filter(({ table }) => table !== "customer");
      expect(others.map((report) => report.mismatchedRows + report.extraRowsSource + report.extraRowsTarget)).toEqual(
        others.map(() => 0),
      );
    });

    it("the tablets' VDiff finds them too", async () => {
      await plant();
      const diff = await lab.type(`VDiff ${COMPARABLE} -wait -wait-update-interval 1s ${target}.wf create`);
      expect(diff, diff.stderr).toMatchObject({ code: 3 });
      expect(diff.stdout).toContain("HasMismatch:  true");
      const show = await lab.type(`VDiff -format json ${target}.wf show last`);
      expect(JSON.parse(show.stdout).TableSummary.customer).toMatchObject({
        MismatchedRows: 1,
        ExtraRowsSource: 1,
        ExtraRowsTarget: 1,
      });
    });

    /** In the target alone: customer 3 changed, 7 gone, and one that the source hasn't. */
    async function plant(): Promise<void> {
      const shards = lab.primaries("target", target);
      for (const shard of shards) {
        await lab.sql(
          shard,
          "update customer set email = 'changed' where customer_id = 3",
          `delete from customer where customer_id in (7, ${TOO_MANY})`,
        );
      }
      const [first] = shards;
      if (first) await lab.sql(first, `insert into customer(customer_id, email) values (${TOO_MANY}, 'more')`);
    }
  });
}
