import { setTimeout as sleep } from "node:timers/promises";
import { forEachAtOnce } from "../../concurrency.js";
import { ConflictError, VtmigrateError } from "../../errors.js";
import type { TabletRecord } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { targetName } from "../../workflow/targets.js";
import { alsoSources, tabletsOfKeyspace } from "../source-tablets.js";
import type { ShardDrop } from "./cancel-plan.js";
import type { CancelSubject } from "./own-tables.js";

/** Cancel works without the source: one that doesn't answer soon isn't waited for. */
const PATIENCE_MS = 2_000;

/**
 * ConflictError before tables are dropped on a tablet that is one of the source's own: see `alsoSources`. A source that
 * doesn't answer can't be compared with, which `note` is told.
 */
export async function requireNoSource(
  topo: Topo,
  subject: CancelSubject,
  drops: ShardDrop[],
  note: (line: string) => void,
): Promise<void> {
  const dropping = drops.filter(({ tables }) => tables.length > 0).map(({ target }) => target);
  if (dropping.length === 0) return;
  const source = await sourceTablets(topo, subject);
  if (source === undefined) {
    note("The source's topology doesn't answer: whether it has these tablets too was not compared.");
    return;
  }
  const shared = alsoSources(dropping, source);
  if (shared.length === 0) return;
  throw new ConflictError(`the tables are also the source's: it has ${shared.map(targetName).join(", ")} as well`, {
    hint: "-keep_data takes the streams away and leaves the tables.",
  });
}

/** Undefined when some can't be had in time. */
async function sourceTablets(topo: Topo, { streams, record }: CancelSubject): Promise<TabletRecord[] | undefined> {
  const sources = new Map(
    [...streams.map(({ source }) => ({ mount: source.externalCluster, keyspace: source.keyspace })), record?.source]
      .filter((source) => source !== undefined)
      .map((source) => [`${source.mount}.${source.keyspace}`, source]),
  );
  const asked = forEachAtOnce(sources.values(), async ({ mount, keyspace }) => {
    try {
      return await tabletsOfKeyspace(await topo.openMount(mount), keyspace);
    } catch (error) {
      if (error instanceof VtmigrateError) return undefined;
      throw error;
    }
  });
  const all = asked.then((found) => {
    const known = found.filter((tablets) => tablets !== undefined);
    return known.length < found.length ? undefined : known.flat();
  });
  return Promise.race([all, sleep(PATIENCE_MS, undefined, { ref: false })]);
}
