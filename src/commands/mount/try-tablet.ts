import type { Context } from "../../context.js";
import { AuthError, VtmigrateError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";

const ANSWER_MS = 3_000;

/**
 * Tries what was given for a source's tablets on one of them, the first primary that its topology knows. AuthError when it
 * lets us not in. Whoever doesn't answer is no reason against a mount: the preflight asks all of them.
 */
export async function tryTablet({ tablets, log, signal }: Context, source: Topo, keyspaces: string[]): Promise<void> {
  try {
    for (const keyspace of keyspaces) {
      const alias = (await source.shards(keyspace)).find(
        ({ primaryAlias }) => primaryAlias !== undefined,
      )?.primaryAlias;
      if (alias === undefined) continue;
      const options = { timeoutMs: ANSWER_MS, signal };
      const tablet = tablets().open(await source.tablet(alias));
      await tablet.dial(options);
      await tablet.ping(options);
      return;
    }
  } catch (error) {
    if (error instanceof AuthError || !(error instanceof VtmigrateError) || signal.aborted) throw error;
    log.info({ err: error }, "no source tablet tried");
  }
}
