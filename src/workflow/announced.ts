import type { Topo } from "../topo/port.js";
import { readVSchema } from "../topo/read-vschema.js";
import type { WorkflowRecord } from "./record.js";

/**
 * A Complete got past its checks and wrote the VSchema, whatever has become of the entries since. Cut short while it
 * wrote, it did so if the entries are there that it meant to add; with none to add nothing has happened yet.
 */
export async function isAnnounced(topo: Topo, record: WorkflowRecord): Promise<boolean> {
  const { step, keyspace, addedVSchemaTables } = record;
  if (step !== "announcing") return step === "announced";
  if (addedVSchemaTables.length === 0) return false;
  const entries = (await readVSchema(topo, keyspace))?.tables ?? {};
  return addedVSchemaTables.every((table) => Object.hasOwn(entries, table));
}

/** Create got as far as streams, and neither Complete nor Cancel as far as deleting them. */
export function hadStreams({ step }: WorkflowRecord): boolean {
  return step === "created" || step === "completing" || step === "announcing";
}
