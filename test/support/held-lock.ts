import type { RawEtcd } from "./raw-etcd.js";

/** Who holds it then, in a command's words. */
export const HOLDER = 'vitess on vtctld-7c9 holds it for "completeMigrateWorkflow" since 2024-05-01T10:20:30Z';

/**
 * Takes a lock of the global topology by Vitess's recipe (go/vt/topo/etcd2topo/lock.go): a key below locks/, named by the
 * lease that keeps it. The answer releases it.
 */
export async function holdLock(etcd: RawEtcd, dir: string): Promise<() => Promise<unknown>> {
  const { ID } = await etcd.call("Lease", "LeaseGrant", { TTL: 60 });
  const contents = {
    Action: "completeMigrateWorkflow",
    HostName: "vtctld-7c9",
    UserName: "vitess",
    Time: "2024-05-01T10:20:30Z",
    Status: "Running",
  };
  await etcd.put(`/vitess/global/${dir}/locks/${ID}`, JSON.stringify(contents, undefined, 2), { lease: ID });
  return () => etcd.call("Lease", "LeaseRevoke", { ID });
}
