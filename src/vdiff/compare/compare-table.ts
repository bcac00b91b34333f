import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import { queryText, type TablePlan } from "../plan/plan.js";
import type { TableReport } from "../report.js";
import type { VdiffRun } from "../run-context.js";
import { openSnapshots } from "../streams/snapshots.js";
import { ALIGN_DEFAULTS, align } from "./align.js";
import { isFindable, keyCondition, sqlLiteral } from "./literals.js";
import type { ResultStream } from "./result-stream.js";
import { FilteredReader, MergedReader, PacketReader, RepeatingReader, type RowReader } from "./row-reader.js";
import { guessOrder, keyOf, type RowShape } from "./row-shape.js";
import { type SampleOptions, type SideFields, toSamples } from "./samples.js";
import type { Tally } from "./tally.js";

export interface CompareOptions extends SampleOptions {
  /** Steps that are left of -limit. */
  limit: number;
  maxPendingBytes?: number;
  maxSuspects?: number;
  onProgress(state: string, processed: number): void;
}

interface Pass {
  tally: Tally;
  steps: number;
  fields: SideFields;
}

/** So many keys fit into one statement; beyond that the whole table is read a second time. */
const MAX_KEYS = 1000;

/**
 * Compares one table. What differs is read again, on both sides at a new common position, and only what
 * differs then as well is reported: a row may have been caught between a source tablet's commit order and
 * that of the stream.
 */
export async function compareTable(
  run: VdiffRun,
  plan: TablePlan,
  options: CompareOptions,
): Promise<{ report: TableReport; steps: number; fields: SideFields }> {
  const first = await pass(run, plan, { ...options, limit: options.limit, state: "comparing" });
  const { steps, fields } = first;
  if (first.tally.suspects.size === 0) return { report: report(plan, first, undefined, options), steps, fields };
  const suspects = first.tally.suspects;
  const second = await pass(run, plan, {
    ...options,
    limit: Number.POSITIVE_INFINITY,
    state: "checking differences",
    condition: suspectCondition(plan, first),
    onlyKeys: suspects,
    alreadyProcessed: first.tally.matching,
  });
  const unchecked = Object.values(first.tally.unchecked).reduce((sum, count) => sum + count, 0);
  if (unchecked > 0) {
    run.note(
      `table ${plan.table}: the first ${suspects.size} differences were read a second time, ${unchecked} more were not`,
    );
  }
  return { report: report(plan, first, second, options), steps, fields };
}

interface PassOptions extends CompareOptions {
  state: string;
  condition?: string;
  onlyKeys?: ReadonlyMap<string, unknown>;
  alreadyProcessed?: number;
}

async function pass(run: VdiffRun, plan: TablePlan, options: PassOptions): Promise<Pass> {
  const { condition = "", alreadyProcessed = 0 } = options;
  options.onProgress("synchronizing", alreadyProcessed);
  const snapshots = await openSnapshots(
    run,
    queryText(plan.sourceQuery, condition),
    queryText(plan.targetQuery, condition),
  );
  // Each target shard's copy of a reference table is compared with the rows of one source.
  const sources = plan.reference.source ? snapshots.source.slice(0, 1) : snapshots.source;
  const times = plan.reference.target ? snapshots.target.length : 1;
  try {
    const { tally, steps } = await align(
      new RepeatingReader(reader(sources, plan.shape, options.onlyKeys), times),
      reader(snapshots.target, plan.shape, options.onlyKeys),
      plan.shape,
      {
        limit: options.limit,
        maxPendingBytes: options.maxPendingBytes ?? ALIGN_DEFAULTS.maxPendingBytes,
        maxSuspects: options.maxSuspects ?? ALIGN_DEFAULTS.maxSuspects,
        onProgress: (processed) => options.onProgress(options.state, alreadyProcessed + processed),
      },
    );
    return { tally, steps, fields: { source: fieldsOf(snapshots.source), target: fieldsOf(snapshots.target) } };
  } finally {
    snapshots.close();
  }
}

function reader(
  streams: readonly ResultStream[],
  shape: RowShape,
  onlyKeys: ReadonlyMap<string, unknown> | undefined,
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

/** A WHERE that finds the suspects by their primary key; "" where only reading everything does. */
function suspectCondition(plan: TablePlan, { tally, fields }: Pass): string {
  if (!plan.keyed || tally.suspects.size > MAX_KEYS) return "";
  const columns = plan.shape.key.flatMap((i) => plan.columns[i] ?? []);
  if (columns.some((column) => column.sourceTerm !== column.label)) return "";
  const types = plan.shape.key.map((i) => [fields.source[i]?.type ?? "", fields.target[i]?.type ?? ""]);
  if (!types.flat().every(isFindable)) return "";
  const rows = [...tally.suspects.values()].map((row) =>
    plan.shape.key.map((i, at) => sqlLiteral(row[i] ?? null, types[at]?.[0] ?? "")),
  );
  // MySQL in strict mode refuses zero dates as literals.
  if (rows.flat().some((literal) => literal.startsWith("'0000-00-00"))) return "";
  return keyCondition(
    columns.map((column) => column.label),
    rows,
  );
}

function report(plan: TablePlan, first: Pass, second: Pass | undefined, options: SampleOptions): TableReport {
  const confirmed = second?.tally.counts ?? first.tally.counts;
  const unchecked = second === undefined ? { mismatch: 0, extraSource: 0, extraTarget: 0 } : first.tally.unchecked;
  const mismatchedRows = confirmed.mismatch + unchecked.mismatch;
  const extraRowsSource = confirmed.extraSource + unchecked.extraSource;
  const extraRowsTarget = confirmed.extraTarget + unchecked.extraTarget;
  const matchingRows = first.tally.matching + (second === undefined ? 0 : resolved(plan, first.tally, second.tally));
  const { tally, fields } = second ?? first;
  return {
    table: plan.table,
    processedRows: matchingRows + mismatchedRows + extraRowsSource + extraRowsTarget,
    matchingRows,
    mismatchedRows,
    extraRowsSource,
    extraRowsTarget,
    ...toSamples(tally.samples, plan, fields, options),
  };
}

/**
 * Rows that differed in the first pass and match now. Where the whole row is the key, equal rows were
 * counted in both passes, so only the differences that are gone tell.
 */
function resolved(plan: TablePlan, first: Tally, second: Tally): number {
  if (plan.keyed) return second.matching;
  const before = first.counts.extraSource + first.counts.extraTarget;
  const after =
    second.counts.extraSource + second.counts.extraTarget + first.unchecked.extraSource + first.unchecked.extraTarget;
  return Math.max(0, before - after);
}
