import { PlacementCheck } from "../placement/placement-check.js";
import { placementReport } from "../placement/placement-report.js";
import type { TablePlacement } from "../placement/placements.js";
import type { TablePlan } from "../plan/plan.js";
import { isPlain } from "../plan/table-columns.js";
import type { TableReport } from "../report.js";
import type { VdiffRun } from "../run-context.js";
import { isFindable, keyCondition, sqlLiteral } from "./literals.js";
import { comparePass, type Found, type Job } from "./pass.js";
import type { Row } from "./row-shape.js";
import { type SampleOptions, type SideFields, sampleRow } from "./samples.js";
import { jobReport } from "./table-report.js";

export interface CompareOptions extends SampleOptions {
  /** Steps at most, all jobs together. */
  limit: number;
  /** Differing rows of a job that are read a second time before they are reported. */
  maxSuspects: number;
  onProgress(job: Job, state: string, processed: number, bytes?: number): void;
}

export interface Compared {
  job: Job;
  report: TableReport;
  /** Of options.limit. */
  steps: number;
  fields: SideFields;
}

/** So many keys fit into one statement; beyond that all of the job's rows are read a second time. */
const MAX_KEYS = 1000;

/**
 * Compares jobs at the same time. What differs is read again, on both sides at a new common position, and only what
 * differs then as well is reported: a row may have been caught between a source tablet's commit order and
 * that of the stream.
 */
export async function compareWave(run: VdiffRun, jobs: readonly Job[], options: CompareOptions): Promise<Compared[]> {
  const firsts = await firstLook(run, jobs, options);
  const seconds = await secondLook(run, firsts, options);
  return [...firsts].map(([job, first]) => {
    noteUnchecked(run, job, first);
    const { steps, fields, placement } = first;
    const sampleOf = (row: Row) => sampleRow(row, job.plan, fields.target, options);
    const report = {
      ...jobReport(job.plan, first, seconds.get(job), options),
      ...placementReport(placementOf(run, job), placement, sampleOf),
    };
    return { job, report, steps, fields };
  });
}

function placementOf({ placements }: VdiffRun, { plan: { table, columns } }: Job): TablePlacement {
  return placements.table(table, columns);
}

/**
 * Every row that the jobs are about, and where it lies. Where times tell rows apart, they are told apart anew once it is
 * known which of them mean the same.
 */
async function firstLook(run: VdiffRun, jobs: readonly Job[], options: CompareOptions): Promise<Map<Job, Found>> {
  const read = (wanted: readonly Job[]) => {
    const tasks = wanted.map((job) => {
      const { rule } = placementOf(run, job);
      return { job, condition: job.condition, placement: rule && new PlacementCheck(rule) };
    });
    return comparePass(run, tasks, options);
  };
  const firsts = await read(jobs);
  let learned = false;
  for (const [job, found] of firsts) learned = (await learnTimes(run, job, found)) || learned;
  const again = jobs.filter((job) => learned && hasTimesInKey(job) && (firsts.get(job)?.tally.suspects.size ?? 0) > 0);
  if (again.length > 0) for (const [job, found] of await read(again)) firsts.set(job, found);
  return firsts;
}

function hasTimesInKey({ plan: { shape } }: Job): boolean {
  return shape.key.some((i) => shape.zoned?.includes(i));
}

/** For the jobs in which something differs. */
async function secondLook(
  run: VdiffRun,
  firsts: ReadonlyMap<Job, Found>,
  options: CompareOptions,
): Promise<Map<Job, Found>> {
  const doubtful = [...firsts].filter(([, { tally }]) => tally.suspects.size > 0);
  if (doubtful.length === 0) return new Map();
  const tasks = doubtful.map(([job, first]) => ({
    job,
    condition: suspectCondition(job.plan, first) ?? job.condition,
    onlyKeys: first.tally.suspects,
  }));
  return comparePass(run, tasks, {
    limit: Number.POSITIVE_INFINITY,
    maxSuspects: options.maxSuspects,
    onProgress: (job, state, rows) => {
      const certain = firsts.get(job)?.tally.matching ?? 0;
      options.onProgress(job, state === "synchronizing" ? state : "checking differences", certain + rows);
    },
  });
}

/** The times of rows that differ, and what the target's MySQL makes of them. */
async function learnTimes(run: VdiffRun, { plan, group }: Job, { tally }: Found): Promise<boolean> {
  const { timeZones, shape } = plan;
  const tablet = run.targetTablets.get(group.targets[0] ?? "");
  if (timeZones === undefined || tablet === undefined) return false;
  const times = new Set<string>();
  for (const row of tally.suspects.values()) {
    for (const i of shape.zoned ?? []) {
      const value = row[i];
      if (value != null) times.add(value.toString("latin1"));
    }
  }
  return timeZones.learn(tablet, [...times], { signal: run.signal, timeoutMs: run.waitMs });
}

/** A WHERE that finds the suspects by their primary key; undefined where only reading everything does. */
function suspectCondition(plan: TablePlan, { tally, fields }: Found): string | undefined {
  if (!plan.keyed || tally.suspects.size > MAX_KEYS) return undefined;
  const columns = plan.shape.key.flatMap((i) => plan.columns[i] ?? []);
  if (!columns.every(isPlain)) return undefined;
  const types = plan.shape.key.map((i) => [fields.source[i]?.type ?? "", fields.target[i]?.type ?? ""]);
  if (!types.flat().every(isFindable)) return undefined;
  const rows = [...tally.suspects.values()].map((row) =>
    plan.shape.key.map((i, at) => sqlLiteral(row[i] ?? null, types[at]?.[0] ?? "")),
  );
  // MySQL in strict mode refuses zero dates as literals.
  if (rows.flat().some((literal) => literal.startsWith("'0000-00-00"))) return undefined;
  return keyCondition(
    columns.map((column) => column.label),
    rows,
  );
}

function noteUnchecked(run: VdiffRun, { plan }: Job, { tally }: Found): void {
  const unchecked = Object.values(tally.unchecked).reduce((sum, count) => sum + count, 0);
  if (unchecked === 0) return;
  run.note(
    `table ${plan.table}: the first ${tally.suspects.size} differences were read a second time, ${unchecked} more were not`,
  );
}
