import type { Io } from "../../io/io.js";
import type { DroppedTable, ShardDrop } from "./cancel-plan.js";
import type { KeptState } from "./kept-tables.js";
import { danglingReferences } from "./references.js";
import { rowsText } from "./row-counts.js";

export function noteDropped(io: Io, table: DroppedTable): void {
  io.note(`Dropped ${table.table} on ${table.shard}/${table.tablet}: ${rowsText(table)}`);
}

/** Tables that stay, and why; and those among the target's that lose a parent. */
export function warnOfDrops(io: Io, drops: ShardDrop[]): void {
  for (const { table, why, shards } of grouped(drops)) io.warn(`table ${table} stays on ${shards}: ${why}.`);
  for (const { target, tables, there } of drops) {
    for (const { table, parents } of danglingReferences(there, target.primary.record.dbName, tables)) {
      io.warn(
        `table ${table} stays on ${target.shard.name}, and its foreign keys reference what is dropped: ${parents.join(", ")}. MySQL refuses its new rows from then on.`,
      );
    }
  }
}

/** One line for all shards of a table: a keyspace may have hundreds. */
function grouped(drops: ShardDrop[]): { table: string; why: string; shards: string }[] {
  const kept = drops.flatMap((drop) => drop.kept);
  const lines = new Map<string, { table: string; why: string; shards: string[] }>();
  for (const { table, why, shard } of kept) {
    const line = lines.get(`${table} ${why}`) ?? { table, why, shards: [] };
    line.shards.push(shard);
    lines.set(`${table} ${why}`, line);
  }
  return [...lines.values()].map((line) => ({ ...line, shards: line.shards.join(", ") }));
}

/** What -keep_data leaves half done, and the statements that finish the tables. */
export function noteKeptState(io: Io, state: KeptState): void {
  for (const { shard, tables } of state.incomplete) {
    io.warn(`the copy is not done: rows are missing in ${tables.join(", ")} on ${shard}.`);
  }
  if (state.unchecked !== undefined) {
    io.warn(
      `the source's keys could not be compared (${state.unchecked}); these are the ones that the target put off.`,
    );
  }
  if (state.missingKeys.length === 0) return;
  const places = state.missingKeys.map(({ table, shard }) => `${table} on ${shard}`);
  io.warn(`secondary keys are missing in ${[...new Set(places)].join(", ")}. They are added with:`);
  for (const { shard, alter } of state.missingKeys) io.note(`  ${shard}: ${alter}`);
}
