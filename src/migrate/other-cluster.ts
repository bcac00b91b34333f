import { PreflightError } from "../errors.js";
import type { Topo } from "../topo/port.js";

/**
 * PreflightError for a mount that leads back to the target's own topology: its streams would copy a keyspace from
 * the cluster that they run in, under a name for another. `source` is the mount's topology, as opened.
 */
export async function requireOtherCluster(
  target: Topo,
  source: Topo,
  mount: string,
  signal?: AbortSignal,
): Promise<void> {
  if (!(await target.mountsItself(mount, signal))) return;
  throw new PreflightError(`mount ${mount} points to ${source.description}, which is the target cluster itself`, {
    hint: `Within one cluster use MoveTables, with vtctldclient. For another cluster: "vtmigrate Mount -unmount ${mount}", then Mount again with the source's address and root.`,
  });
}
