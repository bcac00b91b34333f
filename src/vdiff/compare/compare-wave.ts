import { PlacementCheck } from "../placement/placement-check.js";
import { placementReport } from "../placement/placement-report.js";
import type { TablePlacement } from "../placement/placements.js";
import type { TableReport } from "../report.js";
import type { VdiffRun } from "../run-context.js";
import { comparePass, type Found, type Job, type Task } from "./pass.js";
import type { Row } from "./row-shape.js";
import { type SampleOptions, type SideFields, sampleRow } from "./samples.js";
import { suspectCondition } from "./suspect-condition.js";
import { jobReport } from "./table-report.js";
import type { Tally } from "./tally.js";

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

/**
 * Compares jobs at the same time. What differs is read again, on both sides at a new common position, and only what
 * differs then as well is reported: a row may have been caught between a source tablet's commit order and
 * that of the stream.
 */
export async function compareWave(run: VdiffRun, jobs: readonly Job[], options: CompareOptions): Promise<Compared[]> {
  const firsts = await firstLook(run, jobs, options);
  const seconds = await secondLook(run, firsts, options);
  return [...firsts].map(([job, first]) => {
    const second = seconds.get(job);
    noteUnchecked(run, job, first, second);
    const { steps, fields, placement } = first;
    const sampleOf = (row: Row) => sampleRow(row, job.plan, fields.target, options);
    const report = {
      ...jobReport(job.plan, first, second, options),
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

/**
 * For the jobs in which something differs. A row that isn't found by its key on either side may have been deleted on both,
 * or the key isn't what the tablets have shown of it: then only reading everything tells, which isn't done behind a limit.
 */
async function secondLook(
  run: VdiffRun,
  firsts: ReadonlyMap<Job, Found>,
  options: CompareOptions,
): Promise<Map<Job, Found>> {
  const read = (wanted: readonly Task[]) =>
    comparePass(run, wanted, {
      limit: Number.POSITIVE_INFINITY,
      maxSuspects: options.maxSuspects,
      onProgress: (job, state, rows) => {
        const certain = firsts.get(job)?.tally.matching ?? 0;
        options.onProgress(job, state === "synchronizing" ? state : "checking differences", certain + rows);
      },
    });
  const tasks = [...firsts].flatMap(([job, first]) => secondTask(job, first));
  const seconds = await read(tasks);
  const inVain = tasks.filter(({ job, condition, onlyKeys }) => {
    const met = seconds.get(job)?.tally;
    return condition !== job.condition && [...onlyKeys.keys()].some((key) => !met?.hasMet(key));
  });
  for (const { job } of inVain.filter(({ job }) => firsts.get(job)?.cut)) {
    run.note(`table ${job.plan.table}: some rows that differed were on neither side when they were read again`);
  }
  const again = inVain.filter(({ job }) => !firsts.get(job)?.cut);
  const thirds = await read(again.map((task) => ({ ...task, condition: task.job.condition })));
  return new Map([...seconds, ...thirds]);
}

/** None where nothing differs, or where a limit would be passed; postponed rows have to be counted all the same. */
function secondTask(job: Job, first: Found): (Task & { onlyKeys: Tally["suspects"] })[] {
  const { tally, cut } = first;
  if (tally.suspects.size === 0) return [];
  const condition = suspectCondition(job.plan, first);
  if (condition === undefined && cut && !tally.hasPostponed) return [];
  return [{ job, condition: condition ?? job.condition, onlyKeys: tally.suspects }];
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

function noteUnchecked(run: VdiffRun, { plan: { table } }: Job, { tally }: Found, second: Found | undefined): void {
  const sum = (counts: Tally["counts"]) => Object.values(counts).reduce((total, count) => total + count, 0);
  const unchecked = sum(tally.unchecked);
  if (second === undefined && tally.suspects.size > 0) {
    if (sum(tally.counts) === 0) return;
    run.note(`table ${table}: its differences were not read a second time: that takes all of its rows, beyond -limit`);
  } else if (unchecked > 0) {
    run.note(
      `table ${table}: the first ${tally.suspects.size} differences were read a second time, ${unchecked} more were not`,
    );
  }
}
