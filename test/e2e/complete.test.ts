/** Complete, typed as a process: what it prints, what it refuses, and what it does when the source is out of reach. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sourceCluster } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { decode, encode } from "../../src/wire/proto.js";
import { expectFailure } from "../support/failure.js";
import { Lab, sql } from "../support/lab.js";

const tables = ["corder", "customer", "kinds", "notes", "product"];
const create = "Migrate -all -source ext1.commerce -wait Create commerce.wf";
const complete = "Migrate Complete commerce.wf";
const done =
  "Complete was successful for workflow commerce.wf\nStart State: Reads Not Switched. Writes Not Switched\nCurrent State: Workflow Not Found\n\n";

async function typed(lab: Lab, line: string) {
  const result = await lab.type(line);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

async function announced(lab: Lab): Promise<string[]> {
  return Object.keys(decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents).tables).sort();
}

async function denied(lab: Lab): Promise<string[][]> {
  const shards = await lab.topo.shards("commerce");
  return shards.map(({ tabletControls }) => tabletControls.flatMap((control) => control.denied_tables));
}

describe("an unsharded target", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 30 });
  }, 120_000);

  afterAll(() => lab?.close());

  beforeEach(() => typed(lab, create));

  afterEach(async () => {
    await lab.clear();
    for (const { name } of await lab.topo.shards("commerce")) {
      await lab.topo.removeDeniedTables("commerce", name, [...tables, "moved"]);
    }
    if (!(await lab.topo.mounts()).includes("ext1")) await lab.mount("ext1", lab.sandbox.source);
  });

  it("prints where the streams have ended, in -json too", async () => {
    const result = await typed(lab, "Migrate -json Complete commerce.wf");
    const answer = JSON.parse(result.stdout);
    const [cut] = answer.cut;
    expect(cut).toMatchObject({ shard: "0", tablet: "zone1-0000000100", source: "ext1.commerce/0" });
    expect(cut.position).toMatch(/^MySQL56\/[0-9a-f-]{36}:1-\d+$/);
    expect(result.stderr).toContain(
      `The streams have stopped at:\n  0/zone1-0000000100 stream ${cut.id}: ${cut.position}\n`,
    );
    expect(answer.moved).toEqual([]);
    expect(result.stderr).not.toContain("Warning");
    expect(lab.rowsOf("target", "customer")).toEqual(lab.rowsOf("source", "customer"));
  });

  it("says so when the source has gone on since the cut, with both positions", async () => {
    const primary = lab.primary("source");
    let count = 0;
    const write = () => sql(primary, `update customer set email = 'more ${count++}' where customer_id = 1`);
    const writing = setInterval(write, 20);
    const result = await lab.type("Migrate -json Complete commerce.wf");
    clearInterval(writing);
    expect(result.code, result.stderr).toBe(0);
    const [moved] = JSON.parse(result.stdout).moved;
    expect(moved.sourcePosition).not.toBe(moved.position);
    expect(result.stderr).toContain("Warning: the source has executed more since the streams stopped:\n");
    expect(result.stderr).toContain(
      `${moved.position}; ext1.commerce/0 is at ${moved.sourcePosition} (zx-0000000001)\n`,
    );
  });

  it("refuses pending post-copy actions, names their tables, and -force doesn't", async () => {
    const [{ id } = {}] = lab.streams();
    sql(
      lab.primary("target"),
      `insert into _vt.post_copy_action (vrepl_id, table_name, action) values (${id}, 'customer', '{}')`,
    );
    const sentence = `workflow commerce.wf is not ready: stream ${id} on 0/zone1-0000000100 has yet to build the secondary keys of customer`;
    expectFailure(await lab.type(complete), 9, `Migrate Error: ${sentence}`, /-force completes all the same/);
    expectFailure(await lab.type("Migrate -dry_run Complete commerce.wf"), 9, `Migrate Error: ${sentence}`, /-force/);
    expect(await announced(lab)).toEqual([]);
    const forced = await typed(lab, "Migrate -force Complete commerce.wf");
    expect(forced.stderr).toContain(`Warning: -force: stream ${id} on 0/zone1-0000000100 has yet to build`);
  });

  it("refuses a frozen stream", async () => {
    sql(lab.primary("target"), "update _vt.vreplication set message = 'FROZEN', state = 'Stopped'");
    expectFailure(await lab.type(complete), 9, /is frozen: another tool has switched its traffic$/, /-force/);
  });

  it("without the mount: exit 6 with -force in the hint, and -force completes", async () => {
    await lab.topo.deleteMount("ext1");
    expectFailure(
      await lab.type(complete),
      6,
      "Migrate Error: whether the streams have caught up with ext1.commerce/0 can't be checked: no vitess cluster found with name ext1",
      /-force completes without this check/,
    );
    expect(lab.streams()).toMatchObject([{ state: "Running" }]);
    const { stdout, stderr } = await typed(lab, "Migrate -force Complete commerce.wf");
    expect(stdout).toBe(done);
    expect(stderr).toContain(
      "Warning: -force: whether the streams have caught up with ext1.commerce/0 can't be checked",
    );
    expect(await announced(lab)).toEqual(tables);
  });

  it("with a source cluster that is down: exit 5 with -force in the hint, and -force completes", async () => {
    await lab.topo.deleteMount("ext1");
    await lab.topo.createMount("ext1", { type: "etcd2", server: "127.0.0.1:1", root: "/vitess/global" });
    expectFailure(await lab.type(complete), 5, /can't be checked: mount ext1: /, /-force completes without this check/);
    const { stderr } = await typed(lab, "Migrate -force Complete commerce.wf");
    expect(stderr).toContain(
      "Warning: -force: whether the streams have caught up with ext1.commerce/0 can't be checked",
    );
    await lab.topo.deleteMount("ext1");
  });

  it("beside another workflow: only this one's tables, streams and denied entries", async () => {
    await lab.clear();
    await typed(lab, "Migrate -tables customer,corder -source ext1.commerce -wait Create commerce.wf");
    await typed(lab, "Migrate -tables product -source ext1.commerce -wait Create commerce.wf2");
    await lab.deny(["corder", "customer", "product"]);
    await typed(lab, complete);
    expect(await announced(lab)).toEqual(["corder", "customer"]);
    expect(lab.streams()).toMatchObject([{ workflow: "wf2", state: "Running" }]);
    expect(await denied(lab)).toEqual([["product"]]);
    expect(await lab.queryTarget({ keyspace: "commerce", table: "customer" })).toHaveLength(30);
    await expect(lab.queryTarget({ keyspace: "commerce", table: "product" })).rejects.toThrow("enforce denied tables");
    await typed(lab, "Migrate Complete commerce.wf2");
    expect(await denied(lab)).toEqual([[]]);
  });

  it("says which denied tables another tool's complete has left, and takes off those that are named", async () => {
    await typed(lab, complete);
    await lab.deny(["customer", "corder", "moved"]);
    const rules = { rules: [{ from_table: "commerce.moved", to_tables: ["elsewhere.moved"] }] };
    await lab.topo.global.create("RoutingRules", encode("vschema.RoutingRules", rules));
    try {
      const hint =
        "Hint: Keyspace commerce has no workflows. Tables are still denied on commerce/0 (corder, customer), as vtctldclient's complete leaves them: " +
        'the application is refused. "vtmigrate Migrate -force -tables corder,customer Complete commerce.wf" takes them off.';
      const sentence = "Migrate Error: workflow commerce.wf does not exist";
      expectFailure(await lab.type(complete), 6, sentence, hint.slice("Hint: ".length));
      expectFailure(await lab.type("Migrate -force Complete commerce.wf"), 6, sentence, hint.slice("Hint: ".length));
      const result = await typed(lab, "Migrate -force -tables corder,customer,moved Complete commerce.wf");
      expect(result.stdout).toBe(done.replace("Reads Not Switched. Writes Not Switched", "Workflow Not Found"));
      expect(await denied(lab)).toEqual([["moved"]]);
      expect(await lab.queryTarget({ keyspace: "commerce", table: "customer" })).toHaveLength(30);
      expectFailure(await lab.type(complete), 6, sentence, "Keyspace commerce has no workflows.");
    } finally {
      await lab.topo.global.delete("RoutingRules");
    }
  });
});

describe("a source of which only replicas answer", () => {
  it("waits for a replica's position and says what that leaves open", { timeout: 60_000 }, async () => {
    const lab = await Lab.start({ typesHere: true, rows: 10, unreachableSourcePrimaries: true });
    try {
      await typed(lab, create.replace("-all", "-all -tablet_types REPLICA"));
      sql(lab.primary("source"), "insert into customer values (1000, 'late')");
      const replica = lab.tablet("source", "zx-0000000002");
      await expect.poll(() => sql(replica, "select email from customer where customer_id = 1000")).toHaveLength(1);
      const { stdout, stderr } = await typed(lab, complete);
      expect(stdout).toBe(done);
      expect(stderr).toContain(
        "ext1.commerce/0: its primary can't be reached, so the position to reach is that of replica zx-0000000002.",
      );
      expect(sql(lab.primary("target"), "select email from customer where customer_id = 1000")).toHaveLength(1);
    } finally {
      await lab.close();
    }
  });
});

describe("two source and three target shards", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      rows: 40,
      sourceShards: ["-80", "80-"],
      targetShards: ["-40", "40-c0", "c0-"],
    });
    await typed(lab, create);
    await lab.deny(tables);
  }, 120_000);

  afterAll(() => lab?.close());

  it("lists the streams' tablets in a dry run, sorted, and changes nothing", async () => {
    const before = await lab.everything();
    const { stdout, stderr } = await typed(lab, "Migrate -dry_run Complete commerce.wf");
    expect(stdout.split("\n").filter((line) => line.startsWith("\t"))).toEqual([
      "\tKeyspace commerce Shard -40 Workflow wf DbName vt_commerce Tablet 100",
      "\tKeyspace commerce Shard 40-c0 Workflow wf DbName vt_commerce Tablet 101",
      "\tKeyspace commerce Shard c0- Workflow wf DbName vt_commerce Tablet 102",
    ]);
    expect(stderr).toContain("Take the tables off the denied list of commerce/-40, commerce/40-c0, commerce/c0-");
    expect(await lab.everything()).toEqual(before);
  });

  it("refuses while a target shard lacks a stream", async () => {
    const middle = lab.primaryOf("target", "40-c0");
    const [first] = sql(middle, "select * from _vt.vreplication order by id");
    sql(middle, `update _vt.vreplication set workflow = 'aside' where id = ${first?.id}`);
    const [, shard] = /shard:"([^"]*)"/.exec(first?.source ?? "") ?? [];
    expectFailure(
      await lab.type(complete),
      9,
      `Migrate Error: workflow commerce.wf is not ready: 40-c0/zone1-0000000101 has no stream from source shard ${shard}`,
      /-force/,
    );
    sql(middle, "update _vt.vreplication set workflow = 'wf'");
  });

  it("refuses entries that the sharded VSchema lacks, with the lines to add", async () => {
    const { contents } = await lab.topo.vschema("commerce");
    await lab.topo.removeVSchemaTables("commerce", ["customer", "product"]);
    expectFailure(
      await lab.type(complete),
      9,
      "Migrate Error: the VSchema of sharded keyspace commerce has no entry for customer, product",
      `Add to its "tables" (GetVSchema commerce, ApplyVSchema), and complete then: "customer": {"columnVindexes": [{"column": "customer_id", "name": "hash"}]}, "product": {"type": "reference"}`,
    );
    await lab.topo.saveVSchema("commerce", contents, undefined);
    expect(lab.streams().map((stream) => stream.state)).toEqual(["Running", "Running", "Running", "Running"]);
  });

  it("ends all streams, prints each one's end, and leaves the VSchema as it was", async () => {
    const { contents } = await lab.topo.vschema("commerce");
    const { stdout, stderr } = await typed(lab, complete);
    expect(stdout).toBe(done);
    const ends = stderr.match(/^ {2}\S+\/zone1-\d+ stream \d+: MySQL56\/\S+$/gm) ?? [];
    expect(ends.map((line) => line.trim().split("/")[0])).toEqual(["-40", "40-c0", "40-c0", "c0-"]);
    expect((await lab.topo.vschema("commerce")).contents).toEqual(contents);
    expect(await denied(lab)).toEqual([[], [], []]);
    expect(lab.streams()).toEqual([]);
    for (const table of tables) expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
  });
});

describe("shards of another vindex", () => {
  it("refuses while a target shard lacks one of all source shards' streams", { timeout: 60_000 }, async () => {
    const vindexes = { ...shardedCommerce.vindexes, other: { type: "xxhash" } };
    const tables = {
      ...shardedCommerce.tables,
      customer: { column_vindexes: [{ column: "customer_id", name: "other" }] },
    };
    const source = sourceCluster({ shards: ["-80", "80-"], vschema: { ...shardedCommerce, vindexes, tables } });
    const lab = await Lab.start({ typesHere: true, rows: 20, source, targetShards: ["-80", "80-"] });
    try {
      await typed(lab, create);
      sql(lab.primaryOf("target", "-80"), `delete from _vt.vreplication where source like '%shard:"80-"%'`);
      const missing = "-80/zone1-0000000100 has no stream from source shard 80-";
      const said = `Migrate Error: workflow commerce.wf is not ready: ${missing}`;
      expectFailure(await lab.type(complete), 9, said, /-force/);
    } finally {
      await lab.close();
    }
  });
});

describe("two source shards into one", () => {
  it("refuses while a source shard is read by no stream", { timeout: 60_000 }, async () => {
    const lab = await Lab.start({ typesHere: true, rows: 10, sourceShards: ["-80", "80-"], targetShards: ["0"] });
    try {
      await typed(lab, create);
      const primary = lab.primary("target");
      sql(primary, `update _vt.vreplication set workflow = 'aside' where source like '%shard:"80-"%'`);
      const sentence = "workflow commerce.wf is not ready: no stream reads source shard ext1.commerce/80-";
      expectFailure(await lab.type(complete), 9, `Migrate Error: ${sentence}`, /-force/);
      sql(primary, "update _vt.vreplication set workflow = 'wf'");
      const { stdout } = await typed(lab, complete);
      expect(stdout).toBe(done);
      expect(lab.rowsOf("target", "customer")).toEqual(lab.rowsOf("source", "customer"));
    } finally {
      await lab.close();
    }
  });
});

describe.each(["v22", "v11"] as const)("-source_shards on %s", (targetProfile) => {
  it("completes although the other shards have no stream", { timeout: 60_000 }, async () => {
    const shards = ["-80", "80-"];
    const lab = await Lab.start({
      typesHere: true,
      rows: 10,
      sourceShards: shards,
      targetShards: shards,
      targetProfile,
    });
    try {
      await typed(lab, create.replace("-all", "-all -exclude product -source_shards -80"));
      const { stdout } = await typed(lab, complete);
      expect(stdout).toBe(done);
      expect(lab.streams()).toEqual([]);
    } finally {
      await lab.close();
    }
  });
});

describe("one of two shards", () => {
  const options = { rows: 20, sourceShards: ["-80", "80-"], targetShards: ["-80", "80-"] };

  it("that is to be migrated and has lost its stream is missed", { timeout: 60_000 }, async () => {
    const lab = await Lab.start({ typesHere: true, ...options, targetProfile: "v11" });
    try {
      await typed(lab, "Migrate -tables customer -source_shards 80- -source ext1.commerce -wait Create commerce.wf");
      sql(lab.primaryOf("target", "80-"), "update _vt.vreplication set workflow = 'aside'");
      sql(
        lab.primaryOf("target", "-80"),
        `insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag, time_updated, transaction_timestamp, state, db_name)
          values ('wf', 'keyspace:"commerce" shard:"-80" filter:{rules:{match:"customer"}} external_cluster:"ext1"', '', 0, 0, 0, 0, 'Stopped', 'vt_commerce')`,
      );
      const { code, stderr } = await lab.type(complete);
      expect({ code, stderr }).toMatchObject({ code: 9 });
      expect(stderr).toContain("80-/zone1-0000000101 has no stream");
    } finally {
      await lab.close();
    }
  });

  it("whose stream another tool has deleted keeps its rows at Cancel", { timeout: 60_000 }, async () => {
    const lab = await Lab.start({ typesHere: true, ...options });
    try {
      await typed(lab, create);
      sql(lab.primaryOf("target", "-80"), "delete from _vt.vreplication");
      const { stderr } = await typed(lab, "Migrate Cancel commerce.wf");
      expect(stderr).toContain("it has rows, and no stream of this workflow is left");
      expect(lab.rowsByShard("target", "customer")).toEqual({ "-80": lab.rowsByShard("source", "customer")["-80"] });
    } finally {
      await lab.close();
    }
  });
});

describe("two mounts", () => {
  it("two workflows of two clusters into one keyspace are completed each by itself", { timeout: 90_000 }, async () => {
    const lab = await Lab.start({ typesHere: true, rows: 10 });
    try {
      await lab.addSource("ext2", { rows: 10 });
      await typed(lab, "Migrate -tables customer -source ext1.commerce -wait Create commerce.one");
      await typed(lab, "Migrate -tables corder -source ext2.commerce -wait Create commerce.two");
      await lab.topo.deleteMount("ext2");
      const one = await typed(lab, "Migrate Complete commerce.one");
      expect(one.stderr).not.toContain("ext2");
      expect(await announced(lab)).toEqual(["customer"]);
      expect((await lab.type("Migrate Complete commerce.two")).code).toBe(6);
      await typed(lab, "Migrate -force Complete commerce.two");
      expect(await announced(lab)).toEqual(["corder", "customer"]);
    } finally {
      await lab.close();
    }
  });
});
