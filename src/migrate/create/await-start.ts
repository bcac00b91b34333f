import type { Context } from "../../context.js";
import { FailedError, StillRunningError } from "../../errors.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { hasStarted, shownState, transactionLag, updateLag } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { pauses } from "./pauses.js";
import { TroubleWatch } from "./trouble-watch.js";

/** A stream as vtctlclient lists it after Create. */
export interface StreamLine {
  id: number;
  /** "0/zone1-0000000001" */
  place: string;
  state: string;
  message: string;
  started: boolean;
  lagSeconds: number;
  /** Commit time of the last applied transaction, Unix seconds; 0 before the first. */
  transactionTimestamp: number;
}

/**
 * Waits until every stream has a position and no trouble. FailedError when a stream is in state Error, or when they were deleted;
 * StillRunningError "timed out waiting for workflow to start", with what the streams say: nothing is
 * undone then, the workflow may only be slow.
 */
export async function awaitStart(
  ctx: Context,
  name: WorkflowName,
  targets: Target[],
  timeoutMs: number,
): Promise<StreamLine[]> {
  const endsAt = ctx.clock.now().getTime() + timeoutMs;
  const pause = pauses();
  const watch = new TroubleWatch();
  for (;;) {
    const { streams } = await readStreams(name.keyspace, name.workflow, targets, { signal: ctx.signal });
    if (streams.length === 0)
      throw new FailedError(`the streams of ${formatWorkflowName(name)} were deleted meanwhile`);
    const now = ctx.clock.now();
    const complaints = new Map(streams.map((stream) => [stream, watch.open(stream, now.getTime())]));
    const broken = streams.filter((stream) => stream.state === "Error");
    if (broken.length > 0) {
      throw new FailedError(`errors starting workflow: ${describe(broken, complaints)}`, { hint: statusHint(name) });
    }
    const waiting = streams.filter((stream) => !hasStarted(stream) || complaints.get(stream) !== undefined);
    if (waiting.length === 0) return streams.map((stream) => streamLine(stream, now));
    if (now.getTime() >= endsAt) {
      const started = streams.length - waiting.length;
      const complains = waiting.some((stream) => complaints.get(stream) !== undefined);
      const stays = complains ? ", and its streams go on trying." : ": it may only be slow to start.";
      throw new StillRunningError(
        `timed out waiting for workflow to start: ${started} of ${streams.length} stream(s) started; ${describe(waiting, complaints)}`,
        { hint: `The workflow stays${stays} ${statusHint(name)}` },
      );
    }
    await ctx.clock.sleep(pause.next().value, ctx.signal);
  }
}

function statusHint(name: WorkflowName): string {
  return `See "vtmigrate Workflow ${formatWorkflowName(name)} show".`;
}

/**
 * "id=5 on 0/zone1-0000000001: Running: no position yet ..." for each. A tablet that tries again has said already what
 * went wrong, and says for a while only which source tablet it has picked.
 */
function describe(streams: Stream[], complaints: ReadonlyMap<Stream, string | undefined>): string {
  return streams
    .map((stream) => {
      const said = complaints.get(stream) ?? stream.message;
      const silent =
        stream.state === "Copying"
          ? "it has not read a row yet"
          : `no position yet and no message: it looks for a tablet (${stream.tabletTypes}) in source cells ${stream.cell}`;
      return `id=${stream.id} on ${targetName(stream.target)}: ${stream.state}: ${said || silent}`;
    })
    .join("; ");
}

export function streamLine(stream: Stream, now: Date): StreamLine {
  return {
    id: stream.id,
    place: targetName(stream.target),
    state: shownState(stream),
    message: stream.message,
    started: stream.position !== undefined,
    lagSeconds: transactionLag(stream, now) ?? updateLag(stream, now),
    transactionTimestamp: stream.transactionTimestamp,
  };
}
