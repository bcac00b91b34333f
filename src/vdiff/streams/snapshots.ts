import { FailedError, StillRunningError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import type { Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { inPhase } from "../phase.js";
import type { ShardGroup } from "../plan/layout.js";
import type { VdiffRun } from "../run-context.js";
import { openResultStream, type ResultStream } from "./result-stream.js";
import { settleEach } from "./settled.js";
import { type StoppedStreams, withStoppedStreams } from "./stopped-streams.js";
import { StreamPositions } from "./synchronize.js";
import { timedOut } from "./timed-out.js";

/** Streams stand still for about so long at most, one stage apart. */
const STANDSTILL_MS = 5_000;

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

/** Readings that begin together: no target shard is in two of them. */
export type Stage<R extends Reading> = readonly R[];

export interface Snapshots {
  /** How many stages were opened: all, unless they took long. At least one. */
  stages: number;
  close(): void;
}

/**
 * The cycle of VDiff v1 (go/vt/wrangler/vdiff.go): stop the streams; let each source tablet catch up with
 * them and open a snapshot there; let the streams run on to exactly that position; open the snapshots on
 * the target; let the streams go. Between stop and go there may be several such stages, each at a later position:
 * stopping and starting is what takes most of the time of small tables. `use` gets the snapshots as soon as they are
 * open, and should read them: a server gives up when nobody takes its rows. A source shard has a snapshot for each
 * group that it is in. Only the streams of the groups' target shards are touched.
 */
export async function openSnapshots<R extends Reading>(
  run: VdiffRun,
  stages: readonly Stage<R>[],
  use: (reading: R, snapshots: GroupSnapshots) => void,
): Promise<Snapshots> {
  const opened: ResultStream[] = [];
  const close = () => {
    for (const stream of opened) stream.close();
  };
  const open: Open = async (tablet, query) => {
    const stream = await openResultStream(tablet, query, { waitMs: run.waitMs, signal: run.signal });
    opened.push(stream);
    return stream;
  };
  const shards = new Set(stages.flat().flatMap(({ group }) => group.targets));
  const now = () => run.clock.now().getTime();
  try {
    return await withStoppedStreams(run, shards, async (stopped) => {
      const endsAt = now() + STANDSTILL_MS;
      const positions = new StreamPositions(run, stopped);
      let done = 0;
      for (const stage of stages) {
        if (done > 0 && now() >= endsAt) break;
        const sources = await inPhase(run.log, "Open the source's snapshots", () =>
          openSources(run, stage, positions, stopped, open),
        );
        await inPhase(run.log, "Take the streams on to the source's position", () =>
          positions.moveTo(feeding(stopped, stage, sources)),
        );
        const targets = await inPhase(run.log, "Open the target's snapshots", () =>
          openTargets(run, stage, stopped, open),
        );
        // Without the lock somebody may have started the streams before the target's snapshot was taken.
        await stopped.check();
        stage.forEach((reading, i) => {
          use(reading, { source: [...(sources[i]?.values() ?? [])], target: targets[i] ?? [] });
        });
        done++;
      }
      return { stages: done, close };
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
  stage: Stage<Reading>,
  positions: StreamPositions,
  { signal }: StoppedStreams,
  open: Open,
): Promise<Map<string, ResultStream>[]> {
  const sources = stage.map(() => new Map<string, ResultStream>());
  const wanted = stage.flatMap(({ group, sourceQuery }, i) =>
    group.sources.map((shard) => ({ i, shard, sourceQuery })),
  );
  await settleEach(wanted, async ({ i, shard, sourceQuery }) => {
    const tablet = run.sourceTablets.get(shard);
    const position = positions.ofShard(shard);
    if (tablet === undefined || position === undefined) throw new FailedError(`nothing reads source shard ${shard}`);
    await waitForPosition(run, tablet, position, signal);
    sources[i]?.set(shard, await open(tablet, sourceQuery));
  });
  return sources;
}

/**
 * The streams that bring rows to a reading, and where its source's snapshot stands. Others of the same target shard bring
 * nothing that is read.
 */
function feeding(
  { streams }: StoppedStreams,
  stage: Stage<Reading>,
  sources: readonly ReadonlyMap<string, ResultStream>[],
): Map<Stream, string> {
  const found = new Map<Stream, string>();
  for (const stream of streams.streams) {
    const reading = stage.findIndex(({ group }) => group.targets.includes(stream.target.shard.name));
    const position = sources[reading]?.get(stream.source.shard)?.position;
    if (position !== undefined) found.set(stream, position);
  }
  return found;
}

/** For each reading its target shards' streams of rows. */
async function openTargets(
  run: VdiffRun,
  stage: Stage<Reading>,
  { streams, signal, check }: StoppedStreams,
  open: Open,
): Promise<ResultStream[][]> {
  await check();
  const targets = [...new Set(streams.streams.map((stream) => stream.target))];
  const wanted = stage.flatMap(({ group, targetQuery }, i) =>
    targets.filter(({ shard }) => group.targets.includes(shard.name)).map((target) => ({ i, target, targetQuery })),
  );
  const opened: ResultStream[][] = stage.map(() => []);
  await settleEach(wanted, async ({ i, target, targetQuery }) => {
    const tablet = await readableTarget(run, target, signal);
    opened[i]?.push(await open(tablet, targetQuery));
  });
  return opened;
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
