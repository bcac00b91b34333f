import { afterEach, beforeEach, expect, it } from "vitest";
import { mount } from "../../../src/commands/mount/index.js";
import { PreflightError } from "../../../src/errors.js";
import { requireOtherCluster } from "../../../src/migrate/other-cluster.js";
import { run } from "../../support/run-command.js";
import { startToyClusters, type ToyClusters } from "../../support/toy-clusters.js";

let clusters: ToyClusters;
beforeEach(async () => {
  clusters = await startToyClusters();
});
afterEach(() => clusters.stop());

const add = (server: string, name: string) =>
  run(mount, `-topo_type etcd2 -topo_server ${server} -topo_root /vitess/global/ ${name}`.split(" "), clusters.ctx);

it("Mount warns of a mount that points to the target itself, and Migrate refuses it", async () => {
  const { topo, etcd } = clusters.target;
  await add(etcd.endpoint, "me");
  expect(clusters.notes.at(-1)).toBe(
    'Warning: me points to this cluster itself: Migrate copies from another one. Undo it with "vtmigrate Mount -unmount me".',
  );
  expect(await topo.mounts()).toEqual(["ext1", "me"]);
  const refusal = requireOtherCluster(topo, await topo.openMount("me"), "me");
  await expect(refusal).rejects.toThrow(PreflightError);
  await expect(refusal).rejects.toThrow(
    `mount me points to etcd2 ${etcd.endpoint} /vitess/global/, which is the target cluster itself`,
  );
  await expect(refusal).rejects.toMatchObject({ hint: expect.stringMatching(/MoveTables.*Mount -unmount me/) });
});

it("another cluster is neither warned of nor refused", async () => {
  const { topo } = clusters.target;
  await add(clusters.source.etcd.endpoint, "ext2");
  expect(clusters.notes.join("\n")).not.toContain("itself");
  await requireOtherCluster(topo, await topo.openMount("ext2"), "ext2");
});
