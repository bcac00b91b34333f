import type { Plan } from "../../plan.js";
import { shellWord } from "../../shell-word.js";
import type { Leftover } from "../../workflow/denied-tables.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { allowTablesStep, type EndParts } from "./workflow-end.js";

/** For the hint of a workflow that doesn't exist: what is denied where, and what takes it off. */
export function leftoverHint(name: WorkflowName, leftovers: Leftover[]): string {
  const places = leftovers.map(
    ({ target: { shard }, tables }) => `${shard.keyspace}/${shard.name} (${tables.join(", ")})`,
  );
  const tables = [...new Set(leftovers.flatMap((leftover) => leftover.tables))].sort();
  return (
    `Tables are still denied on ${places.join(", ")}, as vtctldclient's complete leaves them: the application is refused. ` +
    `"vtmigrate Migrate -force -tables ${shellWord(tables.join(","))} Complete ${formatWorkflowName(name)}" takes them off.`
  );
}

/** Takes them off the denied lists, each shard's of its own. */
export function leftoversPlan(parts: Omit<EndParts, "tables">, leftovers: Leftover[]): Plan {
  return leftovers.map(({ target, tables }) => allowTablesStep({ ...parts, tables }, target));
}
