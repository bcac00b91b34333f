import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { NotFoundError, VtmigrateError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readStreams, type WorkflowStreams } from "../../workflow/streams.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { requireStreams } from "../../workflow/unknown.js";

/** A workflow as the tablets' VDiff meets it. */
export interface EngineWorkflow extends WorkflowName {
  /** The target cluster's topology. */
  topo: Topo;
  workflowStreams: WorkflowStreams;
  /** The target shards that have streams: each compares what it has. Sorted by name. */
  targets: Target[];
}

/**
 * Reads the workflow's streams and the primaries that hold them. With `shards` only those target shards.
 * NotFoundError for a workflow without streams, and for a shard that has none.
 */
export async function openEngineWorkflow(
  ctx: Context,
  name: WorkflowName,
  shards: readonly string[] = [],
): Promise<EngineWorkflow> {
  const topo = await ctx.topo();
  const options = { signal: ctx.signal };
  const all = await readTargets(topo, ctx.tablets(), name.keyspace);
  const workflowStreams = await readStreams(name.keyspace, name.workflow, all, options);
  await requireStreams(workflowStreams, options);
  const filled = all.filter((target) => workflowStreams.streams.some((stream) => stream.target === target));
  const names = filled.map(({ shard }) => shard.name);
  const unknown = shards.filter((shard) => !names.includes(shard));
  if (unknown.length > 0) {
    throw new NotFoundError(`no streams of ${name.keyspace}.${name.workflow} on target shard ${unknown.join(", ")}`, {
      hint: `Shards that have streams: ${names.join(", ")}.`,
    });
  }
  const targets = shards.length === 0 ? filled : filled.filter(({ shard }) => shards.includes(shard.name));
  return { ...name, topo, workflowStreams, targets };
}

/**
 * The shards to ask about a VDiff: those that have streams, and those whose primary doesn't answer, with why. A tablet that
 * is down doesn't keep the others' answers from being shown. NotFoundError when all answer and none has streams.
 */
export async function findShards(
  ctx: Context,
  name: WorkflowName,
): Promise<{ targets: Target[]; silent: ShardAnswer<never>[] }> {
  const { keyspace, workflow } = name;
  const { signal } = ctx;
  const all = await readTargets(await ctx.topo(), ctx.tablets(), keyspace);
  const found = await askShards(all, signal, (target) => readStreams(keyspace, workflow, [target], { signal }));
  const silent = found.flatMap(({ target, failure }) => (failure === undefined ? [] : [{ target, failure }]));
  const [first] = silent;
  if (first !== undefined && silent.length === all.length) throw first.failure;
  const targets = found.filter(({ answer }) => answer !== undefined && answer.streams.length > 0);
  if (targets.length === 0) {
    if (first !== undefined) throw first.failure;
    await requireStreams(await readStreams(keyspace, workflow, all, { signal }), { signal });
  }
  return { targets: targets.map(({ target }) => target), silent };
}

/**
 * Every primary of the keyspace, or those of some shards: whatever has become of the streams, a VDiff of theirs may be there.
 * NotFoundError for a shard that isn't.
 */
export async function findPrimaries(
  ctx: Context,
  { keyspace }: WorkflowName,
  shards: readonly string[] = [],
): Promise<Target[]> {
  const all = await readTargets(await ctx.topo(), ctx.tablets(), keyspace);
  const names = all.map(({ shard }) => shard.name);
  const unknown = shards.filter((shard) => !names.includes(shard));
  if (unknown.length > 0) {
    throw new NotFoundError(`no target shard ${unknown.join(", ")} in keyspace ${keyspace}`, {
      hint: `Its shards: ${names.join(", ")}.`,
    });
  }
  return shards.length === 0 ? all : all.filter(({ shard }) => shards.includes(shard.name));
}

/** What one shard's primary answered, or why it didn't. */
export type ShardAnswer<T> =
  | { target: Target; answer: T; failure?: undefined }
  | { target: Target; answer?: undefined; failure: VtmigrateError };

/** Asks all shards and waits for all of them; only an interruption, if it is listened for, is thrown. */
export async function askShards<T>(
  targets: readonly Target[],
  signal: AbortSignal | undefined,
  ask: (target: Target) => Promise<T>,
): Promise<ShardAnswer<T>[]> {
  const answers = await forEachAtOnce(targets, async (target): Promise<ShardAnswer<T>> => {
    try {
      return { target, answer: await ask(target) };
    } catch (failure) {
      if (!(failure instanceof VtmigrateError)) throw failure;
      return { target, failure };
    }
  });
  signal?.throwIfAborted();
  return answers;
}
