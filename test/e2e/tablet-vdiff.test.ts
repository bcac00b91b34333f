/** The tablets' own VDiff, typed: over shards, versions and what they are known for. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure } from "../support/failure.js";
import { Lab, type LabOptions, sql } from "../support/lab.js";
import { normalise, recorded } from "../support/recording.js";

const ROWS = 40;
const UUID = "11111111-2222-3333-4444-555555555555";
const LATER = "22222222-2222-3333-4444-555555555555";
const RECORDING = "vtctlclient-v22.0.3.txt";

async function start(options: LabOptions, sourceKeyspace = "commerce"): Promise<Lab> {
  const lab = await Lab.start({ typesHere: true, rows: ROWS, ...options });
  const created = await lab.type(`Migrate -all -source ext1.${sourceKeyspace} -wait Create commerce.wf`);
  expect(created, created.stderr).toMatchObject({ code: 0 });
  return lab;
}

const running = (lab: Lab) => lab.streams().every(({ state, message }) => state === "Running" && message === "");

describe("on two shards (v22)", { timeout: 60_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await start({ targetShards: ["-80", "80-"] });
  }, 60_000);
  afterAll(() => lab.close());

  it("create -wait says that both sides are equal, with 0", async () => {
    const { code, stdout } = await lab.type(`VDiff -- --wait commerce.wf Create ${UUID.toUpperCase()}`);
    expect(code).toBe(0);
    const expected = recorded(RECORDING, "VDiff commerce.wf show last").stdout;
    // product, a reference table, is on both shards.
    expect(normalise(stdout)).toBe(normalise(expected).replace(/RowsCompared: \d+/, `RowsCompared: ${6 * ROWS}`));
    expect(running(lab)).toBe(true);
    const [stored] = sql(lab.primaryOf("target", "-80"), "select options from _vt.vdiff");
    expect(JSON.parse(stored?.options ?? "").report_options.format).toBe("text");
  });

  it("show all lists it by shard, in vtctlclient's grid", async () => {
    const { code, stdout } = await lab.type("VDiff commerce.wf show all");
    expect(code).toBe(0);
    expect(stdout.match(new RegExp(`^\\| {4}${UUID} \\|.*completed \\|$`, "gm"))).toHaveLength(2);
  });

  it("differences: 3, also when they are shown again, with samples by shard", async () => {
    sql(lab.primaryOf("target", "-80"), "delete from customer where customer_id = 1");
    sql(lab.primaryOf("target", "80-"), "update corder set price = 7 order by order_id limit 1");
    const { code } = await lab.type("VDiff -wait -tables customer,corder commerce.wf create");
    expect(code).toBe(3);
    const shown = await lab.type("VDiff -format json commerce.wf show last");
    expect(shown.code).toBe(3);
    const { HasMismatch, TableSummary, Reports } = JSON.parse(shown.stdout);
    expect(HasMismatch).toBe(true);
    expect(TableSummary.customer).toMatchObject({ MatchingRows: ROWS - 1, ExtraRowsSource: 1 });
    expect(Reports.customer["-80"].ExtraRowsSourceSample[0].Row.customer_id).toBe("1");
    const reports = Object.values<{ MismatchedRows: number }>(Reports.corder);
    expect(reports.map(({ MismatchedRows }) => MismatchedRows).sort()).toEqual([0, 1]);
    expect(running(lab)).toBe(true);
  });

  /** Tablets of v22 take this lock for each table: while it is held they stay where they are. */
  it("one at work: an interruption leaves it there, others are refused, stop ends it", async () => {
    const lock = await lab.topo.lockName("commerce/wf", { action: "test", timeoutMs: 5000, allowMissingDir: true });
    try {
      const words = `VDiff -wait -tables customer commerce.wf create ${LATER}`;
      const interrupted = await lab.type(words, {
        onStderr: (text, kill) => text.includes("has begun") && kill("SIGINT"),
      });
      expect(interrupted).toMatchObject({ code: 130, stdout: "" });
      expect(interrupted.stderr).toContain(`interrupted: the tablets go on with VDiff ${LATER}\n`);
      expect(interrupted.stderr).toContain(`"vtmigrate VDiff commerce.wf stop ${LATER}" stops it.`);

      expectFailure(
        await lab.type("VDiff commerce.wf"),
        7,
        new RegExp(`^VDiff Error: the tablets' own VDiff ${LATER} of commerce.wf is (pending|started) on -80/zone1-`),
        /VDiff commerce.wf stop .* stops it\.$/,
      );
      expect(await lab.type("VDiff commerce.wf show last")).toMatchObject({ code: 8 });
      expect(await lab.type("VDiff commerce.wf stop last")).toMatchObject({
        code: 0,
        stdout: `The stop action for vdiff ${LATER} is completed on target shards\n`,
      });
    } finally {
      await lock.release();
    }
    expect(running(lab)).toBe(true);
    const resumed = await lab.type(`VDiff -wait -verbose commerce.wf resume ${LATER}`);
    expect(resumed.stdout).toContain("State:        completed\n");
    expect(resumed.code).toBe(3);
  });

  it("delete all leaves nothing", async () => {
    expect(await lab.type("VDiff commerce.wf delete all")).toMatchObject({
      code: 0,
      stdout: "The delete action for vdiff  is completed on target shards\n",
    });
    for (const shard of ["-80", "80-"])
      expect(sql(lab.primaryOf("target", shard), "select * from _vt.vdiff")).toEqual([]);
    expect(await lab.type("VDiff commerce.wf show last")).toMatchObject({
      code: 6,
      stdout: "No previous vdiff found for commerce.wf\n",
    });
  });
});

describe("a source keyspace that the target's topology doesn't know", { timeout: 60_000 }, () => {
  it("with extra rows v18 ends in error: they are told as differences", async () => {
    const lab = await start({ targetProfile: "v18", sourceKeyspace: "shop" }, "shop");
    try {
      sql(lab.primary("target"), "delete from customer where customer_id = 3");
      const result = await lab.type("VDiff -wait -json -tables customer,corder commerce.wf create");
      expect(result.code, result.stderr).toBe(3);
      expect(result.stderr).toContain("Errors are not tried again: keyspace shop has no VSchema in this cluster");
      const { state, hasDifferences, tables } = JSON.parse(result.stdout);
      expect([state, hasDifferences]).toEqual(["error", true]);
      expect(tables.find(({ table }: { table: string }) => table === "customer")).toMatchObject({
        matchingRows: ROWS - 1,
        extraRowsSource: 1,
      });
      // It isn't tried again, so it is in nobody's way.
      expect(await lab.type("VDiff -tables customer commerce.wf")).toMatchObject({ code: 3 });
      const early = await lab.type("VDiff -auto-start=false -tables customer commerce.wf create");
      expect(early.code, early.stderr).toBe(9);
      expect(early.stderr).toContain("can't create a VDiff without starting it (before v21)");
    } finally {
      await lab.close();
    }
  });
});

describe("versions", { timeout: 60_000 }, () => {
  it.each([
    ["v11", /^VDiff Error: tablet zone1-0000000100 has no VDiff \(v11 to v13\)$/],
    ["v14", /looks for the source's tablets in its own cluster \(v14\)/],
    ["v16", /may crash its tablet when equal rows come in another order .*\(v15 to v17\)/],
  ] as const)("tablets of %s are not asked", async (profile, sentence) => {
    const lab = await start({ rows: 5, targetProfile: profile });
    try {
      const refused = await lab.type("VDiff commerce.wf create");
      expectFailure(refused, 9, sentence, /^Hint: "VDiff commerce.wf", without an action, compares from here/);
      expect(running(lab)).toBe(true);
    } finally {
      await lab.close();
    }
  });

  it("main compares with a source of v11", async () => {
    const lab = await start({ rows: 5, sourceProfile: "v11", targetProfile: "main" });
    try {
      const { code, stdout, stderr } = await lab.type("VDiff -wait -json commerce.wf create");
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ state: "completed", hasDifferences: false });
    } finally {
      await lab.close();
    }
  });
});
