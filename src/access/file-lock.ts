import { open, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 50;
/** Whoever holds it writes a small file: after this it has died. */
const STALE_MS = 5_000;

/** Runs `act` while no other process does with the same lock, a file that exists meanwhile. */
export async function withFileLock(lock: string, act: () => Promise<void>): Promise<void> {
  await take(lock);
  try {
    await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (;;) {
    try {
      await (await open(lock, "wx", 0o600)).close();
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(lock, { force: true });
    else await sleep(PAUSE_MS);
  }
}
