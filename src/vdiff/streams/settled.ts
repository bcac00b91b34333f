import { forEachAtOnce } from "../../concurrency.js";

/**
 * Like forEachAtOnce, but what was begun is waited for, and nothing is still under way when it fails: what comes next
 * puts the streams back. Nothing further is begun after a failure.
 */
export async function settleEach<In, Out>(items: Iterable<In>, ask: (item: In) => Promise<Out>): Promise<Out[]> {
  let failure: { error: unknown } | undefined;
  const results = await forEachAtOnce(items, async (item) => {
    if (failure !== undefined) return [];
    try {
      return [await ask(item)];
    } catch (error) {
      failure ??= { error };
      return [];
    }
  });
  if (failure !== undefined) throw failure.error;
  return results.flat(1) as Out[];
}

/** All of them at once: for calls that mostly wait, and of which none may wait for another's turn. */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
