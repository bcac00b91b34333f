import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import { callVdiff } from "./call.js";
import { showOnShards } from "./show.js";
import { askShards, type EngineWorkflow, openEngineWorkflow } from "./workflow.js";

export interface StopRequest extends WorkflowName {
  uuid: string;
  /** None means all that have streams. */
  targetShards: string[];
}

const STOP_MS = 60_000;

/**
 * Stops a VDiff on every shard that has it; the tablets put their streams back. NotFoundError when no shard has it: the
 * tablets say nothing then.
 */
export async function stopVdiff(ctx: Context, request: StopRequest): Promise<void> {
  const { keyspace, workflow: name, uuid } = request;
  const workflow = await openEngineWorkflow(ctx, request, request.targetShards);
  const having = await shardsWith(ctx, workflow, uuid);
  const answers = await askShards(having, ctx.signal, ({ primary }) =>
    callVdiff(primary, { keyspace, workflow: name, action: "stop", uuid }, { timeoutMs: STOP_MS, signal: ctx.signal }),
  );
  for (const { failure } of answers) if (failure !== undefined) throw failure;
  await checkStopped(ctx, { ...workflow, targets: having }, uuid);
}

async function shardsWith(ctx: Context, workflow: EngineWorkflow, uuid: string): Promise<EngineWorkflow["targets"]> {
  const answers = await showOnShards(ctx, workflow, uuid, workflow.targets);
  for (const { failure } of answers) {
    if (failure !== undefined && !(failure instanceof NotFoundError)) throw failure;
  }
  const having = answers.filter(({ failure }) => failure === undefined).map(({ target }) => target);
  if (having.length === 0 && answers[0]?.failure !== undefined) throw answers[0].failure;
  return having;
}

/** A VDiff that was stopped before its tables were planned keeps its state, and the tablet's next retry takes it up. */
async function checkStopped(ctx: Context, workflow: EngineWorkflow, uuid: string): Promise<void> {
  for (const { target, answer } of await showOnShards(ctx, workflow, uuid, workflow.targets)) {
    if (answer === undefined || answer.state === "stopped" || answer.state === "completed") continue;
    ctx.io.warn(
      `on shard ${target.shard.name} it is still ${answer.state}, and the tablet may take it up again: delete it to be sure`,
    );
  }
}
