import { ConflictError, FailedError, StillRunningError } from "../../errors.js";
import { formatPosition, positionContains, positionUnion } from "../../wire/position.js";
import { sqlString } from "../../wire/sql.js";
import { SYNCHRONIZING_MESSAGE } from "../../workflow/held.js";
import { stoppedAfterCopy } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import type { VdiffRun } from "../run-context.js";
import { settleAll, settleEach } from "./settled.js";
import type { StoppedStreams } from "./stopped-streams.js";
import { timedOut } from "./timed-out.js";

const ASK_MS = 5_000;

/** Where stopped streams stand. */
export class StreamPositions {
  readonly #at = new Map<Stream, string>();

  /** FailedError for a stream that has no position yet. */
  constructor(
    private readonly run: VdiffRun,
    private readonly stopped: StoppedStreams,
  ) {
    for (const stream of stopped.streams.streams) {
      if (stream.position === undefined) {
        throw new FailedError(
          `workflow ${run.keyspace}.${run.workflow}: stream has not started on tablet ${stream.target.primary.record.alias}`,
        );
      }
      this.#at.set(stream, formatPosition(stream.position));
    }
  }

  /** What the streams that read a source shard have brought, all together; undefined when there are none. */
  ofShard(shard: string): string | undefined {
    let reached: string | undefined;
    for (const [{ source }, position] of this.#at) {
      if (source.shard === shard) reached = positionUnion(reached ?? "", position);
    }
    return reached;
  }

  /**
   * Takes streams on to exactly these positions. One that is there already isn't touched: most are, on a source that
   * stands still. Those that ended after their copy can't be moved; whether they should be is said as a warning.
   */
  async moveTo(wanted: ReadonlyMap<Stream, string>): Promise<void> {
    const { signal, check } = this.stopped;
    await check();
    const behind = [...wanted].filter(([stream, position]) => !positionContains(this.#at.get(stream) ?? "", position));
    for (const [stream] of behind) if (stoppedAfterCopy(stream)) this.run.warn(movedOn(stream));
    const moving = behind.filter(([stream]) => !stoppedAfterCopy(stream));
    await settleEach(moving, async ([stream, position]) => {
      mayRunTo(stream, position);
      signal.throwIfAborted();
      // Like the stop, not cut short by an interruption.
      await stream.target.primary.vreplicationExec(
        `update _vt.vreplication set state='Running', stop_pos=${sqlString(position)}, ` +
          `message=${sqlString(SYNCHRONIZING_MESSAGE)} where id=${stream.id}`,
        { timeoutMs: this.run.waitMs },
      );
    });
    await settleAll(moving.map(([stream, position]) => this.#waitFor(stream, position)));
  }

  async #waitFor(stream: Stream, position: string): Promise<void> {
    const { signal } = this.stopped;
    try {
      await stream.target.primary.vreplicationWaitForPos(stream.id, position, { timeoutMs: this.run.waitMs, signal });
      this.#at.set(stream, position);
    } catch (error) {
      signal.throwIfAborted();
      throw await explain(this.run, stream, error);
    }
  }
}

/** Such a stream follows nothing that is written after the copy, and a server doesn't show what it was at an earlier position. */
function movedOn({ source }: Stream): string {
  return `shard ${source.keyspace}/${source.shard} was written to after the copy had stopped (-stop_after_copy): rows that were changed there since then differ`;
}

/** A stream that somebody wants to stop earlier must not be taken further. */
function mayRunTo({ id, target, stopPos }: Stream, position: string): void {
  if (stopPos === null || stopPos === "" || positionContains(stopPos, position)) return;
  throw new ConflictError(
    `stream ${id} on ${target.primary.record.alias} is to stop at ${stopPos}, and the source has moved past it`,
  );
}

/** Only the stream's row tells why it doesn't get there; the time for asking is short, since streams stand still. */
async function explain(run: VdiffRun, stream: Stream, error: unknown): Promise<unknown> {
  if (!(error instanceof StillRunningError)) return error;
  const place = `stream ${stream.id} on ${stream.target.primary.record.alias}`;
  const asked = readStreams(run.keyspace, run.workflow, [stream.target], { timeoutMs: ASK_MS });
  const { streams } = await asked.catch(() => ({ streams: [] }));
  const now = streams.find(({ id }) => id === stream.id);
  if (now?.state === "Error") return new FailedError(`${place} is in error: ${now.message}`, { cause: error });
  const told = now === undefined || now.message === "" || now.message === SYNCHRONIZING_MESSAGE;
  const message = told ? "" : ` (${now.message})`;
  return timedOut(`${place} has not reached the source's position within ${run.waitMs / 1000} s${message}`, error);
}
