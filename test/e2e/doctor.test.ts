/** Every kind of leftover: planted, found, and cleaned up by pasting what Doctor prints. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterShape } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import { formatBinlogSource } from "../../src/wire/binlog-source.js";
import { sqlString } from "../../src/wire/sql.js";
import type { Finding } from "../../src/workflow/doctor/finding.js";
import { PROBE_PREFIX, PROBE_TABLE } from "../../src/workflow/probe.js";
import type { CliResult } from "../support/cli.js";
import { afterStatement, Lab, sql } from "../support/lab.js";
import { paste } from "../support/pasted.js";
import { RawEtcd } from "../support/raw-etcd.js";
import { moveTablet } from "../support/tablet-record.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const two = ["-80", "80-"];
let lab: Lab;

beforeAll(async () => {
  const keyspaces = [{ name: "commerce", shards: two, vschema: shardedCommerce }];
  const target = clusterShape({ cells: ["zone1"], firstUid: 100, keyspaces });
  lab = await Lab.start({ typesHere: true, rows: 20, sourceShards: two, target });
}, 120_000);
afterAll(() => lab?.close());
/** Tests of one workflow take it down at their end. */
let shared = false;
afterEach(() => (shared ? undefined : lab.clear()));

const ok = (result: CliResult) => expect(result.code, result.stdout + result.stderr).toBe(0);
const create = async (...more: string[]) => {
  ok(
    await lab.type([
      "Migrate",
      "-tables",
      "customer,product",
      "-source",
      "ext1.commerce",
      ...more,
      "Create",
      "commerce.wf",
    ]),
  );
};

/** On a shard's primary as a tool does it: the tablet notices. */
async function exec(shard: string, statement: string): Promise<void> {
  const clients = createTabletClients();
  await clients.open(await lab.topo.tablet(lab.primaryOf("target", shard).alias)).vreplicationExec(statement);
  clients.close();
}

async function execAll(statement: string): Promise<void> {
  for (const shard of two) await exec(shard, statement);
}

async function changeRecord(fields: object): Promise<void> {
  const file = await lab.topo.workflowRecord("commerce", "wf");
  const text = JSON.stringify({ ...JSON.parse(file?.contents ?? ""), ...fields });
  await lab.topo.saveWorkflowRecord("commerce", "wf", text, file?.version);
}

async function doctor(name = "commerce"): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await lab.type(`Workflow -json ${name} Doctor`);
  expect(stderr).toBe("");
  return { code, findings: JSON.parse(stdout).findings };
}

/** Finds exactly these, pastes all their commands, and finds nothing any more. */
async function expectCleaned(expected: Partial<Finding>[], name?: string): Promise<void> {
  const found = await doctor(name);
  expect(found.findings).toMatchObject(expected);
  expect(found).toMatchObject({ code: 3, findings: expected.map(() => ({})) });
  for (const step of found.findings.flatMap(({ cleanUp }) => cleanUp)) await paste(lab, step);
  expect(await doctor()).toEqual({ code: 0, findings: [] });
}

const typed = (command: string) => [{ by: "vtmigrate", command: `vtmigrate ${command}` }] as Finding["cleanUp"];

describe("a keyspace without leftovers", () => {
  it("has none to tell of, while workflows of whatever tools run, and nothing is changed", async () => {
    await create("-wait");
    // As vtctlclient makes them: no record, and of type MoveTables.
    await execAll("update _vt.vreplication set workflow = 'theirs', workflow_type = 1 where workflow = 'wf'");
    await lab.topo.deleteWorkflowRecord("commerce", "wf");
    ok(await lab.type("Migrate -tables kinds -source ext1.commerce -wait Create commerce.wf"));
    const before = await lab.everything();
    const text = await lab.type("Workflow commerce.wf Doctor");
    expect(text).toMatchObject({ code: 0, stdout: "Nothing found in commerce.wf\n", stderr: "" });
    expect(await lab.type("workflow commerce doctor")).toMatchObject({
      code: 0,
      stdout: "Nothing found in commerce\n",
    });
    expect(await lab.everything()).toEqual(before);
  });
});

describe("mounts", () => {
  afterEach(async () => {
    if ((await lab.topo.mounts()).length > 0) await lab.topo.deleteMount("ext1");
    await lab.mount("ext1", lab.sandbox.source);
  });

  it("that are gone, and what reads from them", async () => {
    await create("-auto_start=false");
    await lab.topo.deleteMount("ext1");
    const what = expect.stringMatching(
      /^streams \d+ on -80\/zone1-0000000100, .* of commerce\.wf read from mount ext1, which isn't there$/,
    );
    await expectCleaned([
      { kind: "stream_without_mount", what, sure: "known", cleanUp: typed("Migrate Cancel commerce.wf") },
    ]);
    expect(lab.streams()).toEqual([]);
  });

  it("that don't answer from here: that is no proof", async () => {
    await create("-auto_start=false");
    await execAll("update _vt.vreplication set state = 'Running' where workflow = 'wf'");
    const config = await lab.topo.mount("ext1");
    await lab.topo.deleteMount("ext1");
    await lab.topo.createMount("ext1", { ...config, server: "127.0.0.1:1" });
    const found = await doctor("commerce.wf");
    expect(found.findings).toMatchObject([{ kind: "mount_silent", sure: "guessed", workflow: "commerce.wf" }]);
    for (const step of found.findings.flatMap(({ cleanUp }) => cleanUp)) await paste(lab, step);
    expect(await doctor()).toEqual({ code: 0, findings: [] });
  });
});

describe("commands that were cut short", () => {
  it("a Create, with streams and before it had any", async () => {
    await create("-auto_start=false");
    await changeRecord({ step: "creating" });
    const what = expect.stringMatching(
      /^Create of commerce\.wf was cut short, and has left streams; tables that Create made: customer, product on -80\/zone1-0000000100, 80-\/zone1-0000000101$/,
    );
    const cleanUp = typed("Migrate Cancel commerce.wf");
    const first = await doctor();
    expect(first.findings).toMatchObject([{ kind: "cut_short", sure: "known", what, cleanUp }]);
    await execAll("delete from _vt.vreplication where workflow = 'wf'");
    await expectCleaned([{ kind: "cut_short", what: expect.stringContaining("a record and no streams"), cleanUp }]);
    expect(lab.targetTables()).toEqual([]);
  });

  it("a Complete behind its point of no return", async () => {
    await create("-auto_start=false");
    await execAll("delete from _vt.vreplication where workflow = 'wf'");
    await changeRecord({ step: "announced" });
    await expectCleaned([
      { kind: "cut_short", sure: "known", workflow: "commerce.wf", cleanUp: typed("Migrate Complete commerce.wf") },
    ]);
    expect(lab.targetTables()).toEqual(["customer", "product"]);
  });

  it("a Create that is killed: as long as its locks stand it may be at work", async () => {
    let kill: (() => void) | undefined;
    const inserted = afterStatement(lab.primary("target"), /^insert into _vt\.vreplication\(/i, () => kill?.());
    const words = "Migrate -tables customer,product -skip_checks probe_stream -source ext1.commerce Create commerce.wf";
    const killed = await lab.type(words, {
      onStart: (send) => {
        kill = () => send("SIGKILL");
      },
    });
    expect(killed.signal).toBe("SIGKILL");
    await inserted;
    vi.restoreAllMocks();
    const early = await doctor();
    expect(early.findings).toMatchObject([
      {
        kind: "cut_short",
        sure: "guessed",
        because: expect.stringMatching(/named_locks\/commerce\/wf is locked: .* holds it for "MoveTablesCreate" since/),
      },
    ]);
    const etcd = new RawEtcd(lab.sandbox.target.etcd);
    for (const lock of await lab.locks()) await etcd.call("Lease", "LeaseRevoke", { ID: lock.split("/").at(-1) });
    etcd.close();
    await expectCleaned([{ kind: "cut_short", sure: "known", cleanUp: typed("Migrate Cancel commerce.wf") }]);
    expect(lab.targetTables()).toEqual([]);
  });
});

describe("records", () => {
  it("whose streams another tool has deleted: the tables stay", async () => {
    await create("-auto_start=false");
    await execAll("delete from _vt.vreplication where workflow = 'wf'");
    const cleanUp = typed("Migrate -keep_data Cancel commerce.wf");
    await expectCleaned([{ kind: "record_without_streams", sure: "known", workflow: "commerce.wf", cleanUp }]);
    expect(lab.targetTables()).toEqual(["customer", "product"]);
  });

  it("that can't be read, and ours that are gone", async () => {
    await create("-wait");
    await lab.topo.deleteWorkflowRecord("commerce", "wf");
    await lab.topo.saveWorkflowRecord("commerce", "torn", "{", undefined);
    await expectCleaned([
      { kind: "unreadable_record", workflow: "commerce.torn", cleanUp: [{ by: "etcdctl" }] as Finding["cleanUp"] },
      { kind: "streams_without_record", workflow: "commerce.wf", sure: "guessed" },
    ]);
  });
});

describe("streams of one workflow", () => {
  beforeAll(async () => {
    await create("-wait");
    shared = true;
  });
  afterAll(async () => {
    shared = false;
    await lab.clear();
  });

  it("that a VDiff has stopped: by message, by stop position, and by the record", async () => {
    await exec("-80", "update _vt.vreplication set state = 'Stopped', message = 'for vdiff' where workflow = 'wf'");
    const stopped = "state = 'Stopped', stop_pos = 'MySQL56/16b1039f-22b6-11ed-b765-0a43f95f28a3:1-3'";
    await exec("80-", `update _vt.vreplication set ${stopped} where workflow = 'wf'`);
    const lock = await lab.topo.lockKeyspace("commerce", { action: "vdiff", timeoutMs: 5_000 });
    expect((await doctor()).findings.map(({ kind }) => kind)).not.toContain("stopped_by_vdiff");
    await lock.release();
    const what = expect.stringMatching(
      /^streams \d+ on -80\/.*, \d+ on 80-\/.* were stopped by a VDiff and not put back$/,
    );
    const cleanUp = typed("Workflow commerce.wf start");
    expect((await doctor()).findings).toMatchObject([{ kind: "stopped_by_vdiff", what, sure: "guessed" }]);
    const savedStreams = lab
      .streams()
      .map(({ id }, i) => ({ shard: two[i], id: Number(id), state: "Running", message: "", stopPos: null }));
    await changeRecord({ savedStreams });
    await expectCleaned([{ kind: "stopped_by_vdiff", what, sure: "known", cleanUp }]);
    expect(lab.streams()).toMatchObject(two.map(() => ({ state: "Running", message: "", stop_pos: "" })));
  });

  it("in error, and stopped", async () => {
    await exec(
      "-80",
      "update _vt.vreplication set state = 'Error', message = 'terminal error: no' where workflow = 'wf'",
    );
    await exec("80-", "update _vt.vreplication set state = 'Stopped', message = '' where workflow = 'wf'");
    const cleanUp = typed("Workflow commerce.wf start");
    const other = await lab.type("Workflow commerce.other Doctor");
    expect(other).toMatchObject({ code: 6, stdout: "" });
    expect(other.stderr).toMatch(/^Workflow Error: workflow commerce\.other does not exist\nHint: .*wf/);
    await expectCleaned([
      {
        kind: "stream_in_error",
        what: expect.stringMatching(/is in error: terminal error: no$/),
        sure: "known",
        cleanUp,
      },
      { kind: "stream_stopped", what: expect.stringMatching(/on 80-\/\S+ of commerce\.wf is stopped$/), cleanUp },
    ]);
  });

  it("that copy the same tables twice", async () => {
    const [row] = lab.streamsByShard()["-80"] ?? [];
    const source = sqlString(row?.source ?? "");
    await exec(
      "-80",
      `insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, time_updated, transaction_timestamp, state, db_name, workflow_type, cell, options) values ('wf', ${source}, '', 1, 1, 0, 0, 'Running', 'vt_commerce', 3, 'zx', '{}')`,
    );
    const what = expect.stringMatching(
      /^streams \d+ on -80\/\S+, \d+ on -80\/\S+ of commerce\.wf copy the same tables from ext1\.commerce\//,
    );
    const found = await doctor();
    expect(found.findings[0]).toMatchObject({ kind: "duplicate_streams", what, sure: "known" });
    for (const step of found.findings[0]?.cleanUp ?? []) await paste(lab, step);
    expect(await doctor()).toEqual({ code: 0, findings: [] });
    expect(lab.targetTables()).toEqual([]);
  });

  it("that only asked whether the source can be reached", async () => {
    const source = formatBinlogSource({
      keyspace: "commerce",
      shard: "-80",
      filter: { rules: [{ match: PROBE_TABLE, filter: "" }] },
      onDdl: "IGNORE",
      stopAfterCopy: false,
      externalCluster: "ext1",
      sourceTimeZone: "",
      targetTimeZone: "",
    });
    const probe = `${PROBE_PREFIX}_1`;
    await exec(
      "80-",
      `insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, time_updated, transaction_timestamp, state, db_name, options) values ('${probe}', ${sqlString(source)}, '', 1, 1, 0, 0, 'Stopped', 'vt_commerce', '{}')`,
    );
    const cleanUp = typed(`Workflow commerce.${probe} delete`);
    await expectCleaned([{ kind: "probe_stream", sure: "known", cleanUp }], "commerce.wf");
  });
});

describe("in the topology and on the tablets", () => {
  it("tables that are denied, and tables that nobody fills or knows", async () => {
    await lab.deny(["customer", "product"]);
    await create("-wait", "-exclude", "product");
    sql(lab.primaryOf("target", "80-"), "create table stray(id int primary key)");
    await expectCleaned([
      {
        kind: "denied_tables",
        what: expect.stringContaining(": product on -80/zone1-0000000100, 80-/zone1-0000000101"),
        cleanUp: typed("Migrate -force -tables product Complete commerce.none"),
      },
      {
        kind: "table_without_streams",
        sure: "guessed",
        cleanUp: [{ by: "sql", on: "zone1-0000000101", command: "drop table `vt_commerce`.`stray`;" }],
      },
    ]);
    await lab.topo.removeDeniedTables("commerce", "-80", ["customer"]);
    await lab.topo.removeDeniedTables("commerce", "80-", ["customer"]);
  });

  it("a lock that nothing ends, and what the text says of it", async () => {
    const key = "/vitess/global/internal/named_locks/commerce/wf/locks/1";
    const contents = { Action: "MoveTablesCreate", HostName: "vm1", UserName: "vt", Time: "2026-01-02T03:04:05Z" };
    const etcd = new RawEtcd(lab.sandbox.target.etcd);
    await etcd.call("KV", "Put", { key: Buffer.from(key), value: Buffer.from(JSON.stringify(contents)) });
    etcd.close();
    const { code, stdout } = await lab.type("Workflow commerce.wf Doctor");
    expect(code).toBe(3);
    expect(stdout.split("\n")).toEqual([
      `1. lock ${key} stands in the way: vt on vm1 holds it for "MoveTablesCreate" since 2026-01-02T03:04:05Z`,
      "   known: it is bound to no lease, so that nothing ends it",
      "   Make sure that nothing is at work any more on vm1.",
      `   In ${lab.topo.description}:`,
      `    etcdctl del ${key}`,
      "",
    ]);
    await expectCleaned([{ kind: "stale_lock", sure: "known", workflow: "commerce.wf" }]);
  });

  it("a primary that doesn't answer: what can't be known isn't said", async () => {
    await create("-auto_start=false");
    await exec("80-", "delete from _vt.vreplication where workflow = 'wf'");
    await exec("-80", "delete from _vt.vreplication where workflow = 'wf'");
    const back = await moveTablet(lab, "zone1-0000000101", 1);
    const { code, findings } = await doctor();
    await back();
    expect(code).toBe(3);
    expect(findings).toMatchObject([
      {
        kind: "silent_primary",
        what: expect.stringContaining("primary 80-/zone1-0000000101 of commerce doesn't answer: "),
        cleanUp: [],
      },
    ]);
  });
});
