import { setTimeout as sleep } from "node:timers/promises";
import { FailedError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import type { Lock } from "../../topo/port.js";
import { sqlString } from "../../wire/sql.js";
import { awaitedLock } from "../../workflow/awaited-lock.js";
import { STOPPED_MESSAGE } from "../../workflow/held.js";
import { type SavedStream, updateRecord } from "../../workflow/record.js";
import { stoppedAfterCopy } from "../../workflow/state.js";
import { readStreams, type Stream, type WorkflowStreams } from "../../workflow/streams.js";
import { openPrimary, readTargets, type Target } from "../../workflow/targets.js";
import { inPhase } from "../phase.js";
import type { VdiffRun } from "../run-context.js";
import { checkComparable } from "./checks.js";
import { settleEach } from "./settled.js";

/** For putting the streams back, whatever else has been given up. */
const RESTORE_MS = 15_000;
const ATTEMPT_MS = 8_000;
const RETRY_MS = 500;

export interface StoppedStreams {
  /** Those of the wanted target shards only. */
  streams: WorkflowStreams;
  /** Aborted with the run, and as soon as the keyspace's lock is lost. */
  signal: AbortSignal;
  /** Asks whether the lock is still ours; call it before each step that changes something. */
  check(): Promise<void>;
}

/**
 * Runs `work` while the streams to these target shards stand still: under the keyspace's lock (action "vdiff", as
 * go/vt/wrangler/vdiff.go takes it), with their states saved first in the workflow's record. Afterwards
 * each stream gets its state, message and stop position back, whatever happened; for that there is a
 * deadline of its own, which an interruption doesn't cut short. Streams that stand still for good, after the copy
 * that they were made for, are left alone.
 */
export async function withStoppedStreams<T>(
  run: VdiffRun,
  shards: ReadonlySet<string>,
  work: (stopped: StoppedStreams) => Promise<T>,
): Promise<T> {
  const lock = await inPhase(run.log, "Take the keyspace's lock", () =>
    awaitedLock(run, run.topo, `keyspaces/${run.keyspace}`, () =>
      run.topo.lockKeyspace(run.keyspace, { action: "vdiff", timeoutMs: run.lockMs, signal: run.signal }),
    ),
  );
  try {
    const signal = AbortSignal.any([run.signal, lock.lost]);
    const targets = await readTargets(run.topo, run.tablets, run.keyspace);
    const before = await readStreams(run.keyspace, run.workflow, targets, { signal });
    checkComparable(before);
    const ours = before.streams.filter(({ target }) => shards.has(target.shard.name));
    const moving = ours.filter((stream) => !stoppedAfterCopy(stream));
    if (moving.length > 0) {
      await inPhase(run.log, "Note the streams' states in the workflow's record", () =>
        saveStreams(run, moving.map(savedStream)),
      );
    }
    return await stopped(run, { all: ours, moving }, lock, signal, work);
  } finally {
    await lock.release().catch(() => {});
  }
}

async function stopped<T>(
  run: VdiffRun,
  { all, moving }: { all: Stream[]; moving: Stream[] },
  lock: Lock,
  signal: AbortSignal,
  work: (stopped: StoppedStreams) => Promise<T>,
): Promise<T> {
  let failure: { error: unknown } | undefined;
  let result: T | undefined;
  const begun = new Set<Target>();
  try {
    await lock.check();
    signal.throwIfAborted();
    await inPhase(run.log, "Stop the streams", () =>
      settleEach(targetsOf(moving), async (target) => {
        begun.add(target);
        await stop(
          target,
          moving.filter((stream) => stream.target === target),
          run,
        );
      }),
    );
    const options = { signal, timeoutMs: run.waitMs };
    const streams = await readStreams(run.keyspace, run.workflow, targetsOf(all), options);
    result = await work({ streams, signal, check: () => lock.check() });
  } catch (error) {
    failure = { error };
  }
  // Without the lock somebody else may have changed those that were not stopped here.
  const ours = moving.filter(({ target }) => begun.has(target));
  await inPhase(run.log, "Put the streams back", async () => {
    const left = await restore(run, ours);
    if (left.length > 0) throw notRestored(run, left, failure?.error);
  });
  if (moving.length > 0) {
    await inPhase(run.log, "Take that note back", () => saveStreams(run, undefined)).catch((error) => {
      failure ??= { error };
    });
  }
  if (failure !== undefined) throw failure.error;
  return result as T;
}

function targetsOf(streams: readonly Stream[]): Target[] {
  return [...new Set(streams.map((stream) => stream.target))];
}

/** An interruption doesn't cut it short: a tablet that is still at it would undo what puts the stream back. */
async function stop({ primary }: Target, streams: readonly Stream[], run: VdiffRun): Promise<void> {
  await primary.vreplicationExec(
    `update _vt.vreplication set state='Stopped', message=${sqlString(STOPPED_MESSAGE)} where ${idsWhere(streams)}`,
    { timeoutMs: run.waitMs },
  );
}

function idsWhere(streams: readonly Stream[]): string {
  const ids = streams.map(({ id }) => id);
  return ids.length === 1 ? `id=${ids[0]}` : `id in (${ids.join(", ")})`;
}

function savedStream({ target, id, state, message, stopPos }: Stream): SavedStream {
  return { shard: target.shard.name, id, state, message, stopPos };
}

/** Workflows made by vtctlclient have no record; for them the message of a stopped stream has to tell. */
async function saveStreams(run: VdiffRun, saved: SavedStream[] | undefined): Promise<void> {
  await updateRecord(run.topo, run.keyspace, run.workflow, (record) => {
    if (saved === undefined) delete record.savedStreams;
    else record.savedStreams = saved;
  });
}

interface NotRestored {
  stream: SavedStream;
  reason: string;
}

/**
 * Puts every stream back and returns those that resisted. It needs no topology as long as the primaries
 * answer; where one doesn't, the shard's primary is looked up again before each further attempt. All are begun at once:
 * a tablet that hangs must not keep the others' streams waiting until the time is up.
 */
async function restore(run: VdiffRun, streams: readonly Stream[]): Promise<NotRestored[]> {
  const endsAt = Date.now() + RESTORE_MS;
  const alike = new Map<string, Stream[]>();
  for (const stream of streams) {
    const key = JSON.stringify([stream.target.shard.name, stream.state, stream.message, stream.stopPos]);
    alike.set(key, [...(alike.get(key) ?? []), stream]);
  }
  const results = await Promise.all(
    [...alike.values()].map(async (batch) => {
      const reason = await restoreAlike(run, batch, endsAt);
      return reason === undefined ? [] : batch.map((stream) => ({ stream: savedStream(stream), reason }));
    }),
  );
  return results.flat();
}

/** Streams of one shard that were in the same state, in one statement. */
async function restoreAlike(run: VdiffRun, streams: Stream[], endsAt: number): Promise<string | undefined> {
  const [first] = streams;
  if (first === undefined) return undefined;
  const { state, message, stopPos, target } = first;
  const query =
    `update _vt.vreplication set state=${sqlString(state)}, message=${sqlString(message)}, ` +
    `stop_pos=${stopPos === null ? "null" : sqlString(stopPos)} ` +
    `where ${idsWhere(streams)}`;
  for (let primary: Tablet | undefined = target.primary; ; primary = undefined) {
    try {
      primary ??= await openPrimary(run.topo, run.tablets, await run.topo.shard(run.keyspace, target.shard.name));
      await primary.vreplicationExec(query, { timeoutMs: Math.max(1, Math.min(ATTEMPT_MS, endsAt - Date.now())) });
      return undefined;
    } catch (error) {
      // Not the run's clock and signal: this must go on when the run was given up.
      await sleep(RETRY_MS);
      if (Date.now() >= endsAt) return error instanceof Error ? error.message : String(error);
    }
  }
}

function notRestored(run: VdiffRun, left: NotRestored[], cause: unknown): FailedError {
  const streams = left.map(({ stream, reason }) => `${stream.id} of shard ${stream.shard} (${reason})`).join(", ");
  const why = cause instanceof Error ? `${cause.message}; then ` : "";
  return new FailedError(`${why}stream ${streams} could not be set running again`, {
    hint: `They were stopped for this VDiff. Restart them with "Workflow ${run.keyspace}.${run.workflow} start".`,
    cause,
  });
}
