import { describeHolder } from "../../topo/lock-holder.js";
import type { LockKey } from "../../topo/port.js";
import { deleteKey, type Finding } from "./finding.js";
import { staleness } from "./locked.js";
import type { Scene } from "./scene.js";

/** Locks that nobody will release: whoever wants one waits, and gives up. */
export function staleLocks(scene: Scene): Finding[] {
  return scene.locks.flatMap((lock) => {
    const stale = staleness(lock);
    if (stale === undefined) return [];
    const workflow = workflowOf(scene, lock);
    return [
      {
        kind: "stale_lock",
        ...(workflow !== undefined && { workflow: `${scene.keyspace}.${workflow}` }),
        what: `lock ${lock.key} stands in the way: ${describeHolder(lock.contents)}`,
        ...stale,
        advice: `Make sure that nothing is at work any more${onHost(lock)}.`,
        cleanUp: [deleteKey(scene.topology, lock.key)],
      },
    ];
  });
}

function workflowOf({ keyspace }: Scene, { dir }: LockKey): string | undefined {
  const prefix = `internal/named_locks/${keyspace}/`;
  return dir.startsWith(prefix) ? dir.slice(prefix.length) : undefined;
}

function onHost({ contents: { HostName } }: LockKey): string {
  return HostName === "" ? "" : ` on ${HostName}`;
}
