import type { Context } from "../../context.js";
import { ConflictError, FailedError, PreflightError, type VtmigrateError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { callVdiff } from "./call.js";
import { checkBeforeStart, checkStreamsStill, checkTables } from "./checks.js";
import { chooseTablets } from "./choose-tablets.js";
import { whileDetachable } from "./detach.js";
import { type ListedVdiff, listOnShards } from "./list.js";
import { type EngineOptions, engineMessage } from "./options.js";
import { retryByDefault } from "./retry.js";
import { unknownFields } from "./stored-options.js";
import { type Left, removeVdiff } from "./undo.js";
import { askShards, type EngineWorkflow, openEngineWorkflow } from "./workflow.js";

export interface CreateRequest extends WorkflowName {
  uuid: string;
  options: EngineOptions;
  /** On versions whose VDiff is known to be wrong, and beside another VDiff. */
  force: boolean;
}

/** What was created or resumed. */
export interface BegunVdiff {
  workflow: EngineWorkflow;
  /** Whether the tablets try again after errors. */
  autoRetry: boolean;
  /** What they give each other to catch up with a position, in milliseconds. */
  positionMs: number;
}

/** Asking a tablet twice for the same VDiff fails. */
const CREATE_MS = 60_000;

/**
 * Begins a VDiff on the primary of each target shard. When one of them refuses, it is taken back from the others, and what
 * couldn't be is said. Nothing is locked meanwhile: see checkBeforeStart.
 *
 * Errors: as checkBeforeStart and chooseTablets; ConflictError for a UUID that is there already; PreflightError when the
 * tablets' version can't create it stopped; checkStreamsStill's; the failing tablet's own error.
 */
export async function createVdiff(ctx: Context, request: CreateRequest): Promise<BegunVdiff> {
  const { uuid, options, force } = request;
  const workflow = await openEngineWorkflow(ctx, request);
  const source = await checkBeforeStart(ctx, workflow, { uuid, force });
  checkTables(workflow, options.tables);
  const choice = await chooseTablets(
    ctx,
    { sourceTopo: source.topo, sourceShards: source.shards, topo: workflow.topo, targets: workflow.targets },
    options,
  );
  ctx.io.note(
    `The tablets read ${choice.tabletTypes} tablets of source cells ${choice.sourceCells.join(", ")} and target cells ${choice.targetCells.join(", ")}.`,
  );
  const autoRetry = options.autoRetry ?? (await retryByDefault(ctx, workflow.topo, source.keyspace));
  const { keyspace, workflow: name } = request;
  const call = {
    keyspace,
    workflow: name,
    action: "create",
    uuid,
    options: engineMessage({ ...options, autoRetry }, choice),
  };
  await checkStreamsStill(ctx, workflow);
  // Not cut short by an interruption: a tablet that is still at it couldn't be taken back.
  const answers = await askShards(workflow.targets, undefined, ({ primary }) =>
    callVdiff(primary, call, { timeoutMs: CREATE_MS }),
  );
  const failed = answers.find(({ failure }) => failure !== undefined)?.failure;
  if (failed !== undefined) {
    // One that failed may have begun all the same; not one that had it before, or has no VDiff.
    const begun = answers.filter(
      ({ failure }) => !(failure instanceof ConflictError || failure instanceof PreflightError),
    );
    throw await takenBack(
      ctx,
      request,
      begun.map(({ target }) => target),
      failed,
    );
  }
  await checkStored(ctx, request, workflow.targets);
  return { workflow, autoRetry, positionMs: options.waitMs };
}

/** Options that the tablets' version doesn't know are passed over without a word: what they have stored tells. */
async function checkStored(ctx: Context, request: CreateRequest, targets: Target[]): Promise<void> {
  const { uuid, options } = request;
  for (const vdiff of await readStoredBy(ctx, request, targets)) {
    if (vdiff.uuid !== uuid) continue;
    const unknown = unknownFields(options, vdiff.options);
    if (unknown.includes("auto_start")) {
      const why = `tablet ${vdiff.tablet} can't create a VDiff without starting it (before v21)`;
      throw await takenBack(ctx, request, targets, new PreflightError(why, { hint: "Leave out -auto_start=false." }));
    }
    if (unknown.length > 0) {
      ctx.io.warn(`without effect on tablet ${vdiff.tablet}, whose version doesn't know it: ${unknown.join(", ")}`);
    }
  }
}

/** The VDiff runs: that it can't be read is no failure. */
async function readStoredBy(ctx: Context, request: CreateRequest, targets: Target[]): Promise<ListedVdiff[]> {
  const answers = await whileDetachable(ctx.io, request, () => listOnShards(ctx, request, targets));
  return answers.flatMap(({ answer, failure }) => {
    if (failure === undefined) return answer;
    ctx.io.warn(`VDiff ${request.uuid} has begun; whether all options have an effect is unknown: ${failure.message}`);
    return [];
  });
}

async function takenBack(
  ctx: Context,
  request: CreateRequest,
  begun: readonly Target[],
  cause: VtmigrateError,
): Promise<VtmigrateError> {
  const left = await removeVdiff(request, request.uuid, begun);
  ctx.io.note(sayTakenBack(request.uuid, begun, left));
  if (left.length === 0) return cause;
  const { keyspace, workflow, uuid } = request;
  return new FailedError(cause.message, {
    hint: `It may be at work there: vtmigrate VDiff ${keyspace}.${workflow} delete ${uuid}`,
    cause,
  });
}

function sayTakenBack(uuid: string, begun: readonly Target[], left: readonly Left[]): string {
  const gone = begun.filter((target) => !left.some((one) => one.target === target)).map(({ shard }) => shard.name);
  const parts = [
    ...(gone.length > 0 ? [`VDiff ${uuid} was taken back from shard ${gone.join(", ")}.`] : []),
    ...left.map(({ target, reason }) => `It could not be taken back from shard ${target.shard.name}: ${reason}`),
  ];
  return parts.length > 0 ? parts.join(" ") : "No shard has begun.";
}
