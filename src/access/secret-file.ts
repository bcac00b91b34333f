import { readFile, stat } from "node:fs/promises";
import { UsageError } from "../errors.js";

/** Group's and others' rights on a file. */
const OF_OTHERS = 0o077;

/** A file's bytes; UsageError naming the setting that named it. */
export async function readNamed(path: string, setting: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${setting}: ${path} can't be read: ${reason(error)}`, { cause: error });
  }
}

/** The same of a file that holds a password, which nobody else may be able to read. */
export async function readSecret(path: string, setting: string): Promise<string> {
  const bytes = await readNamed(path, setting);
  await requirePrivate(path, `${setting}: ${path}`);
  return bytes.toString("utf8");
}

/** UsageError when others than its owner have rights on a file; not where files have no such rights. */
export async function requirePrivate(path: string, subject: string): Promise<void> {
  if (process.platform === "win32") return;
  const mode = await modeOf(path, subject);
  if ((mode & OF_OTHERS) === 0) return;
  throw new UsageError(`${subject} holds a password, and others than its owner may open it`, {
    hint: `chmod 600 ${path}`,
  });
}

async function modeOf(path: string, subject: string): Promise<number> {
  try {
    return (await stat(path)).mode;
  } catch (error) {
    throw new UsageError(`${subject} can't be looked at: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}
