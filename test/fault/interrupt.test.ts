/** Create, cut short: by Ctrl-C, by SIGTERM, by kill -9, by somebody else's lock; and what the next command finds. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { decode } from "../../src/wire/proto.js";
import type { CliResult } from "../support/cli.js";
import { expireLocks } from "../support/expire-locks.js";
import { HOLDER, holdLock } from "../support/held-lock.js";
import { afterStatement, firstPosition, Lab, rows, sql } from "../support/lab.js";
import { RawEtcd } from "../support/raw-etcd.js";

/** Without the probe, whose own stream test/e2e/preflight.test.ts interrupts: here the streams are Create's. */
const create = "Migrate -all -skip_checks probe_stream -source ext1.commerce Create commerce.wf";
const tables = ["corder", "customer", "kinds", "notes", "product"];

let lab: Lab;
let empty: Awaited<ReturnType<Lab["everything"]>>;

beforeAll(async () => {
  lab = await Lab.start({ rows: 50 });
}, 120_000);

afterAll(() => lab?.close());

beforeEach(async () => {
  empty = await lab.everything();
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const cluster of ["source", "target"] as const) {
    for (const tablet of lab.sandbox[cluster].tablets) tablet.resume();
  }
  await lab.clear();
});

/** Starts a command; `signal` sends to it once it has said anything or `after` is over. */
function start(line: string): { result: Promise<CliResult>; send: (signal: NodeJS.Signals) => void } {
  let kill: ((signal: NodeJS.Signals) => void) | undefined;
  const result = lab.type(line, {
    onStart: (send) => {
      kill = send;
    },
  });
  return { result, send: (signal) => kill?.(signal) };
}

/** Lets the target's primary hang as soon as it has executed a statement that matches: its answer is held back. */
function hangAfter(pattern: RegExp): Promise<void> {
  const primary = lab.primary("target");
  return afterStatement(primary, pattern, () => primary.pause());
}

/** Nobody listens any more, and the tablet answers again. */
function goOn(): void {
  vi.restoreAllMocks();
  lab.primary("target").resume();
}

async function expectNothingLeft(): Promise<void> {
  const { keys, tablets } = await lab.everything();
  expect(tablets).toEqual(empty.tablets);
  expect(keys).toEqual(empty.keys);
  expect(await lab.locks()).toEqual([]);
}

describe.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s", (signal) => {
  it("while -wait waits for the copy: the workflow goes on", async () => {
    const replica = lab.tablet("source", "zx-0000000002");
    const { result, send } = start(`${create.replace("Create", "-tablet_types REPLICA -wait Create")}`);
    await afterStatement(lab.primary("target"), firstPosition, () => replica.pause());
    await new Promise((resolve) => setTimeout(resolve, 500));
    send(signal);
    const { code, stdout, stderr } = await result;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain("Only the waiting ends: workflow commerce.wf goes on.\n");
    expect(stderr).toContain(`Migrate Error: interrupted by ${signal}\n`);
    replica.resume();
    expect(await lab.locks()).toEqual([]);
    await expect
      .poll(() => sql(lab.primary("target"), "select * from _vt.copy_state"), { timeout: 15_000 })
      .toEqual([]);
    for (const table of tables) expect(rows(lab.primary("target"), table)).toEqual(rows(lab.primary("source"), table));
    expect(lab.streams()).toMatchObject([{ state: "Running" }]);
    expect(await lab.record("wf")).toMatchObject({ step: "created" });
  });

  it.each([
    ["a table is being created", /^create table `?kinds/i, ["tables created on 0/zone1-0000000100"]],
    [
      "a stream was inserted, and the answer is still out",
      /^insert into _vt\.vreplication\b/i,
      ["tables created on", "the stream from"],
    ],
    [
      "the streams were just started",
      /^update _vt\.vreplication set state = 'Running'/i,
      ["tables created on", "the stream from"],
    ],
  ])("when %s: all of it is undone", async (_when, statement, undone) => {
    const { result, send } = start(create);
    await hangAfter(statement);
    send(signal);
    setTimeout(goOn, 500);
    const { code, stdout, stderr } = await result;
    expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: "" });
    for (const text of undone) expect(stderr).toContain(`undone: ${text}`);
    expect(stderr).toContain(`Migrate Error: interrupted by ${signal}\n`);
    expect(stderr).not.toContain("could not be undone");
    await expectNothingLeft();
  });
});

describe("kill -9", () => {
  async function killAfter(statement: RegExp): Promise<void> {
    const { result, send } = start(create);
    await hangAfter(statement);
    send("SIGKILL");
    expect((await result).signal).toBe("SIGKILL");
    goOn();
  }

  it("with tables and no stream: Create again takes over, Cancel drops the tables of both", async () => {
    await killAfter(/^create table `?product/i);
    expect(lab.targetTables().length).toBeGreaterThan(0);
    expect(await lab.locks()).toHaveLength(2);
    await expireLocks(lab);
    expect(await lab.record("wf")).toMatchObject({ step: "creating", createdTables: { "0": tables } });
    const complete = await lab.type("Migrate Complete commerce.wf");
    expect(complete).toMatchObject({ code: 6, stdout: "" });
    expect(complete.stderr).toContain("Hint: An unfinished Create left a record: Migrate Cancel clears it up.");
    expect(await lab.type(create)).toMatchObject({ code: 0 });
    expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    await expectNothingLeft();
  });

  it.each([
    ["the stream inserted", /^insert into _vt\.vreplication\b/i],
    ["the stream started", /^update _vt\.vreplication set state = 'Running'/i],
  ])("with %s: Create is refused, Cancel takes everything back, Create works", async (_what, statement) => {
    await killAfter(statement);
    expect(await lab.locks()).toHaveLength(2);
    await expireLocks(lab);
    const again = await lab.type(create);
    expect(again).toMatchObject({ code: 7, stdout: "" });
    expect(again.stderr).toContain("Migrate Error: workflow already exists\n");
    expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    await expectNothingLeft();
    expect(await lab.type(create.replace("Create", "-wait Create"))).toMatchObject({ code: 0 });
    for (const table of tables) expect(rows(lab.primary("target"), table)).toEqual(rows(lab.primary("source"), table));
  });

  it("with its locks: the next command waits until their leases are over", async () => {
    await killAfter(/^insert into _vt\.vreplication\b/i);
    const cancel = await lab.type("Migrate Cancel commerce.wf");
    expect(cancel).toMatchObject({ code: 0 });
    expect(cancel.stderr).toMatch(
      /^Waiting for the lock of internal\/named_locks\/commerce\/wf: \S+ on \S+ holds it for "MoveTablesCreate" since /m,
    );
    await expectNothingLeft();
  }, 60_000);
});

describe("Complete, cut short", () => {
  beforeEach(async () => {
    expect(await lab.type(create.replace("Create", "-wait Create"))).toMatchObject({ code: 0 });
  });

  async function announced(): Promise<string[]> {
    return Object.keys(decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents).tables).sort();
  }

  it("by Ctrl-C before the tables are announced: the streams run again", async () => {
    const { result, send } = start("Migrate Complete commerce.wf");
    await hangAfter(/^update _vt\.vreplication set state = 'Stopped'/i);
    send("SIGINT");
    setTimeout(goOn, 500);
    expect(await result).toMatchObject({ code: 130, stdout: "" });
    expect(lab.streams()).toMatchObject([{ state: "Running" }]);
    expect(await lab.record("wf")).toMatchObject({ step: "created" });
    expect(await announced()).toEqual([]);
    expect(await lab.locks()).toEqual([]);
    sql(lab.primary("source"), "update customer set email = 'later' where customer_id = 1");
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
    expect(rows(lab.primary("target"), "customer")).toEqual(rows(lab.primary("source"), "customer"));
  });

  it("by kill -9 after that: Cancel is refused, a second Complete ends it", async () => {
    const { result, send } = start("Migrate Complete commerce.wf");
    await hangAfter(/^delete from _vt\.vreplication\b/i);
    send("SIGKILL");
    expect((await result).signal).toBe("SIGKILL");
    goOn();
    expect(await lab.locks()).toHaveLength(2);
    await expireLocks(lab);
    expect(await announced()).toEqual(tables);
    const cancel = await lab.type("Migrate Cancel commerce.wf");
    expect(cancel).toMatchObject({ code: 7, stdout: "" });
    expect(cancel.stderr).toContain("is being completed: its tables are announced");
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
    expect(lab.streams()).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    expect(lab.targetTables()).toEqual(tables);
  });
});

describe("a lock that vtctld holds", () => {
  const dirs = ["keyspaces/commerce", "internal/named_locks/commerce/wf"];
  let etcd: RawEtcd;

  beforeEach(() => {
    etcd = new RawEtcd(lab.sandbox.target.etcd);
    return () => etcd.close();
  });

  it.each(dirs)("%s: Create waits, and says who holds it", async (dir) => {
    const release = await holdLock(etcd, dir);
    const result = await lab.type(create.replace("Create", "-lock-timeout 3s Create"));
    expect(result).toMatchObject({ code: 7, stdout: "" });
    expect(result.stderr).toContain(`Waiting for the lock of ${dir}: ${HOLDER}\n`);
    expect(result.stderr).toContain(`Migrate Error: gave up after 3 s waiting for the lock of ${dir}: ${HOLDER}\n`);
    expect(result.stderr).toMatch(/^Hint: It is released when that command ends/m);
    expect(await lab.locks()).toHaveLength(1);
    await release();
    await expectNothingLeft();
  });

  it("released while Create waits: Create goes on", async () => {
    const release = await holdLock(etcd, "keyspaces/commerce");
    const { result } = start(create);
    await expect.poll(async () => (await lab.locks()).length, { timeout: 10_000 }).toBe(3);
    expect(lab.targetTables()).toEqual([]);
    await release();
    expect(await result).toMatchObject({ code: 0 });
    expect(lab.targetTables()).toEqual(tables);
    expect(await lab.locks()).toEqual([]);
  });

  it("Ctrl-C in the queue: nothing was done, and the place is given up", async () => {
    const release = await holdLock(etcd, "keyspaces/commerce");
    const { result, send } = start(create);
    await expect.poll(async () => (await lab.locks()).length, { timeout: 10_000 }).toBe(3);
    send("SIGINT");
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain("Migrate Error: interrupted by SIGINT\n");
    expect(await lab.locks()).toHaveLength(1);
    await release();
    await expectNothingLeft();
  });
});
