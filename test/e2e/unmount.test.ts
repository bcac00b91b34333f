/** Mount -unmount, on clusters whose tablets have streams. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import { Lab } from "../support/lab.js";
import { moveTablet } from "../support/tablet-record.js";

vi.setConfig({ testTimeout: 60_000 });

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ rows: 5, mounts: ["ext1", "ext2"] });
}, 120_000);
afterAll(() => lab?.close());

const primary = () => lab.primary("target").alias;

/** As another tool does it. */
async function exec(statement: string): Promise<void> {
  const clients = createTabletClients();
  await clients.open(await lab.topo.tablet(primary())).vreplicationExec(statement);
  clients.close();
}

it("refuses while streams read from the mount, whoever made them, and names all of them", async () => {
  const words = "-auto_start=false -source ext1.commerce Create commerce";
  for (const [table, workflow] of Object.entries({ customer: "wf", corder: "theirs" })) {
    expect((await lab.type(`Migrate -tables ${table} ${words}.${workflow}`)).code).toBe(0);
  }
  await lab.topo.deleteWorkflowRecord("commerce", "theirs");
  const before = await lab.everything();
  const refused = await lab.type("Mount -unmount ext1");
  expect(refused).toMatchObject({ code: 7, stdout: "" });
  expect(refused.stderr).toMatch(
    /^Mount Error: ext1 can't be unmounted: commerce\.theirs, commerce\.wf read from it\nHint: .*Complete.*Cancel.*-force/,
  );
  expect(await lab.everything()).toEqual(before);
});

it("lets go of a mount that nobody reads from", async () => {
  expect(await lab.type("Mount -unmount ext2")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(await lab.topo.mounts()).toEqual(["ext1"]);
});

it("-force overrules, and says what becomes of the workflows", async () => {
  const forced = await lab.type("Mount -force -unmount ext1");
  expect(forced).toMatchObject({ code: 0, stdout: "" });
  expect(forced.stderr).toContain("Warning: -force: commerce.theirs, commerce.wf read from it\n");
  expect(await lab.topo.mounts()).toEqual([]);
});

it("refuses where a primary can't be asked for its streams", async () => {
  await exec("delete from _vt.vreplication where workflow in ('wf', 'theirs')");
  await lab.topo.deleteWorkflowRecord("commerce", "wf");
  await lab.mount("ext1", lab.sandbox.source);
  const back = await moveTablet(lab, primary(), 1);
  const refused = await lab.type("Mount -unmount ext1");
  expect(refused).toMatchObject({ code: 7, stdout: "" });
  expect(refused.stderr).toMatch(
    /unmounted: the primary of commerce\/0 can't be asked for streams \(.+\)\nHint: .*-force/,
  );
  expect(await lab.topo.mounts()).toEqual(["ext1"]);
  expect(await lab.type("Mount -unmount -force ext1")).toMatchObject({ code: 0 });
  await back();
});
