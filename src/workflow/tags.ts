import { forEachAtOnce } from "../concurrency.js";
import { PreflightError } from "../errors.js";
import { readCapabilities } from "../tablet/capabilities.js";
import type { CallOptions } from "../tablet/port.js";
import { sqlString } from "../wire/sql.js";
import { checkInterruptible, type RowsAffected, runOnTargets } from "./control.js";
import { type WorkflowStreams, workflowWhere } from "./streams.js";

/** The statement that sets a workflow's tags; "" clears them (go/vt/wrangler/vexec.go, WorkflowTagAction, v14 and later). */
export function tagsQuery(tags: string, dbName: string, workflow: string): string {
  return `update _vt.vreplication set tags = ${sqlString(tags)} where ${workflowWhere(dbName, workflow)}`;
}

/** Sets the tags of all streams of a workflow. Errors as `checkTaggable`. */
export async function tagWorkflow(
  tags: string,
  workflow: WorkflowStreams,
  options: CallOptions = {},
): Promise<RowsAffected[]> {
  await checkTaggable(workflow, options);
  return runOnTargets((dbName) => tagsQuery(tags, dbName, workflow.workflow), workflow, options);
}

/** PreflightError where a tablet's streams have no tags; ConflictError as `checkInterruptible`. */
export async function checkTaggable(workflow: WorkflowStreams, options: CallOptions = {}): Promise<void> {
  checkInterruptible(workflow);
  await forEachAtOnce(workflow.targets, async ({ primary }) => {
    if ((await readCapabilities(primary, options)).columns.has("tags")) return;
    throw new PreflightError(
      `workflows have no tags on tablet ${primary.record.alias}: its Vitess is too old for them`,
    );
  });
}
