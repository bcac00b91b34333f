/** Migrate Cancel through the built binary: what it drops, what it keeps, and what it says about both. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { decode } from "../../src/wire/proto.js";
import { updateRecord } from "../../src/workflow/record.js";
import type { CliResult } from "../support/cli.js";
import { afterStatement, firstPosition, Lab, sql } from "../support/lab.js";

const create = (lab: Lab, flags: string, workflow = "commerce.wf") =>
  lab.type(`Migrate ${flags} -source ext1.commerce Create ${workflow}`);

const tablesByShard = (lab: Lab) =>
  Object.fromEntries(
    lab.primaries("target").map(({ shard, mysql, dbName }) => [shard, mysql.tables(dbName).map(({ name }) => name)]),
  );

const lines = (result: CliResult, start: string) => result.stderr.split("\n").filter((line) => line.startsWith(start));

/** Done, all of it said. */
const ok = (result: CliResult) => expect(result.code, result.stderr).toBe(0);

describe("into one shard", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 50 });
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const cluster of ["source", "target"] as const) {
      for (const tablet of lab.sandbox[cluster].tablets) tablet.resume();
    }
    if ((await lab.topo.mounts()).length === 0) await lab.mount("ext1", lab.sandbox.source);
    await lab.clear();
  });

  it("prints what it dropped on stderr, and as data with -json", async () => {
    ok(await create(lab, "-tables customer,corder -wait"));
    const text = await lab.type("Migrate Cancel commerce.wf");
    expect(lines(text, "Dropped")).toEqual([
      "Dropped corder on 0/zone1-0000000100: 50 rows",
      "Dropped customer on 0/zone1-0000000100: 50 rows",
    ]);
    expect(text.stdout).toMatch(/^Cancel was successful for workflow commerce\.wf\nStart State: /);
    ok(await create(lab, "-tables customer,corder -wait"));
    const json = await lab.type("-json Migrate Cancel commerce.wf");
    const place = { shard: "0", tablet: "zone1-0000000100" };
    expect(JSON.parse(json.stdout)).toMatchObject({
      dropped: [
        { ...place, table: "corder", rows: 50, exact: true },
        { ...place, table: "customer", rows: 50, exact: true },
      ],
      kept: [],
    });
  });

  it("-dry_run lists the drops with their rows, and changes nothing", async () => {
    ok(await create(lab, "-tables customer,product -wait"));
    const before = await lab.everything();
    const result = await lab.type("Migrate -dry_run Cancel commerce.wf");
    ok(result);
    expect(result.stdout).toMatch(/^Drop tables on 0\/zone1-0000000100: customer \(50 rows\), product \(\d+ rows\)$/m);
    expect(lines(result, "Dropped")).toEqual([]);
    expect(await lab.everything()).toEqual(before);
  });

  it("without a record asks, keeps with -keep_data, drops with -force", async () => {
    ok(await create(lab, "-all -wait"));
    await lab.topo.deleteWorkflowRecord("commerce", "wf");
    const before = await lab.everything();
    for (const flags of ["", "-dry_run "]) {
      const refused = await lab.type(`Migrate ${flags}Cancel commerce.wf`);
      expect(refused).toMatchObject({ code: 9, stdout: "" });
      expect(refused.stderr).toMatch(
        /^Migrate Error: no record tells which tables were created for commerce\.wf, and which were there before$/m,
      );
      expect(refused.stderr).toContain("-force drops corder, customer, kinds, notes, product on 0/zone1-0000000100");
    }
    const shown = await lab.type("Migrate -dry_run -force Cancel commerce.wf");
    expect(shown.stdout).toContain("customer (50 rows)");
    expect(await lab.everything()).toEqual(before);
    ok(await lab.type("Migrate -force Cancel commerce.wf"));
    expect(tablesByShard(lab)).toEqual({ "0": [] });
    expect(lab.streams()).toEqual([]);
  });

  it("of several workflows ends one, and of their tables drops its own", async () => {
    ok(await create(lab, "-tables customer,corder -wait"));
    ok(await create(lab, "-tables product -wait", "commerce.beside"));
    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect(tablesByShard(lab)).toEqual({ "0": ["product"] });
    expect(lab.streams()).toMatchObject([{ workflow: "beside", state: "Running" }]);
    expect(await lab.record("beside")).toMatchObject({ step: "created" });
  });

  it("warns of a table that stays and whose parent goes", async () => {
    ok(await create(lab, "-tables customer -wait"));
    sql(
      lab.primary("target"),
      "create table invoice(id bigint not null, c bigint, primary key(id), key c(c), constraint f foreign key (c) references customer(customer_id))",
    );
    const result = await lab.type("Migrate Cancel commerce.wf");
    ok(result);
    expect(lines(result, "Warning:")).toEqual([
      "Warning: table invoice stays on 0, and its foreign keys reference what is dropped: customer. MySQL refuses its new rows from then on.",
    ]);
    expect(tablesByShard(lab)).toEqual({ "0": ["invoice"] });
  });

  describe("-keep_data in the middle of a copy that put keys off", () => {
    const alter = "alter table vt_commerce.corder add key customer_idx (customer_id)";

    /** As the tablet leaves it: the key dropped, the statement that adds it remembered, rows still to copy. */
    async function midCopy(): Promise<void> {
      const target = lab.primary("target");
      const replica = lab.tablet("source", "zx-0000000002");
      sql(lab.primary("source"), "alter table corder add key customer_idx (customer_id)");
      const paused = afterStatement(target, firstPosition, () => replica.pause());
      ok(await create(lab, "-tables corder,customer -tablet_types REPLICA"));
      await paused;
      const [stream] = lab.streams();
      sql(
        target,
        "alter table corder drop key customer_idx",
        `insert into _vt.post_copy_action(vrepl_id, table_name, action) values (${stream?.id}, 'corder', '{"type": 1, "task": "${alter}"}')`,
      );
    }

    afterEach(() => {
      sql(lab.primary("source"), "alter table corder drop key customer_idx");
    });

    it("says which rows and keys are missing, by the source's schema", async () => {
      await midCopy();
      const result = await lab.type("Migrate -keep_data Cancel commerce.wf");
      ok(result);
      expect(result.stderr).toMatch(
        /^Warning: the copy is not done: rows are missing in (corder|customer|corder, customer) on 0\.$/m,
      );
      expect(result.stderr).toContain("Warning: secondary keys are missing in corder on 0. They are added with:\n");
      const [line = ""] = lines(result, "  0: ");
      expect(line).toBe("  0: ALTER TABLE `vt_commerce`.`corder` ADD KEY `customer_idx` (`customer_id`);");
      expect(tablesByShard(lab)).toEqual({ "0": ["corder", "customer"] });
      sql(lab.primary("target"), line.slice("  0: ".length, -1));
      expect(lab.primary("target").mysql.table("vt_commerce", "corder")?.createTable).toContain("customer_idx");
    });

    it("says so without mount and source too, by what the target remembers", async () => {
      await midCopy();
      await lab.topo.deleteMount("ext1");
      const dry = await lab.type("Migrate -dry_run -keep_data Cancel commerce.wf");
      const result = await lab.type("Migrate -keep_data Cancel commerce.wf");
      for (const { stderr } of [dry, result]) {
        expect(stderr).toContain(
          "Warning: the source's keys could not be compared (no vitess cluster found with name ext1); these are the ones that the target put off.\n",
        );
        expect(stderr).toContain(`  0: ${alter};\n`);
      }
      ok(result);
      expect(lab.streams()).toEqual([]);
    });
  });
});

describe("into two shards", () => {
  let lab: Lab;
  let clean: Awaited<ReturnType<Lab["everything"]>>["tablets"];
  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 50, sourceShards: ["-80", "80-"], targetShards: ["-80", "80-"] });
    clean = (await lab.everything()).tablets;
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(() => lab.clear());

  it("drops on every shard, counts each, and leaves the user's VSchema alone", async () => {
    const before = (await lab.topo.vschema("commerce")).contents;
    ok(await create(lab, "-all -wait"));
    const result = await lab.type("Migrate Cancel commerce.wf");
    ok(result);
    const dropped = lines(result, "Dropped customer on").map((line) => Number(/: (\d+) rows?$/.exec(line)?.[1]));
    expect(dropped).toHaveLength(2);
    expect(dropped.reduce((sum, rows) => sum + rows)).toBe(50);
    expect((await lab.everything()).tablets).toEqual(clean);
    expect((await lab.topo.vschema("commerce")).contents).toEqual(before);
    expect(await lab.record("wf")).toBeUndefined();
  });

  it("with streams on one shard only, beside a workflow that fills the same tables on the other", async () => {
    const tables = "-tables customer,corder";
    ok(await create(lab, `${tables} -source_shards -80 -wait`));
    ok(await create(lab, `${tables} -source_shards 80- -wait`, "commerce.other"));
    // As if our Create had added it: the other workflow's tables need it now.
    await updateRecord(lab.topo, "commerce", "wf", (record) => {
      record.addedVSchemaTables = ["customer"];
    });
    ok(await lab.type("Migrate Cancel commerce.wf"));
    expect(tablesByShard(lab)).toEqual({ "-80": [], "80-": ["corder", "customer"] });
    const { tables: announced } = decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents);
    expect(Object.keys(announced)).toContain("customer");
    expect(lab.streamsByShard()).toMatchObject({ "-80": [], "80-": [{ workflow: "other", state: "Running" }] });
    ok(await lab.type("Migrate Cancel commerce.other"));
    expect(tablesByShard(lab)).toEqual({ "-80": [], "80-": [] });
  });

  it("without a record, -force drops on the shards that have streams", async () => {
    ok(await create(lab, "-tables customer -source_shards -80 -wait"));
    sql(lab.primaryOf("target", "80-"), "create table customer(customer_id bigint not null, primary key(customer_id))");
    await lab.topo.deleteWorkflowRecord("commerce", "wf");
    ok(await lab.type("Migrate -force Cancel commerce.wf"));
    expect(tablesByShard(lab)).toEqual({ "-80": [], "80-": ["customer"] });
    expect(lab.streams()).toEqual([]);
  });
});

describe("on v11, whose tablets know nothing of deferred keys", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 20, sourceProfile: "v11", targetProfile: "v11" });
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(() => lab.clear());

  it("drops and counts", async () => {
    ok(await create(lab, "-tables customer,corder -wait"));
    const result = await lab.type("Migrate Cancel commerce.wf");
    ok(result);
    expect(lines(result, "Dropped")).toHaveLength(2);
    expect(result.stderr).toContain("Dropped customer on 0/zone1-0000000100: 20 rows\n");
    expect(tablesByShard(lab)).toEqual({ "0": [] });
  });

  it("-keep_data in the middle of a copy says which rows are missing", async () => {
    const replica = lab.tablet("source", "zx-0000000002");
    const paused = afterStatement(lab.primary("target"), firstPosition, () => replica.pause());
    ok(await create(lab, "-tables corder,customer -tablet_types REPLICA"));
    await paused;
    const result = await lab.type("Migrate -keep_data Cancel commerce.wf");
    vi.restoreAllMocks();
    replica.resume();
    ok(result);
    expect(lines(result, "Warning:")).toEqual([
      expect.stringMatching(/^Warning: the copy is not done: rows are missing in .* on 0\.$/),
    ]);
    expect(tablesByShard(lab)).toEqual({ "0": ["corder", "customer"] });
  });
});
