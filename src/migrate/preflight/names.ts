import { UsageError } from "../../errors.js";
import { closest } from "../../suggest.js";

/** Every check, in the order in which they are reported. */
export const checkNames = [
  "target_topology",
  "source_topology",
  "other_cluster",
  "target_keyspace",
  "source_keyspace",
  "target_primaries",
  "new_workflow",
  "separate_tablets",
  "cells",
  "source_tablets",
  "source_tables",
  "source_keys",
  "vindexes",
  "columns",
  "target_tables",
  "time_zone",
  "atomic_copy",
  "binlog_format",
  "binlog_row_image",
  "copy_size",
  "probe_stream",
] as const;

export type CheckName = (typeof checkNames)[number];

/** Create can go on without what these say; without the others it has nothing to decide by. */
export const skippableChecks: readonly CheckName[] = [
  "other_cluster",
  "cells",
  "source_tablets",
  "source_keys",
  "binlog_format",
  "binlog_row_image",
  "copy_size",
  "probe_stream",
];

/** The checks that `-skip_checks` names. UsageError for a name that is none, or for one that can't be skipped. */
export function parseSkippedChecks(typed: string[]): ReadonlySet<CheckName> {
  const names = typed.map((name) => name.trim().replaceAll("-", "_")).filter((name) => name !== "");
  return new Set(names.map(parseName));
}

function parseName(typed: string): CheckName {
  const name = checkNames.find((known) => known === typed.toLowerCase());
  const list = `Checks that can be skipped: ${skippableChecks.join(", ")}.`;
  if (name === undefined) {
    const near = closest(typed, skippableChecks) ?? closest(typed, checkNames);
    const hint = near === undefined ? list : `Did you mean ${near}? ${list}`;
    throw new UsageError(`unknown check ${typed}`, { hint });
  }
  if (skippableChecks.includes(name)) return name;
  throw new UsageError(`check ${name} can't be skipped: Create decides by what it finds`, { hint: list });
}
