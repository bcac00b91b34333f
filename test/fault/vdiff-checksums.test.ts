/** What can go wrong while checksums are compared: nothing has been stopped yet, so there is nothing to put back. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliOptions, type CliResult, connection, runCli } from "../support/cli.js";
import type { FakeClusters } from "../unit/vdiff/fake/cluster.js";
import { commerce, plantDifferences } from "../unit/vdiff/fake/commerce.js";
import { type Served, serveBoth } from "../unit/vdiff/fake/serve.js";

let clusters: FakeClusters;
let source: Served;
let target: Served;

beforeEach(async () => {
  clusters = commerce();
  ({ source, target } = await serveBoth(clusters));
});

afterEach(async () => {
  await Promise.all([source.stop(), target.stop()]);
});

function vdiff(words: string[], options: CliOptions = {}): Promise<CliResult> {
  return runCli(["VDiff", ...words, "commerce.wf"], { env: connection(target.endpoint), ...options });
}

/** No statement has touched a stream. */
async function expectUntouched(): Promise<void> {
  expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "", stop_pos: null });
  expect(clusters.targetPrimary.calls.filter((call) => call.startsWith("update"))).toEqual([]);
  expect(await target.topo.global.lockHolders("keyspaces/commerce")).toEqual([]);
}

/** Checksums are never answered; `then` is called when the source is asked for one. */
function hangAtChecksum(then: () => void = () => {}): void {
  const hang = (call: string, told: () => void) => {
    if (!call.includes("count(*)")) return;
    told();
    return new Promise<void>(() => {});
  };
  clusters.sourceReplica.trouble.before = (call) => hang(call, then);
  clusters.targetPrimary.trouble.before = (call) => hang(call, () => {});
}

describe("while checksums are compared", () => {
  test("a tablet that doesn't answer any more: over within the wait time", async () => {
    hangAtChecksum();
    const result = await vdiff(["-filtered_replication_wait_time", "1s"]);
    expect(result).toMatchObject({ code: 5, stdout: "" });
    // Neither does: whose time is up first is told.
    expect(result.stderr).toMatch(
      /VDiff Error: tablet (zx-0000000002|zone1-0000000001) at .* doesn't answer: no answer within [\d.]+ s\n/,
    );
    expect(result.stderr).not.toMatch(/\n\s+at /);
    await expectUntouched();
  });

  test("a source that goes away", async () => {
    hangAtChecksum(() => void source.servers.get("zx-0000000002")?.kill());
    const result = await vdiff(["-filtered_replication_wait_time", "5s"]);
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toContain("zx-0000000002");
    await expectUntouched();
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s: exit code 130", async (signal) => {
    let interrupt = () => {};
    hangAtChecksum(() => setTimeout(() => interrupt(), 50));
    const result = await vdiff([], {
      onStart: (kill) => {
        interrupt = () => kill(signal);
      },
    });
    expect(result).toMatchObject({ code: 130, stdout: "" });
    await expectUntouched();
  });

  test("a server that can't compute them: every row is read, and a line says so", async () => {
    plantDifferences(clusters);
    const result = await vdiff(["-json"]);
    expect(result).toMatchObject({ code: 3 });
    expect(result.stderr).toContain(
      "table customer: no checksums (tablet zx-0000000002: FUNCTION vt_commerce.sha2 does not exist (errno 1305) (sqlstate 42000)); every row is read",
    );
    const { tables } = JSON.parse(result.stdout);
    expect(tables.map((table: { processedRows: number }) => table.processedRows)).toEqual([5, 5, 4, 3]);
    expect(clusters.targetPrimary.streams[0]).toMatchObject({ state: "Running", message: "", stop_pos: null });
  });
});
