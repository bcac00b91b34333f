import type { Lab } from "./lab.js";
import { RawEtcd } from "./raw-etcd.js";

/** What a process that is gone leaves until its leases are over, 30 s later. */
export async function expireLocks(lab: Lab): Promise<void> {
  const etcd = new RawEtcd(lab.sandbox.target.etcd);
  for (const lock of await lab.locks()) await etcd.call("Lease", "LeaseRevoke", { ID: lock.split("/").at(-1) });
  etcd.close();
}
