import type { Stream } from "../streams.js";
import { type Target, targetName } from "../targets.js";

/** "stream 5 on -80/zone1-0000000100", "streams 5 on -80/zone1-0000000100, 6 on 80-/zone1-0000000101" */
export function nameStreams(streams: readonly Stream[]): string {
  const each = streams.map(({ id, target }) => `${id} on ${targetName(target)}`);
  return `${each.length === 1 ? "stream" : "streams"} ${each.join(", ")}`;
}

/** Which tables are where: "corder, customer on -80/zone1-0000000100; corder on 80-/zone1-0000000101". */
export function nameTables(places: readonly { target: Target; tables: readonly string[] }[]): string {
  const byTables = new Map<string, string[]>();
  for (const { target, tables } of places) {
    if (tables.length === 0) continue;
    const key = tables.join(", ");
    byTables.set(key, [...(byTables.get(key) ?? []), targetName(target)]);
  }
  return [...byTables].map(([tables, where]) => `${tables} on ${where.join(", ")}`).join("; ");
}
