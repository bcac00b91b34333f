import { describeHolder } from "../../topo/lock-holder.js";
import type { LockKey } from "../../topo/port.js";
import type { Scene } from "./scene.js";

/** As long as a command of ours, or vtctld's, takes at most under a lock that it doesn't renew. */
const LONG_S = 600;

/**
 * Why a lock is nobody's any more, or undefined: without a lease nothing ends it but a deletion; and one that has not
 * been renewed for ten minutes of a long lease (vtctld's named locks, v22: 24 h) has outlived any command. Short leases
 * end by themselves within half a minute of their holder's death.
 */
export function staleness({ lease }: LockKey): { sure: "known" | "guessed"; because: string } | undefined {
  if (lease === undefined) return { sure: "known", because: "it is bound to no lease, so that nothing ends it" };
  const idle = lease.granted - lease.left;
  if (idle < LONG_S) return undefined;
  const hours = Math.max(1, Math.round(lease.left / 3600));
  return {
    sure: "guessed",
    because: `its lease has not been renewed for ${Math.round(idle / 60)} min, and would end by itself in about ${hours} h; vtctld renews none while it is at work`,
  };
}

/** "vt on vm1 holds it for "VDiff" since ...": who may be at work on a workflow just now, or undefined. */
export function atWork({ keyspace, locks }: Scene, workflow: string, action?: string): string | undefined {
  const dirs = [`internal/named_locks/${keyspace}/${workflow}`, `keyspaces/${keyspace}`];
  const [live] = dirs
    .flatMap((dir) => locks.filter((lock) => lock.dir === dir && staleness(lock) === undefined))
    .filter(({ contents }) => action === undefined || contents.Action === action);
  return live === undefined ? undefined : `${live.dir} is locked: ${describeHolder(live.contents)}`;
}
