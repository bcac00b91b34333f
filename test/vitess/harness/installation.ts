import { chmodSync, chownSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningCluster, startCluster } from "./cluster.js";
import type { Install } from "./install.js";
import { writeMysqlFiles } from "./mysql.js";
import { own, PREFIX, removeInstallation } from "./remove.js";
import { serverUser } from "./run-as.js";
import type { Setup } from "./setup.js";
import { sourceShape, targetShape } from "./shape.js";

/** Two running clusters; all of it is JSON, and handed to the suites. */
export interface Installation {
  /** Everything that they write is in here; removed at the end. */
  folder: string;
  install: Install;
  source: RunningCluster;
  target: RunningCluster;
}

/**
 * Starts both clusters in a new temporary folder. Throws with the reason, and nothing left behind, when a server
 * doesn't start. `onFolder` is told of the folder before the first process starts, so that an interrupt can clean up.
 */
export async function startInstallation(
  install: Install,
  { onFolder, onProgress }: { onFolder(folder: string): void; onProgress(line: string): void },
): Promise<Installation> {
  const runAs = serverUser();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  onFolder(folder);
  own(folder);
  const setup: Setup = { install, folder, runAs, onProgress };
  try {
    mkdirSync(join(folder, "logs"));
    for (const path of [folder, join(folder, "logs")]) {
      chmodSync(path, 0o755);
      if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(path, runAs.uid, runAs.gid);
    }
    writeMysqlFiles(folder, runAs);
    const [source, target] = await Promise.all([startCluster(setup, sourceShape), startCluster(setup, targetShape)]);
    return { folder, install, source, target };
  } catch (error) {
    removeInstallation(folder);
    throw error;
  }
}
