import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { FailedError, UsageError } from "../errors.js";
import { type ContextFile, formatContexts, holdsPassword, parseContexts } from "./contexts.js";
import { withFileLock } from "./file-lock.js";
import { requirePrivate } from "./secret-file.js";

/** `$XDG_CONFIG_HOME/vtmigrate/config.json`, which is below ~/.config by default (XDG Base Directory, 0.8). */
export function contextFilePath(env: NodeJS.ProcessEnv): string {
  const configured = env.XDG_CONFIG_HOME ?? "";
  // A relative one is to be ignored, says XDG.
  const folder = configured.startsWith("/") ? configured : join(env.HOME || homedir(), ".config");
  return join(folder, "vtmigrate", "config.json");
}

/** What the user's file says; nothing where there is none. UsageError for one that is wrong, or open to others with a password in it. */
export async function readContextFile(path: string): Promise<ContextFile> {
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
 * change it at once don't lose each other's change. FailedError when it can't be written.
 */
export async function changeContextFile(path: string, change: (file: ContextFile) => void): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await withFileLock(`${path}.lock`, async () => {
      const file = await readContextFile(path);
      change(file);
      await replace(path, formatContexts(file));
    });
  } catch (error) {
    if (!hasCode(error)) throw error;
    throw new FailedError(`${path} can't be written: ${reason(error)}`, { cause: error });
  }
}

async function replace(path: string, text: string): Promise<void> {
  // Behind a symbolic link the file itself is replaced.
  const real = await realpath(path).catch(() => path);
  const draft = `${real}.${process.pid}`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
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
