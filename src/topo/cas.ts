import { setTimeout as sleep } from "node:timers/promises";
import { ConflictError, NotFoundError } from "../errors.js";
import type { Conn } from "./port.js";

/** Many clients that edit one record each lose a few rounds; more than this is a record that never rests. */
const ATTEMPTS = 50;
const MAX_PAUSE_MS = 50;

/**
 * Reads a file, edits its bytes and writes them with compare-and-swap, again from the start when somebody else wrote
 * in between. `edit` is given undefined when the file does not exist, and returns undefined when nothing is to be
 * written; it may be called many times. Resolves to whether something was written.
 */
export async function editFile(
  conn: Conn,
  path: string,
  edit: (contents: Buffer | undefined) => Buffer | undefined | Promise<Buffer | undefined>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const file = await getIfExists(conn, path);
    const contents = await edit(file?.contents);
    if (contents === undefined) return false;
    try {
      if (file === undefined) await conn.create(path, contents);
      else await conn.update(path, contents, file.version);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  }
}

export async function getIfExists(conn: Conn, path: string) {
  return unlessNotFound(conn.get(path));
}

export function unlessNotFound<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
}
