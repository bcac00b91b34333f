/** Two commands about one workflow at the same time: one wins, the other waits for the lock and says who holds it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CliResult } from "../support/cli.js";
import { HOLDER, holdLock } from "../support/held-lock.js";
import { Lab, sql } from "../support/lab.js";
import { Network } from "../support/network.js";
import { RawEtcd } from "../support/raw-etcd.js";

const tables = ["corder", "customer", "kinds", "notes", "product"];
const create = "Migrate -all -source ext1.commerce -wait Create commerce.wf";
const impatient = (line: string) => line.replace(/^\w+/, "$& -lock-timeout 3s");

let lab: Lab;
let network: Network;
let etcd: RawEtcd;

beforeAll(async () => {
  lab = await Lab.start({ typesHere: true, rows: 20 });
  network = await Network.around(lab);
  etcd = new RawEtcd(lab.sandbox.target.etcd);
}, 120_000);
afterAll(async () => {
  etcd?.close();
  await network?.close();
  await lab?.close();
});
afterEach(async () => {
  network.heal();
  await lab.clear();
});

const hold = (line: string, step: string, place: string) => network.hold(line.split(" "), step, place);

function expectCode({ code, stdout, stderr }: CliResult, wanted: number): void {
  expect(code, stdout + stderr).toBe(wanted);
}

/** It has waited, and names the command that it waited for. */
function expectGaveUp(result: CliResult, action: string): void {
  expectCode(result, 7);
  expect(result.stdout).toBe("");
  expect(result.stderr).toMatch(/^Waiting for the lock of \S+: \S+ on \S+ holds it for /m);
  expect(result.stderr).toMatch(
    new RegExp(
      `^\\w+ Error: gave up after 3 s waiting for the lock of \\S+: \\S+ on \\S+ holds it for "${action}" since `,
      "m",
    ),
  );
  expect(result.stderr).toMatch(/^Hint: It is released when that command ends/m);
}

function expectCopied(): void {
  for (const table of tables) expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
}

describe("two Creates at once", () => {
  it("of one name: one makes the workflow, the other finds it", async () => {
    const results = await Promise.all([lab.type(create), lab.type(create)]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 7]);
    const loser = results.find(({ code }) => code === 7);
    expect(loser?.stderr).toContain("Migrate Error: workflow already exists\n");
    expect(lab.streams()).toHaveLength(1);
    expectCopied();
  });

  it("of two names and the same tables: one fills them, the other says which workflow does", async () => {
    const results = await Promise.all([lab.type(create), lab.type(create.replace("commerce.wf", "commerce.other"))]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 7]);
    const loser = results.find(({ code }) => code === 7);
    expect(loser?.stderr).toMatch(/^Migrate Error: workflow commerce\.(wf|other) fills corder, customer/m);
    expect(lab.streams()).toHaveLength(1);
    expectCopied();
  });
});

describe("Create and Cancel", () => {
  it("Cancel waits for a Create that is at work, and takes back what that has made", async () => {
    const first = await hold(create, "Insert a stopped stream", "0");
    expectGaveUp(await lab.type(impatient("Migrate Cancel commerce.wf")), "MoveTablesCreate");
    const second = lab.type("Migrate Cancel commerce.wf");
    await expect.poll(async () => (await lab.locks()).length, { timeout: 10_000 }).toBe(3);
    first.release();
    // Its wait for the copy meets a workflow that is being taken back.
    expectCode(await second, 0);
    const { code, stderr } = await first.result;
    if (code !== 0) expect(stderr).toMatch(/Migrate Error: .*(deleted meanwhile|is stopped)/);
    expect([lab.streams(), lab.targetTables(), await lab.record("wf")]).toEqual([[], [], undefined]);
  });

  it("Create waits for a Cancel that has deleted the streams", async () => {
    expectCode(await lab.type(create), 0);
    const first = await hold("Migrate Cancel commerce.wf", "Delete the workflow's record", "etcd");
    expectGaveUp(await lab.type(impatient(create)), "WorkflowDelete");
    first.release();
    expectCode(await first.result, 0);
    expectCode(await lab.type(create), 0);
    expectCopied();
  });
});

describe("Complete and VDiff", () => {
  beforeEach(async () => expectCode(await lab.type(create), 0));

  it("Complete waits until a VDiff lets the streams go", async () => {
    const first = await hold("VDiff -full commerce.wf", "Open the source's snapshots", "source");
    expectGaveUp(await lab.type(impatient("Migrate Complete commerce.wf")), "vdiff");
    first.release();
    expectCode(await first.result, 0);
    expectCode(await lab.type("Migrate Complete commerce.wf"), 0);
    expectCopied();
  });

  it("VDiff waits while a Complete is about to stop the streams", async () => {
    const first = await hold("Migrate Complete commerce.wf", "Stop the streams", "0");
    expectGaveUp(await lab.type(impatient("VDiff -full commerce.wf")), "completeMigrateWorkflow");
    first.release();
    expectCode(await first.result, 0);
    expect(lab.streams()).toEqual([]);
    expectCopied();
  });
});

it.each([
  ["internal/named_locks/commerce/wf", ["Migrate Complete commerce.wf", "Migrate Cancel commerce.wf"]],
  ["keyspaces/commerce", ["Migrate Complete commerce.wf", "VDiff -full commerce.wf"]],
  ["keyspaces/commerce", ["Migrate Cancel commerce.wf"]],
])("a lock of %s that vtctld holds: %j wait for it, and change nothing", async (dir, lines) => {
  expectCode(await lab.type(create), 0);
  const release = await holdLock(etcd, dir);
  const before = await lab.everything();
  for (const result of await Promise.all(lines.map((line) => lab.type(impatient(line))))) {
    expectGaveUp(result, "completeMigrateWorkflow");
    expect(result.stderr).toContain(`Waiting for the lock of ${dir}: ${HOLDER}\n`);
  }
  expect(await lab.everything()).toEqual(before);
  await release();
});

it("streams that vtctld's Create inserts meanwhile, which takes no lock: ours are taken back, theirs have their tables", async () => {
  const first = await hold(create, "Read the streams back", "0");
  const [ours] = lab.streams();
  const primary = lab.primary("target");
  const columns = Object.keys(ours ?? {}).filter((column) => column !== "id");
  const list = columns.map((column) => `\`${column}\``).join(", ");
  sql(primary, `insert into _vt.vreplication (${list}) select ${list} from _vt.vreplication`);
  first.release();
  const { code, stderr } = await first.result;
  expect({ code }, stderr).toEqual({ code: 7 });
  expect(stderr).toMatch(/^Migrate Error: somebody else created streams of commerce\.wf meanwhile: \d+ on 0\//m);
  expect(stderr).toMatch(/could not be undone: tables created .*: streams that were not taken back fill corder, /);
  expect(lab.streams().map(({ id }) => id)).toEqual([String(Number(ours?.id) + 1)]);
  expect(lab.targetTables()).toEqual(tables);
  expect(await lab.record("wf")).toBeUndefined();
});
