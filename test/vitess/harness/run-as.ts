import { execFileSync } from "node:child_process";

/** Whom servers run as: Vitess's servers and MySQL refuse root. */
export interface RunAs {
  uid?: number;
  gid?: number;
}

/**
 * Nobody else than the one who typed the command, or, for root, the user that VITESS_USER names ("nobody" unless it
 * is set). Throws with a sentence for a user that doesn't exist.
 */
export function serverUser(env: NodeJS.ProcessEnv = process.env): RunAs {
  if (process.getuid?.() !== 0) return {};
  const name = env.VITESS_USER ?? "nobody";
  return { uid: idOf("-u", name), gid: idOf("-g", name) };
}

function idOf(flag: "-u" | "-g", user: string): number {
  try {
    return Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    throw new Error(`there is no user ${user} for the servers to run as (they refuse root); VITESS_USER names another`);
  }
}
