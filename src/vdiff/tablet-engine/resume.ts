import type { Context } from "../../context.js";
import { ConflictError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import { callVdiff } from "./call.js";
import { checkBeforeStart, checkStreamsStill } from "./checks.js";
import { chooseTablets } from "./choose-tablets.js";
import type { BegunVdiff } from "./create.js";
import { howToGoOn } from "./detach.js";
import { listVdiffs, type StoredOptions } from "./list.js";
import { showOnShards } from "./show.js";
import { readStored, storedMessage } from "./stored-options.js";
import { askShards, type EngineWorkflow, openEngineWorkflow } from "./workflow.js";

export interface ResumeRequest extends WorkflowName {
  uuid: string;
  /** None means all that have streams. */
  targetShards: string[];
  force: boolean;
}

const RESUME_MS = 60_000;

/**
 * Goes on with a VDiff that was stopped, or compares what was added since it has completed, with the options that it was
 * created with. The checks are those of a new one. Its counts go on too: extra rows behind the last one that was compared
 * are counted again (measured on v18.0.8).
 *
 * Errors: NotFoundError for a shard that has no such VDiff; ConflictError for one on which it is neither stopped nor
 * completed; as checkBeforeStart and chooseTablets.
 */
export async function resumeVdiff(ctx: Context, request: ResumeRequest): Promise<BegunVdiff> {
  const { uuid, force } = request;
  const workflow = await openEngineWorkflow(ctx, request, request.targetShards);
  await requireResumable(ctx, workflow, uuid);
  const source = await checkBeforeStart(ctx, workflow, { uuid, force });
  const stored = await storedOptions(ctx, workflow, uuid);
  const options = readStored(stored);
  await chooseTablets(
    ctx,
    { sourceTopo: source.topo, sourceShards: source.shards, topo: workflow.topo, targets: workflow.targets },
    options,
  );
  const { keyspace, workflow: name } = request;
  const call = { keyspace, workflow: name, action: "resume", uuid, options: storedMessage(stored) };
  await checkStreamsStill(ctx, workflow);
  const answers = await askShards(workflow.targets, undefined, ({ primary }) =>
    callVdiff(primary, call, { timeoutMs: RESUME_MS }),
  );
  const failed = answers.find(({ failure }) => failure !== undefined);
  if (failed?.failure === undefined) return { workflow, autoRetry: options.autoRetry, positionMs: options.waitMs };
  const resumed = answers.filter(({ failure }) => failure === undefined).map(({ target }) => target.shard.name);
  if (resumed.length > 0) {
    ctx.io.note(`VDiff ${uuid} was resumed on shard ${resumed.join(", ")}. ${howToGoOn({ ...request })}`);
  }
  throw failed.failure;
}

/** Before the first shard is resumed, since it would run without the others. */
async function requireResumable(ctx: Context, workflow: EngineWorkflow, uuid: string): Promise<void> {
  for (const { target, answer, failure } of await showOnShards(ctx, workflow, uuid, workflow.targets)) {
    if (failure !== undefined) throw failure;
    if (answer.state === "completed" || answer.state === "stopped") continue;
    const { alias } = target.primary.record;
    throw new ConflictError(
      `no completed or stopped vdiff found for UUID ${uuid} on tablet ${alias}: it is ${answer.state}`,
      { hint: howToGoOn({ ...workflow, uuid }) },
    );
  }
}

async function storedOptions(ctx: Context, workflow: EngineWorkflow, uuid: string): Promise<StoredOptions> {
  const listed = await listVdiffs(ctx, workflow, workflow.targets);
  return listed.find((vdiff) => vdiff.uuid === uuid)?.options ?? {};
}
