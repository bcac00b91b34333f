import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { ShardGroup } from "../plan/layout.js";
import { queryText, type TablePlan } from "../plan/plan.js";
import type { VdiffRun } from "../run-context.js";
import { openSnapshots } from "../streams/snapshots.js";
import { align, Budget, MAX_SUSPECTS } from "./align.js";
import type { ResultStream } from "./result-stream.js";
import { FilteredReader, MergedReader, PacketReader, type RowReader } from "./row-reader.js";
import { guessOrder, keyOf, type Row, type RowShape } from "./row-shape.js";
import type { SideFields } from "./samples.js";
import type { Tally } from "./tally.js";

/** What is read of a group of shards. */
export interface Task {
  group: ShardGroup;
  /** A WHERE for both sides; "" for all rows. */
  condition: string;
  /** Rows with other keys don't count. */
  onlyKeys?: ReadonlyMap<string, Row>;
}

export interface Found {
  group: ShardGroup;
  tally: Tally;
  steps: number;
  fields: SideFields;
}

export interface PassOptions {
  /** Steps at most, all tasks together. */
  limit: number;
  maxPendingBytes?: number;
  maxSuspects?: number;
  /** Rows done so far. */
  onProgress(state: "synchronizing" | "comparing", processed: number): void;
}

/** Reads the shards of all tasks at once, each group's at one position, and compares their rows; what each task found. */
export async function comparePass(
  run: VdiffRun,
  plan: TablePlan,
  tasks: readonly Task[],
  options: PassOptions,
): Promise<Found[]> {
  options.onProgress("synchronizing", 0);
  const readings = tasks.map(({ group, condition }) => ({
    group,
    sourceQuery: queryText(plan.sourceQuery, condition),
    targetQuery: queryText(plan.targetQuery, condition),
  }));
  const snapshots = await openSnapshots(run, readings);
  const budget = new Budget(options.limit, options.maxPendingBytes);
  const processed = tasks.map(() => 0);
  try {
    // At the same time: a snapshot whose rows nobody takes is given up by its server after a while.
    return await Promise.all(
      snapshots.groups.map(async ({ source, target }, i) => {
        const { group, onlyKeys } = tasks[i] ?? { group: { sources: [], targets: [] } };
        const { tally, steps } = await align(
          reader(source, plan.shape, onlyKeys),
          reader(target, plan.shape, onlyKeys),
          plan.shape,
          {
            budget,
            maxSuspects: options.maxSuspects ?? MAX_SUSPECTS,
            onProgress: (rows) => {
              processed[i] = rows;
              options.onProgress(
                "comparing",
                processed.reduce((sum, done) => sum + done, 0),
              );
            },
          },
        );
        return { group, tally, steps, fields: { source: fieldsOf(source), target: fieldsOf(target) } };
      }),
    );
  } finally {
    snapshots.close();
  }
}

function reader(
  streams: readonly ResultStream[],
  shape: RowShape,
  onlyKeys: ReadonlyMap<string, Row> | undefined,
): RowReader {
  const readers = streams.map((stream) => new PacketReader(() => stream.nextPacket()));
  const [only] = readers;
  const all =
    readers.length === 1 && only !== undefined ? only : new MergedReader(readers, (a, b) => guessOrder(a, b, shape));
  return onlyKeys === undefined ? all : new FilteredReader(all, (row) => onlyKeys.has(keyOf(row, shape)));
}

function fieldsOf(streams: readonly ResultStream[]): Field[] {
  return streams[0]?.fields ?? [];
}
