import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import { inPhase } from "../phase.js";
import type { PlacementCheck } from "../placement/placement-check.js";
import { withTexts } from "../plan/connection-charset.js";
import type { ShardGroup } from "../plan/layout.js";
import { queryText, type TablePlan } from "../plan/plan.js";
import type { VdiffRun } from "../run-context.js";
import type { ResultStream } from "../streams/result-stream.js";
import { type GroupSnapshots, openSnapshots, type Reading } from "../streams/snapshots.js";
import { align } from "./align.js";
import { Budget } from "./budget.js";
import { hasKnownOrder } from "./known-order.js";
import { MergedReader } from "./merged-reader.js";
import { FilteredReader, PacketReader, type RowReader } from "./row-reader.js";
import { keyOf, type RowShape } from "./row-shape.js";
import type { SideFields } from "./samples.js";
import type { Tally } from "./tally.js";

/** Shards that have to agree about a table, or about some of its rows. */
export interface Job {
  plan: TablePlan;
  group: ShardGroup;
  /** A WHERE for the rows in question, on either side; "" for all. */
  condition: string;
  /** About as many bytes a shard has of them. */
  shardBytes: number;
}

/** A table's jobs, with all of its rows. */
export function wholeJobs(plan: TablePlan): Job[] {
  return plan.groups.map((group) => ({ plan, group, condition: "", shardBytes: plan.shardBytes }));
}

/** What is read for a job. */
export interface Task {
  job: Job;
  /** A WHERE for both sides; "" for all rows. */
  condition: string;
  /** Rows with other keys don't count. */
  onlyKeys?: ReadonlyMap<string, unknown>;
  /** Looks at the target's rows as they come. */
  placement?: PlacementCheck | undefined;
}

export interface Found {
  tally: Tally;
  steps: number;
  /** Rows that came from tablets, both sides together. */
  rowsRead: number;
  /** The limit left rows out. */
  cut: boolean;
  fields: SideFields;
  /** The task's, when it has seen all rows. */
  placement: PlacementCheck | undefined;
}

export interface PassOptions {
  /** Steps at most, all tasks together. */
  limit: number;
  /** Of a job: differing rows that can be looked at a second time. */
  maxSuspects: number;
  /**
   * Rows of the job that are done, and bytes of both sides that were read for them; "read" when there are no more of
   * either.
   */
  onProgress(job: Job, state: "synchronizing" | "comparing" | "read", processed: number, bytes?: number): void;
}

/**
 * Reads the shards of all tasks, each job's at one position, and compares their rows: what each task found. Jobs of one
 * table follow each other.
 */
export async function comparePass(
  run: VdiffRun,
  tasks: readonly Task[],
  options: PassOptions,
): Promise<Map<Job, Found>> {
  const budget = new Budget(options.limit);
  const found = new Map<Job, Found>();
  for (let stages = inStages(tasks); stages.length > 0; ) {
    for (const { task } of stages.flat()) options.onProgress(task.job, "synchronizing", 0);
    const running: Promise<unknown>[] = [];
    const snapshots = await openSnapshots(run, stages, ({ task }, opened) => {
      const alignment = alignTask(task, opened, budget, options).then((result) => found.set(task.job, result));
      // Looked at below, when the streams run again.
      alignment.catch(() => {});
      running.push(alignment);
    });
    try {
      await inPhase(run.log, "Compare the rows", () => Promise.all(running));
    } finally {
      snapshots.close();
    }
    stages = stages.slice(snapshots.stages);
  }
  return found;
}

type TaskReading = Reading & { task: Task };

/** A table's jobs together, as far as no target shard is in two of them. */
function inStages(tasks: readonly Task[]): TaskReading[][] {
  const stages: TaskReading[][] = [];
  for (const task of tasks) {
    const { plan, group } = task.job;
    const [sourceQuery, targetQuery] = [plan.sourceQuery, plan.targetQuery].map((q) => queryText(q, task.condition));
    const reading = { task, group, sourceQuery: sourceQuery ?? "", targetQuery: targetQuery ?? "" };
    const stage = stages.at(-1);
    if (stage?.every((other) => other.task.job.plan === plan && areApart(other.group, group))) stage.push(reading);
    else stages.push([reading]);
  }
  return stages;
}

function areApart(a: ShardGroup, b: ShardGroup): boolean {
  return !a.targets.some((shard) => b.targets.includes(shard));
}

async function alignTask(
  { job, onlyKeys, placement }: Task,
  { source, target }: GroupSnapshots,
  budget: Budget,
  { maxSuspects, onProgress }: PassOptions,
): Promise<Found> {
  const { shape, columns } = job.plan;
  const fields = {
    source: withTexts(source[0]?.fields ?? [], columns, "source"),
    target: withTexts(target[0]?.fields ?? [], columns, "target"),
  };
  const streams = [...source, ...target];
  const bytes = () => streams.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const sourceRows = reader(source.map(packetsOf), shape, onlyKeys);
  const targetRows = reader(
    target.map(placement === undefined ? packetsOf : watchedBy(placement, fields.target)),
    shape,
    onlyKeys,
  );
  const isSecondLook = onlyKeys !== undefined;
  const { tally, steps, cut } = await align(sourceRows, targetRows, shape, {
    budget,
    maxSuspects,
    watchMatches: isSecondLook && job.plan.keyed,
    knownOrder: hasKnownOrder(shape, fields),
    // Where whole rows are the key, the second look can't tell rows that were counted before.
    mayPostpone: !isSecondLook && job.plan.keyed,
    onProgress: (processed) => onProgress(job, "comparing", processed, bytes()),
  });
  if (!cut) onProgress(job, "read", tally.processed, bytes());
  const rowsRead = streams.reduce((sum, stream) => sum + stream.rowsRead, 0);
  return { tally, steps, rowsRead, cut, fields, placement };
}

type NextPacket = ResultStream["nextPacket"];

function packetsOf(stream: ResultStream): NextPacket {
  return () => stream.nextPacket();
}

function watchedBy(placement: PlacementCheck, fields: readonly Field[]): (stream: ResultStream) => NextPacket {
  return (stream) => {
    const look = placement.on(stream.tablet.record.shard, fields);
    return async () => {
      const packet = await stream.nextPacket();
      if (packet !== undefined) look(packet);
      return packet;
    };
  };
}

function reader(
  packets: readonly NextPacket[],
  shape: RowShape,
  onlyKeys: ReadonlyMap<string, unknown> | undefined,
): RowReader {
  const readers = packets.map((next) => new PacketReader(next));
  const [only] = readers;
  const all = readers.length === 1 && only !== undefined ? only : new MergedReader(readers, shape);
  return onlyKeys === undefined ? all : new FilteredReader(all, (row) => onlyKeys.has(keyOf(row, shape)));
}
