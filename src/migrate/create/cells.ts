import { NotFoundError, PreflightError } from "../../errors.js";
import { type KnownTabletChoice, shardsWithoutTablet } from "../../tablet/known-tablets.js";
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

/** PreflightError when a source shard has no tablet of the wanted types in these cells. */
export async function requireSourceTablets(
  source: Topo,
  shards: ShardRecord[],
  choice: KnownTabletChoice,
): Promise<void> {
  const missing = await shardsWithoutTablet(source, shards, choice);
  if (missing.length === 0) return;
  const names: readonly string[] = choice.tabletTypes.types;
  const types = names.join(",").toLowerCase();
  const where = names.every((name) => name === "PRIMARY") ? "" : ` in cells ${choice.cells.join(",")}`;
  throw new PreflightError(`no ${types} tablet${where} to copy from: ${missing.join("; ")}`, {
    hint: "Choose other -cells or -tablet_types, or overrule with -force.",
  });
}
