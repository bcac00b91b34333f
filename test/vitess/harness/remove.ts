import { readdirSync, readFileSync, rmSync } from "node:fs";

/** In the environment of everything that an installation starts: its folder. */
export const MARK = "VTMIGRATE_VITESS_FOLDER";

/**
 * Ends every process that belongs to an installation, and removes its folder. Synchronous, so that it also runs when
 * the process is about to exit. mysqld's watchdog starts mysqld again when that ends first, so what is there is
 * looked up until nothing is left.
 */
export function removeInstallation(folder: string): void {
  for (let round = 0; round < 40; round++) {
    const pids = processesOf(folder);
    if (pids.length === 0) break;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has gone meanwhile.
      }
    }
    // Timers no longer run while the process exits.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Process ids of what runs for an installation. mysqlctl gives mysqld another environment: its configuration tells. */
export function processesOf(folder: string): number[] {
  const belongs = (pid: string) =>
    text(`/proc/${pid}/environ`).split("\0").includes(`${MARK}=${folder}`) ||
    text(`/proc/${pid}/cmdline`).includes(`--defaults-file=${folder}/`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(belongs)
    .map(Number);
}

/** "" for a process that has gone, or is another user's. */
function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
