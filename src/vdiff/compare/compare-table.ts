import type { ShardGroup } from "../plan/layout.js";
import type { TablePlan } from "../plan/plan.js";
import type { TableReport } from "../report.js";
import type { VdiffRun } from "../run-context.js";
import { isFindable, keyCondition, sqlLiteral } from "./literals.js";
import { comparePass, type Found, type PassOptions } from "./pass.js";
import type { SampleOptions, SideFields } from "./samples.js";
import { groupReport, sumReports } from "./table-report.js";

export interface CompareOptions extends SampleOptions, Pick<PassOptions, "limit" | "maxPendingBytes" | "maxSuspects"> {
  onProgress(state: string, processed: number): void;
}

export interface Compared {
  report: TableReport;
  /** Of options.limit. */
  steps: number;
  /** Undefined when the limit was 0. */
  fields: SideFields | undefined;
}

/** So many keys fit into one statement; beyond that the whole table is read a second time. */
const MAX_KEYS = 1000;
/** Snapshots open at once, where a table's shards can be compared apart from each other. */
const MAX_SNAPSHOTS = 32;

/**
 * Compares one table, group of shards by group. What differs is read again, on both sides at a new common position, and
 * only what differs then as well is reported: a row may have been caught between a source tablet's commit
 * order and that of the stream.
 */
export async function compareTable(run: VdiffRun, plan: TablePlan, options: CompareOptions): Promise<Compared> {
  const reports: TableReport[] = [];
  let steps = 0;
  let processed = 0;
  let fields: SideFields | undefined;
  for (const groups of inWaves(plan.groups)) {
    const limit = options.limit - steps;
    if (limit <= 0) break;
    const before = processed;
    const onProgress = (state: string, rows: number) => options.onProgress(state, before + rows);
    const wave = await compareWave(run, plan, groups, { ...options, limit, onProgress });
    for (const { first, report } of wave) {
      reports.push(report);
      steps += first.steps;
      processed += report.processedRows;
      fields ??= first.fields;
    }
  }
  return { report: sumReports(plan.table, reports), steps, fields };
}

/** Groups that are read at the same time. */
function inWaves(groups: readonly ShardGroup[]): ShardGroup[][] {
  const waves: ShardGroup[][] = [];
  let room = 0;
  for (const group of groups) {
    const size = group.sources.length + group.targets.length;
    if (size > room) {
      waves.push([]);
      room = MAX_SNAPSHOTS;
    }
    waves.at(-1)?.push(group);
    room -= size;
  }
  return waves;
}

async function compareWave(
  run: VdiffRun,
  plan: TablePlan,
  groups: readonly ShardGroup[],
  options: CompareOptions,
): Promise<{ first: Found; report: TableReport }[]> {
  const all = groups.map((group) => ({ group, condition: "" }));
  const firsts = await comparePass(run, plan, all, options);
  const seconds = await secondLook(run, plan, firsts, options);
  noteUnchecked(run, plan, firsts);
  return firsts.map((first) => ({ first, report: groupReport(plan, first, seconds.get(first.group), options) }));
}

/** By group, for those in which something differs. */
async function secondLook(
  run: VdiffRun,
  plan: TablePlan,
  firsts: readonly Found[],
  options: CompareOptions,
): Promise<Map<ShardGroup, Found>> {
  const doubtful = firsts.filter(({ tally }) => tally.suspects.size > 0);
  if (doubtful.length === 0) return new Map();
  await learnTimes(run, plan, doubtful);
  const tasks = doubtful.map((first) => ({
    group: first.group,
    condition: suspectCondition(plan, first),
    onlyKeys: first.tally.suspects,
  }));
  const certain = firsts.reduce((sum, { tally }) => sum + tally.matching, 0);
  const seconds = await comparePass(run, plan, tasks, {
    ...options,
    limit: Number.POSITIVE_INFINITY,
    onProgress: (state, rows) =>
      options.onProgress(state === "comparing" ? "checking differences" : state, certain + rows),
  });
  return new Map(seconds.map((second) => [second.group, second]));
}

/** The times of rows that differ, and what the target's MySQL makes of them. */
async function learnTimes(run: VdiffRun, plan: TablePlan, found: readonly Found[]): Promise<void> {
  const { timeZones, shape } = plan;
  const [target] = run.targetTablets.values();
  if (timeZones === undefined || target === undefined) return;
  const rows = found.flatMap(({ tally }) => [...tally.suspects.values()]);
  const times = rows.flatMap((row) => (shape.zoned ?? []).flatMap((i) => row[i]?.toString("latin1") ?? []));
  await timeZones.learn(target, [...new Set(times)], { signal: run.signal, timeoutMs: run.waitMs });
}

/** A WHERE that finds the suspects by their primary key; "" where only reading everything does. */
function suspectCondition(plan: TablePlan, { tally, fields }: Found): string {
  if (!plan.keyed || tally.suspects.size > MAX_KEYS) return "";
  const columns = plan.shape.key.flatMap((i) => plan.columns[i] ?? []);
  if (columns.some(({ label, sourceTerm, targetTerm }) => sourceTerm !== label || targetTerm !== label)) return "";
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

function noteUnchecked(run: VdiffRun, plan: TablePlan, firsts: readonly Found[]): void {
  const counts = firsts.flatMap(({ tally }) => Object.values(tally.unchecked));
  const unchecked = counts.reduce((sum, count) => sum + count, 0);
  if (unchecked === 0) return;
  const checked = firsts.reduce((sum, { tally }) => sum + tally.suspects.size, 0);
  run.note(`table ${plan.table}: the first ${checked} differences were read a second time, ${unchecked} more were not`);
}
