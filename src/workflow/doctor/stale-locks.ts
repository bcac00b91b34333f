import { shellWord } from "../../shell-word.js";
import { describeHolder } from "../../topo/lock-holder.js";
import type { LockKey } from "../../topo/port.js";
import type { Finding } from "./finding.js";
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
        cleanUp: [{ by: "etcdctl", on: scene.topology, command: `etcdctl del ${shellPath(lock.key)}` }],
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

function shellPath(key: string): string {
  return key
    .split("/")
    .map((element) => (element === "" ? "" : shellWord(element)))
    .join("/");
}
