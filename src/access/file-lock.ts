import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ConflictError } from "../errors.js";

const PAUSE_MS = 50;
/** Whoever holds it writes a small file. */
const PATIENCE_MS = 5_000;

/**
 * Runs `act` while no other process does with the same lock, a file that exists meanwhile. ConflictError when it stands
 * there for longer than 5 s: a process that was killed may have left it, and to take it over unasked could take it from
 * one that is at work.
 */
export async function withFileLock(lock: string, act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const mine = `${process.pid} ${performance.now()}`;
  await take(lock, mine, signal);
  try {
    await act();
  } finally {
    if ((await readFile(lock, "utf8").catch(() => "")) === mine) await rm(lock, { force: true });
  }
}

async function take(lock: string, mine: string, signal: AbortSignal): Promise<void> {
  const giveUp = performance.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      await writeFile(lock, mine, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if (performance.now() > giveUp) {
      throw new ConflictError(`${lock} exists: another vtmigrate is writing there, or was killed while it did`, {
        hint: `If none is at work, delete it: rm ${lock}`,
      });
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}
