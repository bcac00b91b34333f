import type { Context } from "../context.js";
import type { PlannedStep } from "../plan.js";
import type { Lock, Topo } from "../topo/port.js";
import { awaitedLock } from "../workflow/awaited-lock.js";
import type { WorkflowName } from "../workflow/name.js";

/** `--lock-timeout` of vtctld (v16 and later). */
const LOCK_MS = 45_000;

export interface LockNeeds {
  /** What the holder is said to do, in vtctld's words. */
  named: string;
  keyspace: string;
  /** How long to stand in the queue for each; 45 s when absent. */
  timeoutMs?: number | undefined;
}

export interface HeldLocks {
  locks: Lock[];
  /** Aborted by the user, or because a lock is lost. */
  signal: AbortSignal;
}

function lockDirs({ keyspace, workflow }: WorkflowName): { named: string; keyspace: string } {
  return { named: `internal/named_locks/${keyspace}/${workflow}`, keyspace: `keyspaces/${keyspace}` };
}

/** What `withLocks` does first, as a dry run shows it. */
export function describeLocks(name: WorkflowName, needs: LockNeeds): PlannedStep {
  const dirs = lockDirs(name);
  return {
    step: `Take the locks of the workflow and of keyspace ${name.keyspace}, until all is done`,
    details: [`${dirs.named}: ${needs.named}`, `${dirs.keyspace}: ${needs.keyspace}`],
  };
}

/**
 * Runs `work` under the workflow's named lock and then the target keyspace's lock, the order of v22's
 * vtctld (go/vt/vtctl/workflow/server.go); older ones take only the second. Releases both however it ends.
 *
 * ConflictError that names the holder when a lock isn't free within `timeoutMs`; `ctx.signal`'s reason.
 */
export async function withLocks<T>(
  ctx: Context,
  topo: Topo,
  name: WorkflowName,
  needs: LockNeeds,
  work: (held: HeldLocks) => Promise<T>,
): Promise<T> {
  const { clock, log, signal } = ctx;
  const waiting = { clock, log, signal, note: (line: string) => ctx.io.note(line) };
  const timeoutMs = needs.timeoutMs ?? LOCK_MS;
  const dirs = lockDirs(name);
  const named = await awaitedLock(waiting, topo, dirs.named, () =>
    topo.lockName(`${name.keyspace}/${name.workflow}`, {
      action: needs.named,
      timeoutMs,
      signal,
      allowMissingDir: true,
    }),
  );
  try {
    const keyspace = await awaitedLock(waiting, topo, dirs.keyspace, () =>
      topo.lockKeyspace(name.keyspace, { action: needs.keyspace, timeoutMs, signal }),
    );
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
