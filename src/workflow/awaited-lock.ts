import type { Clock, Log } from "../context.js";
import { describeHolder } from "../topo/lock-holder.js";
import type { Lock, Topo } from "../topo/port.js";

/** Whoever waits longer wants to know for whom. */
const PATIENCE_MS = 2_000;

/** Of whoever wants the lock. */
export interface Waiting {
  clock: Clock;
  log: Pick<Log, "info">;
  signal: AbortSignal;
  /** A line for people. */
  note(line: string): void;
}

/** Takes the lock of `dir`; one that isn't free at once: says who holds it. */
export async function awaitedLock(
  { clock, log, signal: given, note }: Waiting,
  topo: Topo,
  dir: string,
  acquire: () => Promise<Lock>,
): Promise<Lock> {
  const done = new AbortController();
  const signal = AbortSignal.any([given, done.signal]);
  const telling = clock
    .sleep(PATIENCE_MS, signal)
    .then(() => topo.global.lockHolders(dir, signal))
    .then(([holder]) => {
      if (holder !== undefined) note(`Waiting for the lock of ${dir}: ${describeHolder(holder)}`);
    })
    // Only a line to read: acquiring says what is wrong.
    .catch(() => undefined);
  try {
    const lock = await acquire();
    log.info({ dir }, "lock acquired");
    return lock;
  } finally {
    done.abort();
    await telling;
  }
}
