import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import {
  ConflictError,
  FailedError,
  InterruptedError,
  NotFoundError,
  PreflightError,
  StillRunningError,
  UsageError,
} from "../../../src/errors.js";
import { readRecord } from "../../../src/workflow/record.js";
import { RawEtcd } from "../../support/raw-etcd.js";
import { run } from "../../support/run-command.js";
import { startToyClusters, type ToyClusters } from "../../support/toy-clusters.js";

let clusters: ToyClusters;

async function start(version: "v11" | "v22" = "v22") {
  clusters = await startToyClusters(version);
}
afterEach(() => clusters.stop());

const words = (line: string) => line.split(" ");
/** The toy tablets' streams find no source: no probe would. */
const skip = ["-skip_checks", "probe_stream"];
const create = (flags: string) => run(migrate, [...words(flags), ...skip, "Create", "commerce.wf"], clusters.ctx);
const record = () => readRecord(clusters.target.topo, "commerce", "wf");
const target = () => clusters.target.primary;
const written = () => target().calls.filter((call) => /ApplySchema|insert|update|delete/.test(call));

describe("Create", () => {
  beforeEach(() => start());

  it("creates missing tables, inserts a stopped stream, starts it and says so", async () => {
    target().onExec = (query) => query.startsWith("update") && target().run(["product"]);
    await create("-all -source ext1.commerce");
    expect([...target().tables.keys()].sort()).toEqual(["corder", "customer", "product"]);
    expect(target().rows).toMatchObject([
      { workflow: "wf", state: "Running", cell: "zx", tablet_types: "in_order:replica,primary", workflow_type: "3" },
    ]);
    expect(clusters.answer()).toContain("Workflow started successfully with 1 stream(s)\n");
    expect(clusters.answer()).toMatch(/^id=1 on 0\/zone1-0000000001: Status: Copying\. VStream Lag: \d+s\.$/m);
    expect(await record()).toMatchObject({
      step: "created",
      tables: ["corder", "customer", "product"],
      createdTables: { "0": ["corder", "customer", "product"] },
      source: { mount: "ext1", keyspace: "commerce" },
    });
    expect(clusters.notes.join("\n")).toContain("reaches them already, half copied");
  });

  it("leaves the stream stopped without -auto_start", async () => {
    await create("-auto_start=false -tables product -cells zx -tablet_types REPLICA,primary -source ext1.commerce");
    expect(target().rows).toMatchObject([{ state: "Stopped", tablet_types: "replica,primary" }]);
    expect(clusters.answer()).toBe(
      "Workflow has been created in Stopped state\nCreate was successful for workflow commerce.wf\n" +
        "Start State: Not Created\nCurrent State: Reads Not Switched. Writes Not Switched\n\n",
    );
  });

  it("prints the steps that a real run executes, and changes nothing", async () => {
    const before = clusters.target.etcd.store.revision;
    await create("-dry_run -all -source ext1.commerce");
    expect(clusters.answer()).toContain("Create tables on 0/zone1-0000000001: corder, customer, product\n");
    expect(clusters.answer()).toContain("Start the streams on 0/zone1-0000000001\n");
    expect(written()).toEqual([]);
    expect(clusters.target.etcd.store.revision).toBe(before);
  });

  it.each([
    ["-all", UsageError, "source keyspace is not specified"],
    ["-source ext1.commerce", UsageError, "no tables specified to move"],
    ["-source ext1 -all", UsageError, "invalid format for external source cluster: ext1"],
    ["-source nope.commerce -all", NotFoundError, "no vitess cluster found with name nope"],
    ["-source ext1.nope -all", NotFoundError, "node doesn't exist: /vitess/global/keyspaces/nope/Keyspace"],
    [
      "-source ext1.commerce -tables nope,product",
      NotFoundError,
      "table(s) not found in source keyspace commerce: nope",
    ],
    ["-source ext1.commerce -all -exclude nope", NotFoundError, "table(s) not found in source keyspace commerce: nope"],
    ["-source ext1.commerce -all -exclude corder,customer,product", PreflightError, "no tables to move"],
    ["-source ext1.commerce -all -cells zone1", NotFoundError, "no cell zone1 in the source cluster"],
    [
      "-source ext1.commerce -all -tablet_types rdonly",
      PreflightError,
      "no rdonly tablet in cells zx to copy from: commerce/0 has",
    ],
    ["-source ext1.commerce -all -tablet_types nope", UsageError, "unknown TabletType nope"],
    ["-source ext1.commerce -all -on-ddl nope", UsageError, "invalid value for on-ddl: NOPE"],
    ["-source ext1.commerce -all -reverse_replication", UsageError, "-reverse_replication is not for Migrate"],
    ["-source ext1.commerce -tables product -atomic-copy", UsageError, "atomic copy requires --all."],
  ])("refuses %s and changes nothing", async (flags, type, message) => {
    const before = clusters.target.etcd.store.revision;
    const failure = create(flags);
    await expect(failure).rejects.toThrow(type);
    await expect(failure).rejects.toThrow(message);
    expect(written()).toEqual([]);
    expect(clusters.target.etcd.store.revision).toBe(before);
  });

  it("says which cells there are", async () => {
    const error = await create("-source ext1.commerce -all -cells zone1").catch((caught: unknown) => caught);
    expect(error).toHaveProperty("hint", expect.stringMatching(/has zx\.$/));
  });

  it("refuses target tables with rows, and those of another structure, and lists them", async () => {
    target().table("product", 1);
    target().table("corder", 2);
    await expect(create("-all -source ext1.commerce")).rejects.toThrow("commerce/0: corder, product");
    target().table("product", 0, ["other"]);
    target().table("corder");
    await expect(create("-all -source ext1.commerce")).rejects.toThrow(
      "of another structure exist in target commerce/0: product",
    );
    expect(written()).toEqual([]);
  });

  it("takes empty tables that exist, but doesn't call them its own", async () => {
    target().table("product");
    await create("-all -auto_start=false -source ext1.commerce");
    expect((await record())?.createdTables).toEqual({ "0": ["corder", "customer"] });
  });

  it("refuses a name that is taken", async () => {
    await create("-all -auto_start=false -source ext1.commerce");
    await expect(create("-all -source ext1.commerce")).rejects.toThrow(ConflictError);
    expect(target().rows).toHaveLength(1);
  });

  it("finds a row whose insert was answered with an error, and takes everything back", async () => {
    target().failures.push({ method: "VReplicationExec", text: "insert", code: 14, details: "gone", after: true });
    await expect(create("-all -source ext1.commerce")).rejects.toThrow("doesn't answer");
    expect(target().calls.filter((call) => call.includes("insert into"))).toHaveLength(1);
    expect(target().rows).toEqual([]);
    expect(target().tables.size).toBe(0);
    expect(await record()).toBeUndefined();
    expect(clusters.notes.filter((line) => line.startsWith("undone: "))).toHaveLength(3);
  });

  it("takes everything back when the start fails", async () => {
    target().failures.push({ method: "VReplicationExec", text: "'Running'", code: 2, details: "mount not reachable" });
    await expect(create("-all -source ext1.commerce")).rejects.toThrow(FailedError);
    expect([target().rows, target().tables.size, await record()]).toEqual([[], 0, undefined]);
  });

  it("reports what could not be undone", async () => {
    target().failures.push({ method: "VReplicationExec", text: "'Running'", code: 2, details: "no" });
    target().failures.push({ method: "ApplySchema", text: "drop table", code: 2, details: "disk full" });
    await expect(create("-all -source ext1.commerce")).rejects.toThrow(FailedError);
    expect(clusters.notes.join("\n")).toMatch(/could not be undone: tables created on .*corder.*disk full/);
    expect(target().rows).toEqual([]);
  });

  it("leaves a table alone that somebody has created and filled just before it did", async () => {
    const { topo } = clusters.target;
    const saveWorkflowRecord: typeof topo.saveWorkflowRecord = (...record) => {
      target().table("customer", 5);
      return topo.saveWorkflowRecord(...record);
    };
    const ctx = { ...clusters.ctx, topo: async () => ({ ...topo, saveWorkflowRecord }) };
    const line = words("-all -source ext1.commerce Create commerce.wf");
    await expect(run(migrate, line, ctx)).rejects.toThrow(/already exists/);
    expect([...target().tables.keys()]).toEqual(["customer"]);
    expect(clusters.notes.join("\n")).toMatch(/could not be undone: tables created on .*: customer has rows/);
    expect([target().rows, await record()]).toEqual([[], undefined]);
  });

  it("notices another Create's streams, and takes only its own back: not the tables that the other's fill", async () => {
    target().onExec = (query) => {
      const [mine] = target().rows;
      if (query.startsWith("insert") && mine) target().rows.push({ ...mine, id: "77" });
    };
    await expect(create("-all -source ext1.commerce")).rejects.toThrow(/somebody else created streams .* 77 on 0/);
    expect(target().rows.map((row) => row.id)).toEqual(["77"]);
    expect([...target().tables.keys()]).toEqual(["corder", "customer", "product"]);
    expect(clusters.notes.join("\n")).toMatch(
      /could not be undone: tables created on .*: streams .* fill corder, customer/,
    );
    expect(await record()).toBeUndefined();
  });

  it("stops before the next step when its lock is lost, and touches nothing any more", async () => {
    target().onExec = (query) => query.startsWith("insert") && revokeLeases(clusters.target.etcd.endpoint);
    await expect(create("-all -source ext1.commerce")).rejects.toThrow();
    expect(target().rows).toMatchObject([{ state: "Stopped" }]);
    expect(clusters.notes.join("\n")).toContain("could not be undone");
    expect((await record())?.createdTables).toEqual({ "0": ["corder", "customer", "product"] });
  });

  it("takes everything back when it is interrupted between two steps", async () => {
    target().onExec = (query) => {
      if (query.startsWith("insert")) clusters.interrupt.abort(new InterruptedError("interrupted by SIGINT"));
    };
    await expect(create("-all -source ext1.commerce")).rejects.toThrow("interrupted by SIGINT");
    expect([target().rows, target().tables.size, await record()]).toEqual([[], 0, undefined]);
  });

  it("waits for a lock that another holds, and looks again once it has it", async () => {
    const { topo } = clusters.target;
    const lock = await topo.lockKeyspace("commerce", { action: "SomebodyElse", timeoutMs: 1000 });
    const waiting = create("-all -auto_start=false -source ext1.commerce");
    await vi.waitFor(async () => expect(await topo.global.lockHolders("keyspaces/commerce")).toHaveLength(2));
    expect(target().rows).toEqual([]);
    target().table("product", 1);
    await lock.release();
    await expect(waiting).rejects.toThrow("tables that are not empty exist in target commerce/0: product");
    expect(await topo.global.lockHolders("keyspaces/commerce")).toEqual([]);
    expect(await topo.global.lockHolders("internal/named_locks/commerce/wf")).toEqual([]);
  });

  it("says what the streams say when they don't start", async () => {
    await expect(create("-timeout 50ms -all -source ext1.commerce")).rejects.toThrow(
      "timed out waiting for workflow to start: 0 of 1 stream(s) started; id=1 on 0/zone1-0000000001: Running: no position yet",
    );
    expect(target().rows).toHaveLength(1);
  });

  it("takes no stream for started whose copy fails behind its first position", async () => {
    let asked = 0;
    target().onExec = (query) => {
      if (query.startsWith("update")) target().run(["corder", "product"]);
      if (!query.startsWith("select * from _vt.vreplication where db_name")) return;
      // What v14 says while it tries again, after the error.
      const message = ++asked % 2 === 0 ? `Picked source tablet: cell:"zx" uid:1` : "could not map [NULL]";
      for (const row of target().rows) Object.assign(row, { message });
    };
    await expect(create("-timeout 700ms -all -source ext1.commerce")).rejects.toThrow(
      "0 of 1 stream(s) started; id=1 on 0/zone1-0000000001: Running: could not map [NULL]",
    );
  });

  it("doesn't wait for streams that somebody has deleted", async () => {
    target().onExec = (query) => {
      if (query.startsWith("update")) target().rows = [];
    };
    await expect(create("-timeout 20s -all -source ext1.commerce")).rejects.toThrow(
      "the streams of commerce.wf were deleted meanwhile",
    );
  });

  it("waits for the copy with -wait, with a row per table", async () => {
    target().onExec = (query) => {
      if (query.startsWith("update")) target().run(["corder", "product"]);
      if (clusters.progress.length >= 3) target().run([]);
    };
    await create("-wait -all -source ext1.commerce");
    expect(clusters.progress[0]).toMatchObject([
      { label: "corder", state: "waiting", total: 5 },
      { label: "customer", state: "done", done: 5 },
      { label: "product", state: "waiting" },
    ]);
    expect(clusters.answer()).toContain("Status: Running");
  });

  it("leaves the workflow running when its wait is interrupted or its time is up", async () => {
    target().onExec = (query) => query.startsWith("update") && target().run(["corder"]);
    await expect(create("-wait -wait_timeout 20ms -all -source ext1.commerce")).rejects.toThrow(StillRunningError);
    target().rows = [];
    target().tables.clear();
    const seen = clusters.progress.length;
    target().onExec = (query) => {
      if (query.startsWith("update")) target().run(["corder"]);
      if (clusters.progress.length === seen + 2)
        clusters.interrupt.abort(new InterruptedError("interrupted by SIGINT"));
    };
    await expect(create("-wait -all -source ext1.commerce")).rejects.toThrow("interrupted by SIGINT");
    expect(target().rows).toMatchObject([{ state: "Running" }]);
    expect(clusters.notes.at(-1)).toBe("Only the waiting ends: workflow commerce.wf goes on.");
  });

  it("ends -wait with a stream's error", async () => {
    target().onExec = (query) => {
      if (query.startsWith("update")) target().run(["corder"]);
      if (clusters.progress.length === 2) for (const row of target().rows) row.state = "Error";
      for (const row of target().rows) row.message = row.state === "Error" ? "duplicate entry" : "";
    };
    await expect(create("-wait -all -source ext1.commerce")).rejects.toThrow("is in error: duplicate entry");
  });
});

it("writes v11's words and columns for v11 tablets", async () => {
  await start("v11");
  await create("-all -auto_start=false -source ext1.commerce");
  expect(target().rows).toMatchObject([{ tablet_types: "replica,master", state: "Stopped" }]);
  expect(target().calls.join("\n")).not.toContain("workflow_type");
});

/** Ends every lease, and with them the locks. */
async function revokeLeases(endpoint: string): Promise<void> {
  const etcd = new RawEtcd(endpoint);
  const { leases } = (await etcd.call("Lease", "LeaseLeases", {})) as { leases: { ID: string }[] };
  for (const { ID } of leases) await etcd.call("Lease", "LeaseRevoke", { ID });
  etcd.close();
}
