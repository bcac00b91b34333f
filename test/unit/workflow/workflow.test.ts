import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import { workflow } from "../../../src/commands/workflow/index.js";
import { NotFoundError, UsageError } from "../../../src/errors.js";
import { readRecord } from "../../../src/workflow/record.js";
import { showDocument } from "../../../src/workflow/show.js";
import { readStreams } from "../../../src/workflow/streams.js";
import { readTargets } from "../../../src/workflow/targets.js";
import { normalise, recorded } from "../../support/recording.js";
import { run } from "../../support/run-command.js";
import { startToyClusters, type ToyClusters } from "../../support/toy-clusters.js";

const V22 = "vtctlclient-v22.0.3.txt";
let clusters: ToyClusters;
let printed = 0;
afterEach(() => clusters.stop());

async function start(version: "v11" | "v22" = "v22"): Promise<void> {
  clusters = await startToyClusters(version);
  await run(
    migrate,
    "-auto_start=false -all -exclude notes -cells zx -source ext1.commerce Create commerce.wf".split(" "),
    await withNotes(clusters),
  );
  printed = clusters.answer().length;
}

/** The recorded source has a fourth table. */
async function withNotes(running: ToyClusters) {
  running.source.primary.table("notes", 4);
  return running.ctx;
}

const target = () => clusters.target.primary;

async function type(line: string): Promise<string> {
  await run(workflow, line.split(" "), clusters.ctx);
  const text = clusters.answer().slice(printed);
  printed += text.length;
  return text;
}

describe("Workflow", () => {
  beforeEach(() => start());

  it("shows a stopped workflow as v22 does, with the type that it has", async () => {
    const { stdout } = recorded(V22, "Workflow commerce.wf show");
    const lagless = (text: string) =>
      normalise(text).replace(/"MaxVReplicationTransactionLag": \d+/, '"MaxVReplicationTransactionLag": <n>');
    const expected = lagless(stdout).replace('"WorkflowType": "MoveTables"', '"WorkflowType": "Migrate"');
    expect(lagless(await type("commerce.wf SHOW"))).toBe(expected);
  });

  it("shows lags in seconds: a number that never is an epoch", async () => {
    const now = Math.floor(Date.now() / 1000);
    target().run();
    for (const row of target().rows) {
      row.state = "Running";
      row.time_updated = String(now - 3);
      row.time_heartbeat = String(now - 7);
      row.transaction_timestamp = String(now - 20);
    }
    const topo = clusters.target.topo;
    const targets = await readTargets(topo, clusters.ctx.tablets(), "commerce");
    const read = () => readStreams("commerce", "wf", targets);
    expect(showDocument(await read(), new Date(now * 1000))).toMatchObject({
      MaxVReplicationLag: 3,
      MaxVReplicationTransactionLag: 7,
    });
    target().run(["product"]);
    const copying = showDocument(await read(), new Date(now * 1000));
    expect(copying.MaxVReplicationTransactionLag).toBe(9223372036854775807n);
    expect(await type("commerce.wf show")).toContain('"MaxVReplicationTransactionLag": 9223372036854775807,\n');
    expect(JSON.stringify(copying.ShardStatuses)).toContain('"State":"Copying"');
  });

  it("has no transaction lag to show before the first transaction", async () => {
    const text = await type("commerce.wf show");
    expect(text).toContain('"MaxVReplicationTransactionLag": 9223372036854775807,\n');
    expect(text).toMatch(/"MaxVReplicationLag": \d{1,2},\n/);
  });

  it("prints start, stop and the dry run as v22 does", async () => {
    expect(await type("commerce.wf start")).toBe(recorded(V22, "Workflow commerce.wf start").stdout);
    expect(target().rows).toMatchObject([{ state: "Running" }]);
    expect(await type("commerce.wf stop")).toBe(recorded(V22, "Workflow commerce.wf stop").stdout);
    expect(target().rows).toMatchObject([{ state: "Stopped" }]);
    for (const row of target().rows) {
      row.id = "5";
      row.pos = "MySQL56/0161eb37-e68d-11f1-a320-02fc00000001:1-62";
    }
    const { stdout } = recorded(V22, "Workflow --dry-run commerce.wf start");
    expect(await type("--dry-run commerce.wf start")).toBe(stdout);
    expect(target().rows).toMatchObject([{ state: "Stopped" }]);
  });

  it("lists all workflows, and none", async () => {
    expect(await type("commerce ListAll")).toBe(recorded(V22, "Workflow commerce listall").stdout);
    target().rows = [];
    expect(await type("commerce listall")).toBe(recorded(V22, "Workflow commerce listall", 1).stdout);
  });

  it("deletes the streams and the record, and leaves the tables", async () => {
    await type("commerce.wf delete");
    expect(target().rows).toEqual([]);
    expect(await readRecord(clusters.target.topo, "commerce", "wf")).toBeUndefined();
    expect(target().tables.size).toBe(3);
    expect(clusters.notes.at(-1)).toBe("Tables that Create made stay: corder, customer, product");
  });

  it.each([
    ["commerce.nope show", NotFoundError, "no streams found for workflow nope in keyspace commerce"],
    ["commerce.nope stop", NotFoundError, "no streams found for workflow nope in keyspace commerce"],
    ["nope.wf show", NotFoundError, "no shards found in keyspace nope"],
    ["commerce.wf frobnicate", UsageError, "invalid action found: frobnicate"],
    ["wf show", UsageError, "invalid format for <keyspace.workflow>: wf"],
    ["a.b.c show", UsageError, "invalid format for <keyspace.workflow>: a.b.c"],
  ])("refuses %s", async (line, kind, message) => {
    const failure = type(line);
    await expect(failure).rejects.toThrow(kind);
    await expect(failure).rejects.toThrow(message);
  });

  it("takes the last copy_state row per table", async () => {
    target().run(["product"]);
    target().copyState.push({ vrepl_id: "1", table_name: "product", lastpk: "x" });
    const targets = await readTargets(clusters.target.topo, clusters.ctx.tablets(), "commerce");
    const { streams } = await readStreams("commerce", "wf", targets);
    expect(streams[0]?.copyState).toEqual([{ table: "product", lastpk: "x" }]);
    expect(streams[0]?.position?.flavor).toBe("MySQL56");
  });
});

it("shows v11's form for v11", async () => {
  await start("v11");
  const { stdout } = recorded("vtctlclient-v11.0.4.txt", "Workflow commerce.wf Show");
  const keys = (text: string) => [...text.matchAll(/^\s*"(\w+)":/gm)].map((match) => match[1]);
  const shown = await type("commerce.wf show");
  expect(new Set(keys(shown))).toEqual(new Set(keys(stdout)));
  expect(shown).toContain("MasterReplicationStatuses");
});
