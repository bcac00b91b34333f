import type { Context } from "../context.js";
import type { Lock, Topo } from "../topo/port.js";
import type { WorkflowName } from "../workflow/name.js";

/** What vtctld's waits for (`--lock-timeout`, v16 and later). */
const LOCK_MS = 45_000;

export interface HeldLocks {
  locks: Lock[];
  /** Aborted by the user, or because a lock is lost. */
  signal: AbortSignal;
}

/**
 * Runs `work` under the workflow's named lock and then the target keyspace's lock, the order of v22's
 * vtctld (go/vt/vtctl/workflow/server.go); older ones take only the second. Releases both however it ends.
 */
export async function withLocks<T>(
  ctx: Context,
  topo: Topo,
  name: WorkflowName,
  actions: { named: string; keyspace: string },
  work: (held: HeldLocks) => Promise<T>,
): Promise<T> {
  const { signal } = ctx;
  const named = await topo.lockName(`${name.keyspace}/${name.workflow}`, {
    action: actions.named,
    timeoutMs: LOCK_MS,
    signal,
    allowMissingDir: true,
  });
  try {
    const request = { action: actions.keyspace, timeoutMs: LOCK_MS, signal };
    const keyspace = await topo.lockKeyspace(name.keyspace, request);
    try {
      const locks = [named, keyspace];
      return await work({ locks, signal: AbortSignal.any([signal, named.lost, keyspace.lost]) });
    } finally {
      await release(ctx, keyspace);
    }
  } finally {
    await release(ctx, named);
  }
}

/** The lease ends by itself within 30 s: no reason to fail what has been done. */
async function release(ctx: Context, lock: Lock): Promise<void> {
  await lock.release().catch((error: unknown) => ctx.log.warn({ err: error, dir: lock.dir }, "lock not released"));
}
