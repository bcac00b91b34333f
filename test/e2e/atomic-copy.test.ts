/** -atomic-copy: all tables of one shard from one snapshot, while the application writes; and where that can't be. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Application, startApplication } from "../../src/sandbox/application.js";
import { commerceTables } from "../../src/sandbox/commerce.js";
import { Lab, rows, sql } from "../support/lab.js";

const create = "Migrate -all -atomic-copy -source ext1.commerce";

describe.each(["v18", "v22"] as const)("an atomic copy between clusters of %s", (profile) => {
  let lab: Lab;
  let application: Application;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 300, sourceProfile: profile, targetProfile: profile });
    sql(
      lab.primary("source"),
      "create table z_parent (id bigint not null, code int, primary key (id), unique key code (code))",
      "create table a_child (id bigint not null, parent int, n int, primary key (id), key n (n), key wide (parent, n), constraint a_child_1 foreign key (parent) references z_parent (code))",
      "insert into z_parent values (7, 70)",
      "insert into a_child values (1, 70, 1), (2, null, 2)",
      "create table _vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20200915120410 (id int primary key)",
      "create table _customer_old (id int primary key)",
      "insert into _customer_old values (1)",
    );
    const { vtgatePort: port } = lab.sandbox.source;
    application = await startApplication({ port, database: "commerce", seed: 5, pauseMs: 2 });
  }, 120_000);

  afterAll(async () => {
    await application?.stop();
    await lab?.close();
  });

  it("refuses deferred keys", async () => {
    const before = await lab.topo.global.list("");
    const result = await lab.type(`${create} -defer-secondary-keys Create commerce.wf`);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain("Migrate Error: -atomic-copy and -defer-secondary-keys exclude each other\n");
    expect(await lab.topo.global.list("")).toEqual(before);
    expect(lab.streams()).toEqual([]);
  });

  it("brings every table with its keys, but for those that Vitess calls its own", async () => {
    const { counts } = application;
    const result = await lab.type(`${create} -wait Create commerce.wf`);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ workflow_sub_type: "2", defer_secondary_keys: "0", state: "Running" }]);
    expect(result.stderr).toMatch(
      /^Left out, tables of Vitess's own schema changes: _customer_old, _vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20200915120410$/m,
    );
    const tables = [...commerceTables, "a_child", "z_parent"];
    expect(lab.targetTables()).toEqual([...tables].sort());
    const keys = lab.primary("target").mysql.table("vt_commerce", "a_child")?.createTable;
    expect(keys).toBe(lab.primary("source").mysql.table("vt_commerce", "a_child")?.createTable);
    await expect
      .poll(() => Math.min(counts.inserts, counts.updates, counts.deletes), { timeout: 20_000 })
      .toBeGreaterThan(3);
    await application.stop();
    expect(application.failure).toBeUndefined();
    const vdiff = await lab.type("VDiff commerce.wf", { timeoutMs: 60_000 });
    expect(vdiff, vdiff.stdout + vdiff.stderr).toMatchObject({ code: 0 });
    for (const table of tables) {
      expect(rows(lab.primary("target"), table), table).toEqual(rows(lab.primary("source"), table));
    }
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
  }, 120_000);
});

describe("an atomic copy that Vitess would get wrong", () => {
  let lab: Lab;

  afterEach(() => lab.close());

  it.each([
    {
      sourceShards: ["0"],
      targetShards: ["-80", "80-"],
      said: "passes over filters: every row would go to each of -80/",
    },
    { sourceShards: ["-80", "80-"], targetShards: ["-80", "80-"], said: "passes over filters" },
    { sourceShards: ["-80", "80-"], targetShards: ["0"], said: "from several: -80, 80-" },
  ])("from $sourceShards to $targetShards is refused", async ({ sourceShards, targetShards, said }) => {
    lab = await Lab.start({ typesHere: true, rows: 10, sourceShards, targetShards });
    const before = await lab.everything();
    const result = await lab.type(`Migrate -all -atomic-copy -source ext1.commerce Create commerce.wf`);
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr).toContain("Hint: Leave out -atomic-copy");
    expect(await lab.everything()).toEqual(before);
  });
});
