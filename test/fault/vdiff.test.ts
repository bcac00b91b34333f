import { Etcd3 } from "etcd3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliOptions, type CliResult, connection, runCli } from "../support/cli.js";
import { normalise, recorded } from "../support/recording.js";
import { asVtctlclient } from "../support/vdiff-text.js";
import type { FakeClusters } from "../unit/vdiff/fake/cluster.js";
import { commerce, plantDifferences } from "../unit/vdiff/fake/commerce.js";
import { type Served, serveBoth } from "../unit/vdiff/fake/serve.js";

const RECORDING = "vtctlclient-v22.0.3.txt";

let clusters: FakeClusters;
let source: Served;
let target: Served;

beforeEach(async () => {
  clusters = commerce();
  ({ source, target } = await serveBoth(clusters));
  await target.topo.saveWorkflowRecord(
    "commerce",
    "wf",
    JSON.stringify({ format: 1, keyspace: "commerce", workflow: "wf" }),
    undefined,
  );
});

afterEach(async () => {
  await Promise.all([source.stop(), target.stop()]);
});

/** With -full, since streams are stopped only where rows are read. */
function vdiff(words: string[], options: CliOptions = {}): Promise<CliResult> {
  return runCli(["VDiff", "-full", ...words], { env: connection(target.endpoint), ...options });
}

async function expectPutBack(): Promise<void> {
  expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "", stop_pos: null });
  expect(await target.topo.global.lockHolders("keyspaces/commerce")).toEqual([]);
  const record = await target.topo.workflowRecord("commerce", "wf");
  expect(JSON.parse(record?.contents ?? "{}")).not.toHaveProperty("savedStreams");
}

const sections = (text: string) =>
  text
    .split(/^(?=Summary for table)|^(?=\nVDiff took)/m)
    .sort()
    .join("");

describe("typed as documented", () => {
  test("equal tables: the recorded text, exit code 0", async () => {
    const result = await vdiff(["commerce.wf"]);
    expect(result).toMatchObject({ code: 0, signal: null });
    const expected = recorded(RECORDING, "VDiff --v1 --source_cell zx --target_cell zone1 commerce.wf", 0).stdout;
    expect(sections(normalise(asVtctlclient(result.stdout)))).toBe(sections(normalise(expected)));
    expect(result.stdout.match(/(?<=^Summary for table ).*(?=:)/gm)).toEqual([
      "corder",
      "customer",
      "notes",
      "product",
    ]);
    expect(result.stderr).toContain("source zx-0000000002 (replica), target zone1-0000000001 (primary)");
    await expectPutBack();
  });

  test("differences: the recorded JSON, exit code 3", async () => {
    plantDifferences(clusters);
    const result = await vdiff([
      "-v1",
      "-format",
      "json",
      "-source_cell",
      "zx",
      "-target_cell",
      "zone1",
      "commerce.wf",
    ]);
    expect(result).toMatchObject({ code: 3, signal: null });
    const command = "VDiff --v1 --format json --source_cell zx --target_cell zone1 commerce.wf";
    expect(result.stdout).toBe(recorded(RECORDING, command, 1).stdout);
    await expectPutBack();
  });

  test("-json prints the result itself", async () => {
    plantDifferences(clusters);
    const result = await vdiff(["-json", "-tables", "customer", "commerce.wf"]);
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({
      keyspace: "commerce",
      workflow: "wf",
      hasDifferences: true,
      complete: false,
      tables: [
        {
          table: "customer",
          processedRows: 5,
          mismatchSamples: [{ source: { row: { customer_id: 2, email: "bob@domain.com" } }, target: {} }],
        },
      ],
    });
  });

  test("tablet types that the target hasn't: its primary, and a line that says so", async () => {
    const result = await vdiff(["-tablet_types", "REPLICA", "commerce.wf"]);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain("zone1-0000000001 is primary: reading from its primary zone1-0000000001");
  });
});

describe("bad input", () => {
  test.each([
    [[], 2, "VDiff Error: <keyspace.workflow> is required"],
    [["commerce"], 2, "VDiff Error: invalid format for <keyspace.workflow>: commerce"],
    [["-limit", "0", "commerce.wf"], 2, "VDiff Error: maximum number of rows to compare needs to be greater than 0"],
    [["-tablet_types", "SPARE", "commerce.wf"], 2, "VDiff Error: unknown TabletType SPARE"],
    [["commerce.wf", "show", "last"], 9, "VDiff Error: tablet zone1-0000000001 has no VDiff (v11 to v13)"],
    [
      ["commerce.wf", "frobnicate"],
      2,
      "VDiff Error: usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]",
    ],
    [["commerce.nope"], 6, "VDiff Error: no streams found in keyspace commerce for nope"],
    [["nope.wf"], 6, "VDiff Error: no shards found in keyspace nope"],
    [
      ["-tables", "nope", "commerce.wf"],
      6,
      "VDiff Error: one or more tables provided are not present in the workflow: nope",
    ],
  ])("%j", async (words, code, error) => {
    const result = await vdiff(words);
    expect({ code: result.code, stdout: result.stdout, error: result.stderr.match(/^VDiff Error.*/m)?.[0] }).toEqual({
      code,
      stdout: "",
      error,
    });
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(clusters.targetPrimary.calls.filter((call) => call.startsWith("update"))).toEqual([]);
  });
});

/** Keeps the stream from getting to the source's position, and tells when a VDiff waits for it. */
function holdSynchronization(): Promise<void> {
  return new Promise((resolve) => {
    clusters.targetPrimary.trouble.before = (call) => {
      if (call.includes("'for vdiff'")) {
        clusters.source.commit({ table: "customer", put: ["6", "new@domain.com"] });
        clusters.targetPrimary.trouble.stuck = true;
      }
      if (call.startsWith("vreplicationWaitForPos")) resolve();
    };
  });
}

describe("whatever happens, the streams are put back", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s: exit code 130", async (signal) => {
    let interrupt = () => {};
    const waiting = holdSynchronization();
    const running = vdiff(["commerce.wf"], {
      onStderr: (_text, kill) => {
        interrupt = () => kill(signal);
      },
    });
    await waiting;
    interrupt();
    const result = await running;
    expect(result).toMatchObject({ code: 130, signal: null, stdout: "" });
    expect(result.stderr).toContain(`VDiff Error: interrupted by ${signal}`);
    await expectPutBack();
  });

  test("the lock's lease is revoked", async () => {
    const waiting = holdSynchronization();
    const running = vdiff(["commerce.wf"]);
    await waiting;
    const etcd = new Etcd3({ hosts: target.endpoint });
    const [lease] = await etcd.getAll().prefix("/vitess/global/keyspaces/commerce/locks/").keys();
    await etcd.leaseClient.leaseRevoke({ ID: lease?.split("/").at(-1) ?? "" });
    etcd.close();
    const result = await running;
    expect(result.code).toBe(7);
    expect(result.stderr).toMatch(/^VDiff Error: .*lock/m);
    await expectPutBack();
  });

  test("the source's tablet dies while its rows are read", async () => {
    clusters.sourceReplica.trouble.stallAfterRows = 2;
    const { servers } = source;
    clusters.sourceReplica.trouble.before = (call) => {
      if (call.startsWith("select")) setTimeout(() => servers.get("zx-0000000002")?.kill(), 300);
    };
    const result = await vdiff(["commerce.wf"], { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toContain("VDiff Error: tablet zx-0000000002 at 127.0.0.1:");
    await expectPutBack();
  });

  test("the source's tablet hangs: over within the wait time", async () => {
    clusters.sourceReplica.trouble.before = (call) => {
      if (call === "waitForPosition") source.servers.get("zx-0000000002")?.pause();
    };
    const startedAt = Date.now();
    const result = await vdiff(["-filtered_replication_wait_time", "2s", "commerce.wf"]);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(result.code).toBe(8);
    expect(result.stderr).toContain("VDiff Error: vdiff timed out: tablet zx-0000000002 has not caught up within 2 s");
    expect(result.stderr).toContain("-filtered_replication_wait_time");
    await expectPutBack();
  });

  test("the target hangs for good: it says which stream stands still, and how to start it", async () => {
    clusters.sourceReplica.trouble.before = (call) => {
      if (call === "waitForPosition") target.servers.get("zone1-0000000001")?.pause();
    };
    const result = await vdiff(["-filtered_replication_wait_time", "1s", "commerce.wf"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/stream 6 of shard 0 \(.*zone1-0000000001.*\) could not be set running again/);
    expect(result.stderr).toContain('Restart them with "Workflow commerce.wf start".');
    const record = await target.topo.workflowRecord("commerce", "wf");
    expect(JSON.parse(record?.contents ?? "{}")).toHaveProperty("savedStreams");
  }, 60_000);

  test("killed with SIGKILL: the next run says so, and Workflow start puts it right", async () => {
    let kill = () => {};
    const waiting = holdSynchronization();
    const running = vdiff(["commerce.wf"], {
      onStderr: (_text, send) => {
        kill = () => send("SIGKILL");
      },
    });
    await waiting;
    kill();
    expect((await running).signal).toBe("SIGKILL");
    clusters.targetPrimary.trouble.stuck = false;
    const next = await vdiff(["commerce.wf"]);
    expect(next.code).toBe(7);
    expect(next.stderr).toMatch(
      /VDiff Error: (another VDiff of commerce.wf is running|a VDiff of commerce.wf was killed)/,
    );
    const start = await runCli(["Workflow", "commerce.wf", "start"], { env: connection(target.endpoint) });
    expect(start).toMatchObject({ code: 0 });
    await expect.poll(() => clusters.targetPrimary.streams[0]?.stop_pos).toBe("");
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "" });
  });
});
