import { formatWorkflowName } from "../name.js";
import { type CleanUp, vtmigrate } from "./finding.js";
import type { Scene } from "./scene.js";

/**
 * The command that ends a Migrate which can't or shouldn't go on, and needs nothing of the source. Without a record nobody
 * knows which tables were there before: they stay.
 */
export function giveUp({ keyspace, records }: Scene, workflow: string): CleanUp {
  const name = formatWorkflowName({ keyspace, workflow });
  const noted = records.get(workflow);
  if (noted === undefined) return vtmigrate("Migrate", "-keep_data", "Cancel", name);
  return vtmigrate("Migrate", noted.announced ? "Complete" : "Cancel", name);
}

/** What `giveUp` does to the tables, as the end of a sentence. */
export function givingUp({ records }: Scene, workflow: string): string {
  const noted = records.get(workflow);
  if (noted === undefined) return "this deletes the streams, and leaves the tables";
  if (noted.announced) return "this finishes the Complete that was cut short";
  return "this deletes the streams and drops the tables that Create made";
}
