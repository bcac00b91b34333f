import { randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { FailedError, UsageError } from "../errors.js";
import { type ContextFile, formatContexts, holdsPassword, parseContexts } from "./contexts.js";
import { withFileLock } from "./file-lock.js";
import { requirePrivate } from "./secret-file.js";

/**
 * `$XDG_CONFIG_HOME/vtmigrate/config.json`, which is below ~/.config by default (XDG Base Directory, 0.8). Undefined for a
 * user who has no home: a container's, for example.
 */
export function contextFilePath(env: NodeJS.ProcessEnv): string | undefined {
  const configured = env.XDG_CONFIG_HOME ?? "";
  // A relative one is to be ignored, says XDG.
  if (configured.startsWith("/")) return join(configured, "vtmigrate", "config.json");
  const home = env.HOME || homeOf();
  return home === undefined ? undefined : join(home, ".config", "vtmigrate", "config.json");
}

function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** What the user's file says; nothing where there is none. UsageError for one that is wrong, or open to others with a password in it. */
export async function readContextFile(path: string | undefined): Promise<ContextFile> {
  if (path === undefined) return { contexts: new Map() };
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return { contexts: new Map() };
    throw new UsageError(`${path} can't be read: ${reason(error)}`, { cause: error });
  }
  const file = parseContexts(text, path);
  if (holdsPassword(file)) await requirePrivate(path, path);
  return file;
}

/**
 * Changes the user's file: nobody else can open it afterwards, a reader never sees half of it, and two processes that
 * change it at once don't lose each other's change. FailedError when it can't be written, ConflictError when its lock
 * isn't given back.
 */
export async function changeContextFile(
  path: string | undefined,
  change: (file: ContextFile) => void,
  signal: AbortSignal,
): Promise<void> {
  if (path === undefined) {
    throw new FailedError("there is no home folder to keep contexts in", {
      hint: "Set XDG_CONFIG_HOME to a folder, or give everything by the environment: VTMIGRATE_SOURCE_TOPO_CA and so on.",
    });
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const lock = `${path}.lock`;
    await withFileLock(
      lock,
      async () => {
        const file = await readContextFile(path);
        change(file);
        await replace(path, formatContexts(file));
      },
      signal,
    );
  } catch (error) {
    if (!hasCode(error)) throw error;
    throw new FailedError(`${path} can't be written: ${reason(error)}`, { cause: error });
  }
}

async function replace(path: string, text: string): Promise<void> {
  // Behind a symbolic link the file itself is replaced.
  const real = await realpath(path).catch(() => path);
  const draft = `${real}.${process.pid}.${randomUUID()}`;
  try {
    // A draft that is there already would keep its mode.
    await writeFile(draft, text, { mode: 0o600, flag: "wx" });
    await rename(draft, real);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** An error of the operating system's; with `codes`, one of those. */
function hasCode(error: unknown, ...codes: string[]): boolean {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^\w+: /, "").replace(/, \w+ '.*$/, "") : String(error);
}
