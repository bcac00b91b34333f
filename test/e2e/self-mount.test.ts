import { afterAll, beforeAll, expect, it } from "vitest";
import { Lab } from "../support/lab.js";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ rows: 5 });
}, 120_000);
afterAll(() => lab?.close());

it("a mount that points to the target itself: Mount warns, Create refuses and changes nothing", async () => {
  const { etcd, topoRoot } = lab.sandbox.target;
  const mounted = await lab.type(`Mount -topo_type etcd2 -topo_server ${etcd} -topo_root ${topoRoot} me`);
  expect(mounted).toMatchObject({ code: 0, stdout: "" });
  expect(mounted.stderr).toContain("Warning: me points to this cluster itself: Migrate copies from another one.");
  const before = await lab.everything();
  const created = await lab.type("Migrate -all -source me.commerce Create commerce.wf");
  expect(created).toMatchObject({ code: 9, stdout: "" });
  expect(created.stderr).toContain(
    `Migrate Error: mount me points to etcd2 ${etcd} ${topoRoot}, which is the target cluster itself\nHint: Within one cluster use MoveTables`,
  );
  expect(await lab.everything()).toEqual(before);
});
