import { forEachAtOnce } from "../concurrency.js";
import type { ShardRecord, Topo } from "../topo/port.js";
import { expandCells } from "./picker.js";
import { canonicalType, type TabletTypes } from "./types.js";

export interface KnownTabletChoice {
  /** Cells or cell aliases. */
  cells: string[];
  tabletTypes: TabletTypes;
}

/**
 * The shards for which a tablet's picker would find no tablet of these types in these cells, by the topology, with what
 * they have: "commerce/0 has zx-0000000001 (primary)". For primaries alone pickers look at the shard's record and no cell
 * (go/vt/discovery/tablet_picker.go). No tablet is asked: those that will pick may reach what this machine can't.
 */
export async function shardsWithoutTablet(
  topo: Topo,
  shards: readonly ShardRecord[],
  { cells, tabletTypes }: KnownTabletChoice,
): Promise<string[]> {
  const names: readonly string[] = tabletTypes.types;
  const onlyPrimary = names.every((name) => name === "PRIMARY");
  const expanded = onlyPrimary ? undefined : await expandCells(topo, cells);
  const lacking = await forEachAtOnce(shards, async (shard) => {
    if (onlyPrimary && shard.primaryAlias !== undefined) return [];
    const known = await topo.tabletsOfShard(shard.keyspace, shard.name, expanded);
    if (!onlyPrimary && known.some((record) => names.includes(canonicalType(record.type)))) return [];
    const there = known.map((record) => `${record.alias} (${canonicalType(record.type).toLowerCase()})`).join(", ");
    return [`${shard.keyspace}/${shard.name} has ${there || "no tablet"}`];
  });
  return lacking.flat();
}
