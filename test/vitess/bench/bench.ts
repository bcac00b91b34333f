/** npm run bench:vitess: our commands and vtctlclient's on one real cluster, in turn, as ratios within one run. */
import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeVitess } from "../lab.js";
import { until } from "../until.js";
import { Lines } from "./lines.js";
import { ROWS, seedMillion } from "./million.js";

/** How often each is typed; the median counts. */
const TIMES = 5;

describeVitess("times", (lab) => {
  const lines = new Lines();
  const target = () => lab.primary("target", "commerce");

  beforeAll(async () => {
    await lab.clear();
    await seedMillion(lab);
    await lab.ddl("source", "commerce", ["create table small (id int primary key)"]);
    await lab.sql(lab.primary("source", "commerce"), "insert into small values (1), (2), (3)");
    await lab.mount();
  }, 300_000);
  afterAll(() => lines.print(process.stderr));

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  }

  /** Both in turn, so that what else the machine does hits both. Seconds. */
  async function inTurn(
    ours: () => Promise<number>,
    theirs: () => Promise<number>,
    times = TIMES,
  ): Promise<{ ours: number; theirs: number }> {
    const took: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let i = 0; i < times; i++) {
      took.ours.push(await ours());
      took.theirs.push(await theirs());
    }
    return { ours: median(took.ours), theirs: median(took.theirs) };
  }

  async function typed(words: string[]): Promise<void> {
    const { code, stdout, stderr } = await lab.vtctlclient(words, 300_000);
    if (code !== 0) throw new Error(`vtctlclient ${words.join(" ")}: ${stdout}${stderr}`);
  }

  const interactive: [string, string, string[]][] = [
    ["Mount -list", "Mount -list", ["Mount", "--", "--list"]],
    ["Workflow Show", "Workflow commerce.wf Show", ["Workflow", "--", "commerce.wf", "show"]],
  ];

  async function create(ours: boolean): Promise<number> {
    await lab.clearTarget();
    await lab.mount();
    return timed(async () => {
      const options = ["--tables", "small", "--cells", "zx", "--source", "ext1.commerce", "Create", "commerce.wf"];
      const typing = ours ? lab.must(["Migrate", ...options]) : typed(["Migrate", "--", ...options]);
      await until("the first row is copied", async () => (await lab.sql(target(), "select * from small"))[0]);
      await typing;
    });
  }

  async function complete(ours: boolean): Promise<number> {
    await lab.clearTarget();
    await lab.mount();
    await lab.must("Migrate -tables small -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    return timed(() =>
      ours ? lab.must("Migrate Complete commerce.wf") : typed(["Migrate", "--", "Complete", "commerce.wf"]),
    );
  }

  it("interactive commands", async () => {
    await lab.must("Migrate -tables small -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    for (const [name, ours, theirs] of interactive) {
      lines.add(
        name,
        await inTurn(
          () => timed(() => lab.must(ours)),
          () => timed(() => typed(theirs)),
        ),
        { slower: 0.5 },
      );
    }
    lines.add(
      "Create, until the first row is copied",
      await inTurn(
        () => create(true),
        () => create(false),
        3,
      ),
      { slower: 0.5 },
    );
    lines.add(
      "Complete",
      await inTurn(
        () => complete(true),
        () => complete(false),
        3,
      ),
      { slower: 0.5 },
    );
  }, 600_000);

  it(`VDiff of ${ROWS} rows`, async () => {
    await lab.clearTarget();
    await lab.mount();
    await lab.must("Migrate -tables big -source ext1.commerce Create commerce.wf");
    await until("all rows are copied", () => lab.following("commerce"), 240_000);
    const took: Record<"default" | "full" | "v1" | "v2", number[]> = { default: [], full: [], v1: [], v2: [] };
    for (let i = 0; i < 3; i++) {
      took.default.push(await timed(() => lab.must("VDiff commerce.wf")));
      took.full.push(await timed(() => lab.must("VDiff -full commerce.wf")));
      const cells = ["--source_cell", "zx", "--target_cell", "zone1"];
      took.v1.push(await timed(() => typed(["VDiff", "--", "--v1", ...cells, "commerce.wf"])));
      took.v2.push(
        await timed(async () => {
          await typed(["VDiff", "--", ...cells, "commerce.wf", "create"]);
          await until(
            "v2 has compared",
            async () => {
              const [vdiff] = await lab.sql(target(), "select state from _vt.vdiff order by id desc limit 1");
              return vdiff?.state === "completed";
            },
            240_000,
          );
        }),
      );
    }
    const [v1, v2] = [median(took.v1), median(took.v2)];
    lines.add("VDiff against v1", { ours: median(took.default), theirs: v1 });
    lines.add("VDiff against v2", { ours: median(took.default), theirs: v2 });
    lines.add(
      "VDiff against the faster of both",
      { ours: median(took.default), theirs: Math.min(v1, v2) },
      { ratio: 0.5 },
    );
    lines.add("VDiff -full against v1", { ours: median(took.full), theirs: v1 }, { ratio: 1 });
    expect(took.v2).toHaveLength(3);
  }, 1_200_000);
});

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
