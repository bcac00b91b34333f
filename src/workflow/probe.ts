import { randomBytes } from "node:crypto";
import type { BinlogSource } from "../wire/binlog-source.js";

/**
 * A probe stream asks a target tablet what it alone can tell: whether it reaches the mount and a source tablet. It wants a
 * table that no source has, and stops as soon as it has reached one. It fills nothing, and is deleted when it has answered.
 */
export const PROBE_TABLE = "_vtm_no_such_table";

/** What a stream says that has reached its source and found none of its tables (vreplicator.go, v11 to v22). */
export const NOTHING_TO_REPLICATE = "There is nothing to replicate";

/** Begins the name of a probe's workflow. */
export const PROBE_PREFIX = "_vtmigrate_probe";

/** The workflow of a preflight's streams: no two runs share one. */
export function newProbeWorkflow(): string {
  return `${PROBE_PREFIX}_${randomBytes(6).toString("hex")}`;
}

/** By the name or by what it asks for: either tells. */
export function isProbe(workflow: string, source: Pick<BinlogSource, "filter">): boolean {
  return workflow.startsWith(PROBE_PREFIX) || source.filter.rules.some(({ match }) => match === PROBE_TABLE);
}
