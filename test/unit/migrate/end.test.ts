import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import {
  ConflictError,
  NotFoundError,
  PreflightError,
  StillRunningError,
  UnreachableError,
} from "../../../src/errors.js";
import { decode, encode } from "../../../src/wire/proto.js";
import { readRecord, writeRecord } from "../../../src/workflow/record.js";
import { run } from "../../support/run-command.js";
import { startToyClusters, type ToyClusters } from "../../support/toy-clusters.js";

let clusters: ToyClusters;
beforeEach(async () => {
  clusters = await startToyClusters();
  await act("-all -auto_start=false -source ext1.commerce Create commerce.wf");
  for (const row of target().rows) row.state = "Running";
  target().run();
  target().calls.length = 0;
  clusters.notes.length = 0;
});
afterEach(() => clusters.stop());

const act = (line: string) => run(migrate, line.split(" "), clusters.ctx);
const target = () => clusters.target.primary;
const record = () => readRecord(clusters.target.topo, "commerce", "wf");
const fail = (text: string, code = 2) =>
  target().failures.push({ method: "VReplicationExec", text, code, details: "no" });

async function vschemaTables(): Promise<string[]> {
  const { contents } = await clusters.target.topo.vschema("commerce");
  return Object.keys(decode("vschema.Keyspace", contents).tables).sort();
}

async function srvVSchemaTables(): Promise<string[]> {
  const served = decode("vschema.SrvVSchema", await clusters.target.topo.srvVSchema("zone1"));
  return Object.keys(served.keyspaces.commerce?.tables ?? {}).sort();
}

const TABLES = ["corder", "customer", "product"];
const DONE =
  "was successful for workflow commerce.wf\nStart State: Reads Not Switched. Writes Not Switched\nCurrent State: Workflow Not Found\n\n";

describe("Complete", () => {
  it("waits for the source's position, announces the tables and deletes the streams last", async () => {
    clusters.source.primary.position = "MySQL56/00000000-0000-0000-0000-000000000001:1-42";
    await act("complete commerce.wf");
    expect(clusters.answer()).toMatch(new RegExp(`complete ${DONE}$`));
    expect(await vschemaTables()).toEqual(TABLES);
    expect(await srvVSchemaTables()).toEqual(TABLES);
    expect(target().rows).toEqual([]);
    expect([...target().tables.keys()]).toHaveLength(3);
    expect(await record()).toBeUndefined();
    const deeds = target().calls.filter((call) => /WaitForPos|update|delete|VDiff/.test(call));
    expect(deeds[0]).toContain(":1-42");
    expect(deeds[1]).toContain("set state = 'Stopped'");
    expect(deeds[2]).toContain("delete from _vt.vreplication where db_name = 'vt_commerce' and workflow = 'wf'");
  });

  it("says that it does not exist, the second time too", async () => {
    await expect(act("Complete commerce.nope")).rejects.toThrow("workflow commerce.nope does not exist");
    await act("Complete commerce.wf");
    await expect(act("Complete commerce.wf")).rejects.toThrow(NotFoundError);
  });

  it("keeps VSchema entries that are there", async () => {
    const entry = { tables: { product: { type: "reference" } } };
    await clusters.target.topo.saveVSchema("commerce", encode("vschema.Keyspace", entry), undefined);
    await act("Complete commerce.wf");
    const { contents } = await clusters.target.topo.vschema("commerce");
    expect(decode("vschema.Keyspace", contents).tables.product?.type).toBe("reference");
    expect(await vschemaTables()).toEqual(TABLES);
  });

  it.each([
    ["has yet to copy corder", () => target().run(["corder"])],
    ["is in error: duplicate entry", () => Object.assign(target().rows[0] ?? {}, { message: "duplicate entry" })],
    ["is Stopped", () => Object.assign(target().rows[0] ?? {}, { state: "Stopped" })],
    [
      "is Stopped (Stopped at position",
      () => Object.assign(target().rows[0] ?? {}, { state: "Stopped", message: "Stopped at position 0-1-9" }),
    ],
    ["has not started", () => Object.assign(target().rows[0] ?? {}, { pos: "" })],
    ["lacks tables: corder", () => target().tables.delete("corder")],
  ])("refuses when a stream or target %s, and -force doesn't", async (message, spoil) => {
    spoil();
    await expect(act("Complete commerce.wf")).rejects.toThrow(PreflightError);
    await expect(act("-dry_run Complete commerce.wf")).rejects.toThrow(message);
    expect(await vschemaTables()).toEqual([]);
    expect(target().calls.join("\n")).not.toMatch(/update|delete/);
    await act("-force Complete commerce.wf");
    expect(await vschemaTables()).toEqual(TABLES);
  });

  it("refuses streams that don't catch up in time, and leaves them running", async () => {
    target().failures.push({ method: "VReplicationWaitForPos", code: 4, details: "Deadline Exceeded" });
    await expect(act("-timeout 1s Complete commerce.wf")).rejects.toThrow(StillRunningError);
    expect(target().rows).toMatchObject([{ state: "Running" }]);
    expect((await record())?.step).toBe("created");
  });

  it("restarts the streams when it fails before the VSchema is written", async () => {
    const { topo } = clusters.target;
    const ctx = { ...clusters.ctx, topo: async () => ({ ...topo, addVSchemaTables: refuse }) };
    await expect(run(migrate, ["Complete", "commerce.wf"], ctx)).rejects.toThrow("bad node version");
    expect(target().rows).toMatchObject([{ state: "Running" }]);
    expect((await record())?.step).toBe("created");
    expect(clusters.notes).toContain("undone: the streams' stop");
  });

  it("goes on from the VSchema when it failed behind it, even with the source gone", async () => {
    fail("delete from");
    await expect(act("Complete commerce.wf")).rejects.toThrow("no");
    expect(await vschemaTables()).toEqual(TABLES);
    expect(target().rows).toMatchObject([{ state: "Stopped" }]);
    await expect(act("Cancel commerce.wf")).rejects.toThrow(ConflictError);
    await clusters.target.topo.deleteMount("ext1");
    clusters.source.primary.stop();
    await act("Complete commerce.wf");
    expect([target().rows, await record()]).toEqual([[], undefined]);
  });

  it("goes on from the VSchema although somebody has taken an entry out since, and Cancel drops nothing", async () => {
    fail("delete from");
    await expect(act("Complete commerce.wf")).rejects.toThrow("no");
    await clusters.target.topo.removeVSchemaTables("commerce", ["corder"]);
    await expect(act("Cancel commerce.wf")).rejects.toThrow(ConflictError);
    expect([...target().tables.keys()].sort()).toEqual(TABLES);
    await act("Complete commerce.wf");
    expect([target().rows, await record(), await vschemaTables()]).toEqual([[], undefined, ["customer", "product"]]);
  });

  it("takes back VSchema entries of a write whose answer was lost, but none that was there", async () => {
    const { topo } = clusters.target;
    await topo.addVSchemaTables("commerce", ["product"]);
    const addVSchemaTables = async (keyspace: string, tables: string[]) => {
      await topo.addVSchemaTables(keyspace, tables);
      throw new UnreachableError("lost contact");
    };
    const ctx = { ...clusters.ctx, topo: async () => ({ ...topo, addVSchemaTables }) };
    await expect(run(migrate, ["Complete", "commerce.wf"], ctx)).rejects.toThrow("lost contact");
    expect(await vschemaTables()).toEqual(["product"]);
    expect([target().rows[0]?.state, (await record())?.step]).toEqual(["Running", "created"]);
  });

  it("checks again after a Complete that was killed between stopping and announcing", async () => {
    const killed = await record();
    if (killed === undefined) throw new Error("no record");
    await writeRecord(clusters.target.topo, { ...killed, step: "announcing" });
    for (const row of target().rows) row.state = "Stopped";
    await act("Complete commerce.wf");
    const deeds = target().calls.filter((call) => /WaitForPos|update/.test(call));
    expect(deeds.map((call) => /'Running'|WaitForPos|'Stopped'/.exec(call)?.[0])).toEqual([
      "'Running'",
      "WaitForPos",
      "'Stopped'",
    ]);
    expect(await vschemaTables()).toEqual(TABLES);
  });

  it("takes the tables off the denied list and refreshes the tablet", async () => {
    const { global } = clusters.target.topo;
    const path = "keyspaces/commerce/shards/0/Shard";
    const file = await global.get(path);
    const control = { tablet_type: "PRIMARY" as const, denied_tables: [...TABLES, "other"] };
    const denied = encode("topodata.Shard", { tablet_controls: [control] });
    await global.update(path, Buffer.concat([file.contents, denied]), file.version);
    await act("Complete commerce.wf");
    const shard = await clusters.target.topo.shard("commerce", "0");
    expect(shard.tabletControls[0]?.denied_tables).toEqual(["other"]);
    expect(target().calls).toContain("RefreshState {}");
  });

  it("prints vtctlclient's dry run, its own steps beside it, and changes nothing", async () => {
    const before = clusters.target.etcd.store.revision;
    const earlier = clusters.answer().length;
    await act("-dry_run Complete commerce.wf");
    expect(
      clusters
        .answer()
        .slice(earlier)
        .replace(/at .*\n/, "at <time>\n"),
    ).toBe(
      "Dry Run results for Complete run at <time>\nParameters: -dry_run Complete commerce.wf\n\nLock keyspace commerce\n" +
        "Delete vreplication streams on target:\n\tKeyspace commerce Shard 0 Workflow wf DbName vt_commerce Tablet 1\n" +
        "All source tables will be added to the target keyspace vschema\nUnlock keyspace commerce\n",
    );
    expect(clusters.notes.at(-1)).toContain("Delete the workflow's record");
    expect(clusters.target.etcd.store.revision).toBe(before);
    expect(target().calls.join("\n")).not.toMatch(/update|delete/);
  });
});

async function refuse(): Promise<string[]> {
  throw new ConflictError("bad node version: keyspaces/commerce/VSchema");
}
