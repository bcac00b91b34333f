/** Locks that vtctld takes keep us out, and ours keep vtctld out. */
import { beforeEach, expect, it } from "vitest";
import { describeVitess, withFreshTarget } from "./lab.js";
import { until } from "./until.js";

describeVitess("locks", (lab) => {
  withFreshTarget(lab);
  beforeEach(async () => {
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
  });

  it("a lock that a running vtctld holds is waited for, and its holder named", async () => {
    const target = lab.primary("target", "commerce");
    // The stream waits for this row, and vtctld's VDiff, with the keyspace locked, for the stream.
    const blocker = await lab.hold(target, "begin");
    await blocker.query("update customer set email = 'ours' where customer_id = 5");
    const gate = await lab.gate("source", "commerce");
    await gate.query("update customer set email = 'late' where customer_id = 5");
    await gate.end();
    const vdiff = lab.vtctlclient([
      ...["VDiff", "--", "--v1", "--source_cell", "zx", "--target_cell", "zone1", "--tablet_types", "PRIMARY"],
      ...["--filtered_replication_wait_time", "20s", "commerce.wf"],
    ]);
    await until("vtctld holds the lock", async () =>
      (await lab.keys("target")).some(({ key }) => key.includes("/keyspaces/commerce/locks/")),
    );
    const refused = await lab.type("Migrate -lock-timeout 3s Cancel commerce.wf");
    expect(refused.code, refused.stderr).toBe(7);
    expect(refused.stderr).toContain("vdiff");
    expect(await lab.streams("commerce")).toHaveLength(1);
    await blocker.end();
    await vdiff;
    await lab.must("Migrate Cancel commerce.wf");
  });

  it("a lock of ours keeps vtctldclient waiting", async () => {
    await lab.with("target", async (topo) => {
      const lock = await topo.lockKeyspace("commerce", { action: "a test", timeoutMs: 5000 });
      const complete = lab.vtctldclient(
        "target",
        "Migrate",
        "--workflow",
        "wf",
        "--target-keyspace",
        "commerce",
        "complete",
      );
      const first = await Promise.race([complete.then(() => "vtctldclient"), afterMs(3000, "nobody")]);
      expect(first).toBe("nobody");
      expect(await lab.streams("commerce")).toHaveLength(1);
      await lock.release();
      await complete;
    });
    expect(await lab.streams("commerce")).toEqual([]);
  });
});

function afterMs<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}
