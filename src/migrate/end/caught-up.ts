import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import {
  AuthError,
  ConflictError,
  FailedError,
  NotFoundError,
  StillRunningError,
  UnreachableError,
  type VtmigrateError,
} from "../../errors.js";
import { stoppedAfterCopy } from "../../workflow/state.js";
import { type Stream, sourceName } from "../../workflow/streams.js";
import { OVERRULE, streamName } from "./readiness.js";
import type { PositionOutcome, SourcePosition } from "./source-position.js";

const UNCHECKED = "-force completes without this check: what the streams have not brought over yet is lost then.";
/** The least that a stream is given whose turn comes when the time is nearly up. */
const LEAST_MS = 500;

/**
 * Waits until each stream has applied what its source shard has executed by now (VReplicationWaitForPos), for
 * `timeoutMs` in all; returns what is wrong. Streams that ended with their copy are let through: `-stop_after_copy`
 * asked for that. Rejects only when it is interrupted.
 *
 * StillRunningError for streams that lag; the source cluster's own errors where it couldn't be asked, with -force
 * in their hints; the tablet's error for a stream that doesn't get there.
 */
export async function awaitCaughtUp(
  ctx: Context,
  streams: Stream[],
  positions: Map<string, PositionOutcome>,
  settings: { timeoutMs: number; signal: AbortSignal },
): Promise<VtmigrateError[]> {
  const following = streams.filter((stream) => !stoppedAfterCopy(stream));
  if (following.length < streams.length) {
    ctx.io.note("Streams that stopped after their copy lack what was written to the source since.");
  }
  const used = [...new Set(following.map(sourceName))].flatMap((name) => {
    const outcome = positions.get(name);
    return outcome === undefined ? [] : [{ name, outcome }];
  });
  for (const { name, outcome } of used) {
    if (!("error" in outcome)) tellUncertainty(ctx, name, outcome);
  }
  const unknown = used.flatMap(({ name, outcome }) => ("error" in outcome ? [unchecked(name, outcome.error)] : []));
  const endsAt = Date.now() + settings.timeoutMs;
  const waits = await forEachAtOnce(following, async (stream) => {
    const outcome = positions.get(sourceName(stream));
    if (outcome === undefined || "error" in outcome) return undefined;
    const timeoutMs = Math.max(LEAST_MS, endsAt - Date.now());
    return waitFor(stream, outcome.position, { ...settings, timeoutMs });
  });
  const failed = waits.filter((error) => error !== undefined);
  const lagging = failed.filter((error) => error instanceof StillRunningError);
  const broken = failed.filter((error) => !(error instanceof StillRunningError));
  return [...unknown, ...broken, ...(lagging.length === 0 ? [] : [tooSlow(lagging, settings.timeoutMs)])];
}

function tellUncertainty(ctx: Context, name: string, { tablet, replicaBecause }: SourcePosition): void {
  if (replicaBecause === undefined) return;
  ctx.log.info({ shard: name, tablet, replicaBecause }, "position of a replica");
  ctx.io.note(
    `${name}: its primary can't be reached, so the position to reach is that of replica ${tablet}. ` +
      "What the replica had not received by then is not waited for: complete only some time after the last write.",
  );
}

async function waitFor(
  stream: Stream,
  position: string,
  settings: { timeoutMs: number; signal: AbortSignal },
): Promise<VtmigrateError | undefined> {
  try {
    await stream.target.primary.vreplicationWaitForPos(stream.id, position, settings);
    return undefined;
  } catch (error) {
    if (settings.signal.aborted) throw error;
    if (error instanceof StillRunningError) return new StillRunningError(streamName(stream), { cause: error });
    if (error instanceof FailedError) {
      const message = `${streamName(stream)} doesn't reach the source's position: ${error.message}`;
      return new FailedError(message, { hint: OVERRULE, cause: error });
    }
    return error as VtmigrateError;
  }
}

function tooSlow(lagging: VtmigrateError[], timeoutMs: number): StillRunningError {
  const [first] = lagging;
  const names = lagging.map(({ message }) => message).join(", ");
  return new StillRunningError(`not caught up with the source within ${timeoutMs / 1000} s: ${names}`, {
    hint: `Try again when it lags less, or with a longer -timeout. ${OVERRULE}`,
    cause: first,
  });
}

/** The same kind of error, and with it the same exit code. */
function unchecked(name: string, error: VtmigrateError): VtmigrateError {
  const message = `whether the streams have caught up with ${name} can't be checked: ${error.message}`;
  const details = { hint: error.hint === undefined ? UNCHECKED : `${error.hint} ${UNCHECKED}`, cause: error };
  if (error instanceof UnreachableError) return new UnreachableError(message, details);
  if (error instanceof NotFoundError) return new NotFoundError(message, details);
  if (error instanceof AuthError) return new AuthError(message, details);
  if (error instanceof ConflictError) return new ConflictError(message, details);
  return new FailedError(message, details);
}
