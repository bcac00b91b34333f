import { forEachAtOnce } from "../../concurrency.js";
import { NotFoundError, PreflightError } from "../../errors.js";
import { expandCells } from "../../tablet/picker.js";
import { canonicalType, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";

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

export interface TabletChoice {
  cells: string[];
  tabletTypes: TabletTypes;
}

/**
 * PreflightError when a source shard has no tablet of the wanted types in these cells, by the topology. For
 * primaries alone tablets look at the shard's record and no cell (go/vt/discovery/tablet_picker.go).
 */
export async function requireSourceTablets(source: Topo, shards: ShardRecord[], choice: TabletChoice): Promise<void> {
  const { cells, tabletTypes } = choice;
  const names: readonly string[] = tabletTypes.types;
  const onlyPrimary = names.every((name) => name === "PRIMARY");
  const expanded = onlyPrimary ? undefined : await expandCells(source, cells);
  const lacking = await forEachAtOnce(shards, async (shard) => {
    if (onlyPrimary && shard.primaryAlias !== undefined) return [];
    const known = await source.tabletsOfShard(shard.keyspace, shard.name, expanded);
    if (!onlyPrimary && known.some((record) => names.includes(canonicalType(record.type)))) return [];
    const there = known.map((record) => `${record.alias} (${canonicalType(record.type).toLowerCase()})`).join(", ");
    return [`${shard.keyspace}/${shard.name} has ${there || "no tablet"}`];
  });
  const missing = lacking.flat();
  if (missing.length === 0) return;
  const types = names.join(",").toLowerCase();
  const where = onlyPrimary ? "" : ` in cells ${cells.join(",")}`;
  throw new PreflightError(`no ${types} tablet${where} to copy from: ${missing.join("; ")}`, {
    hint: "Choose other -cells or -tablet_types, or overrule with -force.",
  });
}
