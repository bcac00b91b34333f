import type { Progress, ProgressRow } from "../io/io.js";
import type { Job } from "./compare/pass.js";
import type { TablePlan } from "./plan/plan.js";

interface TableRow {
  shown: ProgressRow;
  /** By job. */
  done: Map<Job, { rows: number; bytes: number }>;
  /** Jobs of which all rows were read: when these are all jobs, nothing has to be estimated any more. */
  read: Set<Job>;
  jobs: number;
  unfinished: number;
  differs: boolean;
}

/** How a job ended. */
export interface Finished {
  differs: boolean;
  /** False where a limit ended it. */
  whole: boolean;
  rows: number;
}

/** The progress display of one run: a row per table, in the order of the plans. A table's jobs are added up. */
export class TableProgress {
  private readonly rows: Map<TablePlan, TableRow>;

  constructor(
    private readonly display: Progress,
    plans: readonly TablePlan[],
  ) {
    this.rows = new Map(
      plans.map((plan) => {
        const { table, estimatedRows, roughEstimate } = plan;
        const total = { total: estimatedRows, estimated: true, rough: roughEstimate };
        const shown = { label: table, done: 0, ...total, state: "waiting", finished: false };
        const jobs = plan.groups.length;
        return [plan, { shown, done: new Map(), read: new Set(), jobs, unfinished: jobs, differs: false }];
      }),
    );
  }

  /**
   * `bytes` as far as they are counted: what is read again doesn't count again. State "read" tells that there are no more
   * rows.
   */
  update(job: Job, state: string, rows: number, bytes = 0): void {
    const row = this.rows.get(job.plan);
    if (row === undefined) return;
    row.done.set(job, { rows, bytes: Math.max(bytes, row.done.get(job)?.bytes ?? 0) });
    row.shown.state = state;
    const all = [...row.done.values()];
    row.shown.done = all.reduce((sum, done) => sum + done.rows, 0);
    const read = all.reduce((sum, done) => sum + done.bytes, 0);
    if (read > 0) row.shown.bytes = read;
    if (state === "read" && row.read.add(job).size === row.jobs) {
      Object.assign(row.shown, { total: row.shown.done, estimated: false, rough: false });
    }
    this.display.update([...this.rows.values()].map(({ shown }) => shown));
  }

  /** A job goes on as so many others. */
  split(job: Job, parts: number): void {
    const row = this.rows.get(job.plan);
    if (row === undefined) return;
    row.unfinished += parts - 1;
    row.jobs += parts - 1;
  }

  finish(job: Job, { differs, whole, rows }: Finished): void {
    const row = this.rows.get(job.plan);
    if (row === undefined) return;
    row.unfinished--;
    row.read.add(job);
    row.differs ||= differs;
    row.shown.finished = row.unfinished === 0 && whole;
    const equal = whole ? "equal" : "equal up to the limit";
    this.update(job, row.unfinished > 0 ? "comparing" : row.differs ? "differs" : equal, rows);
  }

  done(): void {
    this.display.done();
  }
}
