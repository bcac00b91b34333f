import type { BinlogSource } from "../wire/binlog-source.js";

/**
 * A probe stream asks a target tablet what it alone can tell: whether it reaches the mount and a source tablet. It wants a
 * table that no source has, and stops with "There is nothing to replicate" as soon as it has reached one. It fills
 * nothing, and is deleted when it has answered.
 */
export const PROBE_TABLE = "_vtm_no_such_table";

/** Begins the name of a probe's workflow. */
export const PROBE_PREFIX = "_vtm_probe";

/** By the name or by what it asks for: either tells. */
export function isProbe(workflow: string, source: Pick<BinlogSource, "filter">): boolean {
  return workflow.startsWith(PROBE_PREFIX) || source.filter.rules.some(({ match }) => match === PROBE_TABLE);
}
