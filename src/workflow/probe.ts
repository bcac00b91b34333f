import { randomBytes } from "node:crypto";

/** A table that no keyspace has: a stream of it alone finds "There is nothing to replicate", and stops. */
export const PROBE_TABLE = "_vtm_no_such_table";

/** What a stream says that has reached its source and found none of its tables (vreplicator.go, v11 to v22). */
export const NOTHING_TO_REPLICATE = "There is nothing to replicate";

const PREFIX = "_vtmigrate_probe_";

/** The workflow of a preflight's streams: no two runs share one. */
export function newProbeWorkflow(): string {
  return PREFIX + randomBytes(6).toString("hex");
}

/** Whether a workflow's streams are a preflight's: they live for seconds, and those that are older were left behind. */
export function isProbeWorkflow(workflow: string): boolean {
  return workflow.startsWith(PREFIX);
}
