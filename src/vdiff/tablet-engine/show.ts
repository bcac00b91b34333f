import type { Context } from "../../context.js";
import { FailedError, NotFoundError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { callVdiff } from "./call.js";
import { listVdiffs, newest } from "./list.js";
import { readShown, type ShardVdiff } from "./shown.js";
import { type Summary, summarize } from "./summary.js";
import { askShards, findShards, type ShardAnswer } from "./workflow.js";

/**
 * One VDiff over all target shards. A shard that doesn't answer, or doesn't know this VDiff, is in the summary with its
 * failure. NotFoundError when no shard knows it.
 */
export async function showVdiff(ctx: Context, name: WorkflowName, uuid: string): Promise<Summary> {
  const { targets, silent } = await findShards(ctx, name);
  const answers = await showOnShards(ctx, name, uuid, targets);
  return summaryOf(ctx, name, uuid, [...answers, ...silent]);
}

/** The newest VDiff of the workflow, or undefined when there is none. */
export async function showLast(ctx: Context, name: WorkflowName): Promise<Summary | undefined> {
  const uuid = await findLast(ctx, name);
  return uuid === undefined ? undefined : showVdiff(ctx, name, uuid);
}

/**
 * Its UUID. It is looked for in every shard's list: the tablets' own `last` may be another on each shard, and vtctlclient
 * takes an arbitrary one's.
 */
export async function findLast(ctx: Context, name: WorkflowName): Promise<string | undefined> {
  const { targets, silent } = await findShards(ctx, name);
  const uuid = newest(await listVdiffs(ctx, name, targets));
  const [first] = silent;
  if (uuid === undefined && first !== undefined) throw first.failure;
  return uuid;
}

/** Each shard's part; a shard that has none answers NotFoundError. */
export function showOnShards(
  ctx: Context,
  { keyspace, workflow }: WorkflowName,
  uuid: string,
  targets: readonly Target[],
): Promise<ShardAnswer<ShardVdiff>[]> {
  const { signal } = ctx;
  return askShards(targets, signal, async ({ shard, primary }) => {
    const { alias } = primary.record;
    const call = { keyspace, workflow, action: "show", actionArg: uuid };
    const { output, uuid: answered } = await callVdiff(primary, call, { signal });
    const place = { shard: shard.name, tablet: alias };
    const shown = readShown(output, place);
    if (shown !== undefined) return shown;
    // v14 has no row before the plan is made.
    if (answered !== "")
      return { ...place, state: "pending", lastError: "", startedAt: "", completedAt: "", tables: [] };
    throw new NotFoundError(
      `no vdiff found for UUID ${uuid} keyspace ${keyspace} and workflow ${workflow} on tablet ${alias}`,
    );
  });
}

/** Throws the first failure when there is nothing but failures. */
export function summaryOf(
  ctx: Context,
  name: WorkflowName,
  uuid: string,
  answers: readonly ShardAnswer<ShardVdiff>[],
): Summary {
  if (answers.every(({ failure }) => failure !== undefined)) {
    throw answers[0]?.failure ?? new FailedError(`no response received for vdiff show of ${name.workflow}(${uuid})`);
  }
  return summarize({ ...name, uuid }, answers, ctx.clock.now());
}
