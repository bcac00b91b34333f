import { forEachAtOnce } from "../../concurrency.js";
import { ConflictError } from "../../errors.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import { sqlString } from "../../wire/sql.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { readStreams } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";

/**
 * ConflictError "workflow already exists" when any shard has a stream of that name, and when a MoveTables that has
 * switched its writes waits for its end: vtctld refuses new workflows then, and so do we (go/vt/wrangler/materializer.go,
 * validateNewWorkflow, v11 to v22).
 */
export async function requireNewWorkflow(name: WorkflowName, targets: Target[], options: CallOptions): Promise<void> {
  const { streams: existing } = await readStreams(name.keyspace, name.workflow, targets, options);
  if (existing.length > 0) {
    throw new ConflictError("workflow already exists", {
      hint: `Choose another name than ${formatWorkflowName(name)}, or end that one with Migrate Complete or Cancel.`,
    });
  }
  const frozen = await forEachAtOnce(targets, async (target) => ((await isFrozen(target, options)) ? [target] : []));
  const places = frozen.flat().map(targetName);
  if (places.length === 0) return;
  throw new ConflictError(
    `found previous frozen workflow on tablet ${places.join(", ")}, please review and delete it first before creating a new workflow`,
  );
}

async function isFrozen({ primary }: Target, options: CallOptions): Promise<boolean> {
  const { columns } = await readCapabilities(primary, options);
  const partial = columns.has("workflow_sub_type") ? " and workflow_sub_type != 1" : "";
  const where = `db_name=${sqlString(primary.record.dbName)} and message='FROZEN'${partial}`;
  const { rows } = await primary.vreplicationExec(`select 1 from _vt.vreplication where ${where}`, options);
  return rows.length > 0;
}
