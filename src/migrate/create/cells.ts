import { NotFoundError, PreflightError } from "../../errors.js";
import { expandCells } from "../../tablet/picker.js";
import { canonicalType, type TabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import type { SourceShard } from "../source.js";

/**
 * The cells, of the source cluster, in which the target's tablets will look for source tablets. Vitess
 * falls back to the target tablet's own cell, which the source cluster need not have: the stream would
 * wait for ever without a word. So without `-cells` every source cell is named.
 *
 * NotFoundError for a cell or alias that the source cluster hasn't, with those that it has.
 */
export async function chooseSourceCells(source: Topo, typed: string[]): Promise<string[]> {
  const [cells, aliases] = await Promise.all([source.cells(), source.cellAliases()]);
  const unknown = typed.filter((name) => !cells.includes(name) && !aliases.includes(name));
  if (unknown.length > 0) {
    const known = [...cells, ...aliases].join(", ") || "none";
    throw new NotFoundError(`no cell ${unknown.join(",")} in the source cluster`, {
      hint: `-cells takes the source cluster's cells or aliases; ${source.description} has ${known}.`,
    });
  }
  return typed.length > 0 ? typed : cells;
}

/** PreflightError when a source shard has no tablet of the wanted types in these cells, by the topology. */
export async function requireSourceTablets(
  source: Topo,
  shards: SourceShard[],
  cells: string[],
  wanted: TabletTypes,
): Promise<void> {
  const names: readonly string[] = wanted.types;
  const expanded = await expandCells(source, cells);
  for (const { shard } of shards) {
    const known = await source.tabletsOfShard(shard.keyspace, shard.name, expanded);
    if (known.some((record) => names.includes(canonicalType(record.type)))) continue;
    const there = known.map((record) => `${record.alias} (${canonicalType(record.type).toLowerCase()})`).join(", ");
    throw new PreflightError(
      `source shard ${shard.keyspace}/${shard.name} has no ${names.join(",").toLowerCase()} tablet in cells ${cells.join(",")}`,
      { hint: `There is ${there || "no tablet"}. Choose other -cells or -tablet_types, or overrule with -force.` },
    );
  }
}
