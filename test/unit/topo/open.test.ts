import { expect, test } from "vitest";
import { UsageError } from "../../../src/errors.js";
import { openTopo } from "../../../src/topo/topo.js";

test.each(["zk2", "consul", "zookeeper", "k8s"])("%s is refused before anything is dialled", async (type) => {
  const opening = openTopo({ type, server: "localhost:1", root: "/vitess" });
  await expect(opening).rejects.toThrow(UsageError);
  await expect(opening).rejects.toThrow(`vtmigrate reads etcd2 topologies only, and localhost:1 is ${type}`);
});

test.each(["", "etcd", "ETCD2"])("%j is no implementation", async (type) => {
  const opening = openTopo({ type, server: "localhost:1", root: "/vitess" });
  await expect(opening).rejects.toThrow(UsageError);
  await expect(opening).rejects.toThrow(`no such topology implementation ${type}`);
});

test("an address that is none is refused", async () => {
  await expect(openTopo({ type: "etcd2", server: "localhost", root: "/vitess" })).rejects.toThrow(
    '"localhost" is not the address of a topology server',
  );
});
