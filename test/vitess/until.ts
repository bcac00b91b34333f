import { setTimeout as sleep } from "node:timers/promises";

/** Ends `until` at once. */
export class Failed extends Error {}

/** Asks every 100 ms until there is an answer, at most a minute long; failures count as none, but the last is told. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Failed) throw error;
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}`, { cause: last });
}
