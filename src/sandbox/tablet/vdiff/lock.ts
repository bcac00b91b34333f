/** What is locked in the tablet's topology while streams are stopped (topo/locks.go, topo/named_lock.go). */
import type { TopoLock } from "../../topo-lock.js";
import { sleep } from "../gate.js";
import type { TabletState } from "../state.js";

const LEASE_SECONDS = 30;
/** Of named locks, which nobody looks after. */
const NAMED_LEASE_SECONDS = 24 * 60 * 60;
const FIRST_PAUSE_MS = 100;
const PAUSE_FACTOR = 1.5;

/** Until v21 the keyspace's lock, since then one of the workflow's name. Rejects when it can't be had in time. */
export async function lockForSnapshots(state: TabletState, workflow: string, signal: AbortSignal): Promise<TopoLock> {
  const { profile, identity, timings, topo } = state;
  const named = profile.vdiff.lock === "workflow";
  const dir = named ? `internal/named_locks/${identity.keyspace}/${workflow}` : `keyspaces/${identity.keyspace}`;
  const request = {
    action: "vdiff",
    options: named,
    ttlSeconds: named ? NAMED_LEASE_SECONDS : LEASE_SECONDS,
    timeoutMs: timings.lockTimeoutMs,
    signal,
  };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= PAUSE_FACTOR) {
    try {
      return await topo.lock(dir, request);
    } catch (error) {
      if (signal.aborted || !profile.vdiff.retriesLock) throw error;
    }
    await sleep(Math.min(pauseMs, timings.lockTimeoutMs), signal);
  }
}
