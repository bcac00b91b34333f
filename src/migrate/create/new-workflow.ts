import { forEachAtOnce } from "../../concurrency.js";
import { ConflictError } from "../../errors.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import { sqlString } from "../../wire/sql.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { otherStreams } from "../../workflow/other-workflows.js";
import { readStreams } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { byPlaces } from "./schema/places.js";

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

/**
 * ConflictError when a stream of another workflow fills one of the tables on one of the shards, also one that has yet to
 * start: two copies into one table end in duplicate keys, or in rows that nobody can tell apart any more.
 */
export async function requireUnfilled(
  name: WorkflowName,
  targets: Target[],
  tables: string[],
  options: CallOptions,
): Promise<void> {
  const findings = await forEachAtOnce(targets, async (target) => {
    const others = await otherStreams(name, target, options);
    const names = [...new Set(others.map(({ workflow }) => workflow))].sort();
    return names.flatMap((workflow) => {
      const filled = new Set(others.filter((other) => other.workflow === workflow).flatMap((other) => other.tables));
      const common = tables.filter((table) => filled.has(table));
      const text = `workflow ${name.keyspace}.${workflow} fills ${common.join(", ")}`;
      return common.length === 0 ? [] : [{ place: targetName(target), text }];
    });
  });
  const found = byPlaces(findings.flat());
  if (found.length === 0) return;
  throw new ConflictError(found.map(({ places, texts }) => `${texts.join(", ")} on ${places}`).join("; "), {
    hint: "End that workflow first, with Migrate Complete or Cancel, or leave these tables out with -exclude.",
  });
}

async function isFrozen({ primary }: Target, options: CallOptions): Promise<boolean> {
  const { columns } = await readCapabilities(primary, options);
  const partial = columns.has("workflow_sub_type") ? " and workflow_sub_type != 1" : "";
  const where = `db_name=${sqlString(primary.record.dbName)} and message='FROZEN'${partial}`;
  const { rows } = await primary.vreplicationExec(`select 1 from _vt.vreplication where ${where}`, options);
  return rows.length > 0;
}
