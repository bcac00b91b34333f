import { ConflictError, FailedError, StillRunningError, type VtmigrateError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import { formatPosition, positionContains, positionUnion } from "../../wire/position.js";
import { sqlString } from "../../wire/sql.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { openResultStream, type ResultStream } from "../compare/result-stream.js";
import { allSettled } from "../compare/settled.js";
import type { VdiffRun } from "../run-context.js";
import { type StoppedStreams, SYNCHRONIZING_MESSAGE, withStoppedStreams } from "./stopped-streams.js";

const ASK_MS = 5_000;

/** One stream of rows per shard of each side, all showing the same data of the source. */
export interface Snapshots {
  source: ResultStream[];
  target: ResultStream[];
  close(): void;
}

/**
 * The cycle of VDiff v1 (go/vt/wrangler/vdiff.go): stop the streams; let each source tablet catch up with
 * them and open a snapshot there; let the streams run on to exactly that position; open the snapshots on
 * the target; let the streams go. They are running again before the first row is compared.
 */
export async function openSnapshots(run: VdiffRun, sourceQuery: string, targetQuery: string): Promise<Snapshots> {
  const opened: ResultStream[] = [];
  const close = () => {
    for (const stream of opened) stream.close();
  };
  try {
    return await withStoppedStreams(run, async (stopped) => {
      const source = await openSources(run, stopped, sourceQuery, opened);
      await synchronize(run, stopped, source);
      const target = await openTargets(run, stopped, targetQuery, opened);
      // Without the lock somebody may have started the streams before the target's snapshot was taken.
      await stopped.check();
      return { source: [...source.values()], target, close };
    });
  } catch (error) {
    close();
    throw error;
  }
}

async function openSources(
  run: VdiffRun,
  { streams, signal }: StoppedStreams,
  query: string,
  opened: ResultStream[],
): Promise<Map<string, ResultStream>> {
  const reached = positionsByShard(run, streams.streams);
  const sources = new Map<string, ResultStream>();
  await allSettled(
    [...run.sourceTablets].map(async ([shard, tablet]) => {
      const position = reached.get(shard);
      if (position === undefined) return;
      await waitForPosition(run, tablet, position, signal);
      const stream = await openResultStream(tablet, query, { waitMs: run.waitMs, signal: run.signal });
      opened.push(stream);
      sources.set(shard, stream);
    }),
  );
  return sources;
}

/** How far the streams that read a source shard have come, all together. */
function positionsByShard(run: VdiffRun, streams: readonly Stream[]): Map<string, string> {
  const reached = new Map<string, string>();
  for (const stream of streams) {
    if (stream.position === undefined) {
      throw new FailedError(
        `workflow ${run.keyspace}.${run.workflow}: stream has not started on tablet ${stream.target.primary.record.alias}`,
      );
    }
    const { shard } = stream.source;
    reached.set(shard, positionUnion(reached.get(shard) ?? "", formatPosition(stream.position)));
  }
  return reached;
}

async function synchronize(
  run: VdiffRun,
  { streams, signal, check }: StoppedStreams,
  source: ReadonlyMap<string, ResultStream>,
): Promise<void> {
  await check();
  await allSettled(
    streams.streams.map(async (stream) => {
      const position = source.get(stream.source.shard)?.position;
      if (position === undefined) throw new FailedError(`no snapshot of source shard ${stream.source.shard}`);
      mayRunTo(stream, position);
      signal.throwIfAborted();
      const { primary } = stream.target;
      // Like the stop, not cut short by an interruption.
      await primary.vreplicationExec(
        `update _vt.vreplication set state='Running', stop_pos=${sqlString(position)}, ` +
          `message=${sqlString(SYNCHRONIZING_MESSAGE)} where id=${stream.id}`,
        { timeoutMs: run.waitMs },
      );
      try {
        await primary.vreplicationWaitForPos(stream.id, position, { timeoutMs: run.waitMs, signal });
      } catch (error) {
        signal.throwIfAborted();
        throw await explain(run, stream, error);
      }
    }),
  );
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

async function openTargets(
  run: VdiffRun,
  { streams, signal, check }: StoppedStreams,
  query: string,
  opened: ResultStream[],
): Promise<ResultStream[]> {
  await check();
  const targets = [...new Set(streams.streams.map((stream) => stream.target))];
  return allSettled(
    targets.map(async (target) => {
      const tablet = await readableTarget(run, target, signal);
      const stream = await openResultStream(tablet, query, { waitMs: run.waitMs, signal: run.signal });
      opened.push(stream);
      return stream;
    }),
  );
}

/** The picked tablet, as soon as it has everything that the primary has. */
async function readableTarget(run: VdiffRun, { shard, primary }: Target, signal: AbortSignal): Promise<Tablet> {
  const tablet = run.targetTablets.get(shard.name) ?? primary;
  if (tablet.record.alias === primary.record.alias) return primary;
  const position = await primary.primaryPosition({ signal, timeoutMs: run.waitMs });
  await waitForPosition(run, tablet, position, signal);
  return tablet;
}

async function waitForPosition(run: VdiffRun, tablet: Tablet, position: string, signal: AbortSignal): Promise<void> {
  try {
    await tablet.waitForPosition(position, { timeoutMs: run.waitMs, signal });
  } catch (error) {
    if (!(error instanceof StillRunningError)) throw error;
    throw timedOut(`tablet ${tablet.record.alias} has not caught up within ${run.waitMs / 1000} s`, error);
  }
}

function timedOut(why: string, cause: unknown): VtmigrateError {
  return new StillRunningError(`vdiff timed out: ${why}`, {
    hint: "You may want to increase it with the flag -filtered_replication_wait_time=<timeoutSeconds>.",
    cause,
  });
}
