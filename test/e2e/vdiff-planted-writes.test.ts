/** VDiff while an application writes five hundred times a second: nothing is reported that isn't so. */
import { afterEach, describe, expect, it } from "vitest";
import { type Application, startApplication } from "../../src/sandbox/application.js";
import { sourceCluster } from "../../src/sandbox/cluster/shape.js";
import { Lab, sql } from "../support/lab.js";

const ROWS = 1000;
const modes = ["", "-full ", ""];

let lab: Lab;
let application: Application | undefined;
afterEach(async () => {
  await application?.stop();
  await lab?.close();
});

interface Report {
  table: string;
  matchingRows: number;
  extraSourceSamples: { row: Record<string, unknown> }[];
}

async function compare(words: string): Promise<{ code: number | null; stderr: string; tables: Report[] }> {
  const { code, stdout, stderr } = await lab.type(`VDiff ${words}-json commerce.wf`);
  return { code, stderr, tables: stdout === "" ? [] : JSON.parse(stdout).tables };
}

function written(): number {
  const { inserts, updates, deletes } = application?.counts ?? { inserts: 0, updates: 0, deletes: 0 };
  return inserts + updates + deletes;
}

describe.each([
  [["0"], ["0"]],
  [
    ["-80", "80-"],
    ["-40", "40-c0", "c0-"],
  ],
])("%j to %j", { timeout: 300_000 }, (shards, targetShards) => {
  it("equal rows stay equal, and one that differs is found", async () => {
    lab = await Lab.start({ rows: ROWS, source: sourceCluster({ shards, replicas: 0 }), targetShards });
    const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
    expect(created, created.stderr).toMatchObject({ code: 0 });
    const port = lab.sandbox.source.vtgatePort;
    application = await startApplication({ port, database: "commerce", seed: 7, perSecond: 500, ownIds: true });
    for (const mode of modes) {
      const before = written();
      const { code, stderr, tables } = await compare(mode);
      expect(code, JSON.stringify(tables) + stderr).toBe(0);
      expect(tables.find(({ table }) => table === "customer")?.matchingRows).toBeGreaterThanOrEqual(ROWS);
      expect(written() - before, "writes in the meantime").toBeGreaterThan(10);
    }
    const primary = lab.primaries("target").at(-1) ?? lab.primary("target");
    const [lost] = sql(primary, "select min(sku) as sku from product");
    sql(primary, `delete from product where sku = '${lost?.sku}'`);
    const { code, stderr, tables } = await compare("-full ");
    expect(code, stderr).toBe(3);
    expect(tables.flatMap(({ extraSourceSamples }) => extraSourceSamples)).toMatchObject([{ row: { sku: lost?.sku } }]);
    expect(application.failure).toBeUndefined();
  });
});
