import { ConflictError, FailedError, StillRunningError, type VtmigrateError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import { formatPosition, positionContains, positionUnion } from "../../wire/position.js";
import { sqlString } from "../../wire/sql.js";
import { stoppedAfterCopy } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { openResultStream, type ResultStream } from "../compare/result-stream.js";
import { settleAll, settleEach } from "../compare/settled.js";
import type { ShardGroup } from "../plan/layout.js";
import type { VdiffRun } from "../run-context.js";
import { type StoppedStreams, SYNCHRONIZING_MESSAGE, withStoppedStreams } from "./stopped-streams.js";

const ASK_MS = 5_000;

/** Shards that are compared with each other, and what is read of them. */
export interface Reading {
  group: ShardGroup;
  sourceQuery: string;
  targetQuery: string;
}

/** One stream of rows per shard of each side, all showing the same data of the source. */
export interface GroupSnapshots {
  source: ResultStream[];
  target: ResultStream[];
}

export interface Snapshots {
  /** As the readings were given. */
  groups: GroupSnapshots[];
  close(): void;
}

/**
 * The cycle of VDiff v1 (go/vt/wrangler/vdiff.go): stop the streams; let each source tablet catch up with
 * them and open a snapshot there; let the streams run on to exactly that position; open the snapshots on
 * the target; let the streams go. They are running again before the first row is compared. A source shard has a
 * snapshot for each group that it is in. Only the streams of the groups' target shards are touched.
 */
export async function openSnapshots(run: VdiffRun, readings: readonly Reading[]): Promise<Snapshots> {
  const opened: ResultStream[] = [];
  const close = () => {
    for (const stream of opened) stream.close();
  };
  const open = async (tablet: Tablet, query: string) => {
    const stream = await openResultStream(tablet, query, { waitMs: run.waitMs, signal: run.signal });
    opened.push(stream);
    return stream;
  };
  const shards = new Set(readings.flatMap(({ group }) => group.targets));
  try {
    return await withStoppedStreams(run, shards, async (stopped) => {
      const sources = await openSources(run, stopped, readings, open);
      await synchronize(run, stopped, readings, sources);
      const targets = await openTargets(run, stopped, readings, open);
      // Without the lock somebody may have started the streams before the target's snapshot was taken.
      await stopped.check();
      const groups = readings.map((_, i) => ({
        source: [...(sources[i]?.values() ?? [])],
        target: targets.flatMap(({ reading, stream }) => (reading === i ? [stream] : [])),
      }));
      return { groups, close };
    });
  } catch (error) {
    close();
    throw error;
  }
}

type Open = (tablet: Tablet, query: string) => Promise<ResultStream>;

/** For each reading its source shards' streams of rows. */
async function openSources(
  run: VdiffRun,
  { streams, signal }: StoppedStreams,
  readings: readonly Reading[],
  open: Open,
): Promise<Map<string, ResultStream>[]> {
  const reached = positionsByShard(run, streams.streams);
  const sources = readings.map(() => new Map<string, ResultStream>());
  const wanted = readings.flatMap(({ group, sourceQuery }, reading) =>
    group.sources.map((shard) => ({ reading, shard, sourceQuery })),
  );
  await settleEach(wanted, async ({ reading, shard, sourceQuery }) => {
    const tablet = run.sourceTablets.get(shard);
    const position = reached.get(shard);
    if (tablet === undefined || position === undefined) throw new FailedError(`nothing reads source shard ${shard}`);
    await waitForPosition(run, tablet, position, signal);
    sources[reading]?.set(shard, await open(tablet, sourceQuery));
  });
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

/**
 * Takes each stream that feeds a reading to the position of its source shard's snapshot there. The others of the
 * target shard bring nothing that is read.
 */
async function synchronize(
  run: VdiffRun,
  { streams, signal, check }: StoppedStreams,
  readings: readonly Reading[],
  sources: readonly ReadonlyMap<string, ResultStream>[],
): Promise<void> {
  await check();
  const behind = streams.streams.flatMap((stream) => {
    const reading = readings.findIndex(({ group }) => group.targets.includes(stream.target.shard.name));
    const position = sources[reading]?.get(stream.source.shard)?.position;
    if (position === undefined || isThere(stream, position)) return [];
    if (stoppedAfterCopy(stream)) {
      run.warn(movedOn(stream));
      return [];
    }
    return [{ stream, position }];
  });
  await settleEach(behind, async ({ stream, position }) => {
    mayRunTo(stream, position);
    signal.throwIfAborted();
    // Like the stop, not cut short by an interruption.
    await stream.target.primary.vreplicationExec(
      `update _vt.vreplication set state='Running', stop_pos=${sqlString(position)}, ` +
        `message=${sqlString(SYNCHRONIZING_MESSAGE)} where id=${stream.id}`,
      { timeoutMs: run.waitMs },
    );
  });
  await settleAll(
    behind.map(async ({ stream, position }) => {
      try {
        const options = { timeoutMs: run.waitMs, signal };
        await stream.target.primary.vreplicationWaitForPos(stream.id, position, options);
      } catch (error) {
        signal.throwIfAborted();
        throw await explain(run, stream, error);
      }
    }),
  );
}

/** The source hasn't moved since the stream was stopped: most streams, most of the time, on a source that stands still. */
function isThere({ position }: Stream, wanted: string): boolean {
  return position !== undefined && positionContains(formatPosition(position), wanted);
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

async function openTargets(
  run: VdiffRun,
  { streams, signal, check }: StoppedStreams,
  readings: readonly Reading[],
  open: Open,
): Promise<{ reading: number; stream: ResultStream }[]> {
  await check();
  const targets = [...new Set(streams.streams.map((stream) => stream.target))];
  const wanted = readings.flatMap(({ group, targetQuery }, reading) =>
    targets
      .filter(({ shard }) => group.targets.includes(shard.name))
      .map((target) => ({ reading, target, targetQuery })),
  );
  return settleEach(wanted, async ({ reading, target, targetQuery }) => {
    const tablet = await readableTarget(run, target, signal);
    return { reading, stream: await open(tablet, targetQuery) };
  });
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
