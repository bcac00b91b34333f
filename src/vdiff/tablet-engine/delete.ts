import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import { callVdiff } from "./call.js";
import { askShards, openEngineWorkflow } from "./workflow.js";

const DELETE_MS = 60_000;

/**
 * Stops a VDiff, or "all" of the workflow, and deletes what the tablets know of it. NotFoundError when no shard has it; a
 * shard without it is passed over. A further shard that fails is named by its own error, after all were asked.
 */
export async function deleteVdiff(ctx: Context, name: WorkflowName, uuidOrAll: string): Promise<void> {
  const { keyspace, workflow } = name;
  const { targets } = await openEngineWorkflow(ctx, name);
  const { signal } = ctx;
  const answers = await askShards(targets, signal, ({ primary }) =>
    callVdiff(
      primary,
      { keyspace, workflow, action: "delete", actionArg: uuidOrAll },
      { timeoutMs: DELETE_MS, signal },
    ),
  );
  const failures = answers.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const worse = failures.find((failure) => !(failure instanceof NotFoundError));
  if (worse !== undefined) throw worse;
  if (failures.length === targets.length && failures[0] !== undefined) throw failures[0];
}
