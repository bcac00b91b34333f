import { forEachAtOnce } from "../concurrency.js";
import { NotFoundError, UnreachableError } from "../errors.js";
import { pickTablet } from "../tablet/picker.js";
import type { Tablet, TabletClients } from "../tablet/port.js";
import { parseTabletTypes, type TabletTypes } from "../tablet/types.js";
import type { Topo } from "../topo/port.js";
import type { Target } from "../workflow/targets.js";

export interface TabletChoice {
  tablets: TabletClients;
  /** Cells or cell aliases; none means all. */
  cells: string[];
  tabletTypes: string;
  signal: AbortSignal;
}

/** One serving tablet of each source shard, from the source cluster's topology. */
export async function pickSourceTablets(
  topo: Topo,
  keyspace: string,
  shards: readonly string[],
  choice: TabletChoice,
): Promise<Map<string, Tablet>> {
  const tabletTypes = parseTabletTypes(choice.tabletTypes);
  const { cells, tablets, signal } = choice;
  const picked = await forEachAtOnce(
    shards,
    async (shard) => [shard, await pick(topo, tablets, { keyspace, shard, cells, tabletTypes, signal })] as const,
  );
  return new Map(picked);
}

/**
 * The same for the target. A shard that has no such tablet is read from its primary, which `note` is told
 * unless the primary was among the wanted types.
 */
export async function pickTargetTablets(
  topo: Topo,
  targets: readonly Target[],
  choice: TabletChoice,
  note: (line: string) => void,
): Promise<Map<string, Tablet>> {
  const tabletTypes = parseTabletTypes(choice.tabletTypes);
  const { cells, tablets, signal } = choice;
  const picked = await forEachAtOnce(targets, async ({ shard, primary }) => {
    const request = { keyspace: shard.keyspace, shard: shard.name, cells, tabletTypes, signal };
    try {
      return [shard.name, await pick(topo, tablets, request)] as const;
    } catch (error) {
      if (!(error instanceof NotFoundError) && !(error instanceof UnreachableError)) throw error;
      signal.throwIfAborted();
      if (!tabletTypes.types.includes("PRIMARY")) {
        note(`${error.message}: reading from its primary ${primary.record.alias}`);
      }
      return [shard.name, primary] as const;
    }
  });
  return new Map(picked);
}

interface Pick {
  keyspace: string;
  shard: string;
  cells: string[];
  tabletTypes: TabletTypes;
  signal: AbortSignal;
}

/** A cell that the topology hasn't says so, with the cells it has. */
async function pick(topo: Topo, tablets: TabletClients, request: Pick): Promise<Tablet> {
  if (request.cells.length > 0) {
    const known = [...(await topo.cells()), ...(await topo.cellAliases())];
    const unknown = request.cells.filter((cell) => !known.includes(cell));
    if (unknown.length > 0) {
      throw new NotFoundError(`no cell ${unknown.join(", ")} in ${topo.description}`, {
        hint: `Its cells: ${known.join(", ")}.`,
      });
    }
  }
  return pickTablet(topo, tablets, request);
}
