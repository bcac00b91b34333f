import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How the folders of installations begin. */
export const PREFIX = "vtmigrate-vitess-";
const OWNER = "owner.pid";

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

/**
 * Removes the installations of runs that were killed: those whose owner is gone. Folders of other users are left
 * alone, and so is one whose owner's process id now belongs to another program of the same kind.
 */
export function removeOrphans(temporary: string): string[] {
  const orphans = readdirSync(temporary)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(temporary, name))
    .filter((folder) => {
      const owner = text(join(folder, OWNER));
      return owner !== "" && text(`/proc/${owner}/cmdline`) === "";
    });
  for (const folder of orphans) removeInstallation(folder);
  return orphans;
}

/** Says whose an installation is: this process, for as long as it lives. */
export function own(folder: string): void {
  writeFileSync(join(folder, OWNER), String(process.pid));
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
