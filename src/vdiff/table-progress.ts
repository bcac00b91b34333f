import type { Progress, ProgressRow } from "../io/io.js";
import type { Job } from "./compare/pass.js";
import type { TablePlan } from "./plan/plan.js";

interface TableRow {
  shown: ProgressRow;
  /** Rows by job. */
  done: Map<Job, number>;
  unfinished: number;
  differs: boolean;
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
        const { table, estimatedRows } = plan;
        const shown = { label: table, done: 0, total: estimatedRows, estimated: true, state: "", finished: false };
        return [plan, { shown, done: new Map(), unfinished: plan.groups.length, differs: false }];
      }),
    );
  }

  update(job: Job, state: string, done: number): void {
    const row = this.rows.get(job.plan);
    if (row === undefined) return;
    row.done.set(job, done);
    row.shown.state = state;
    row.shown.done = [...row.done.values()].reduce((sum, rows) => sum + rows, 0);
    this.display.update([...this.rows.values()].map(({ shown }) => shown));
  }

  /** A job goes on as so many others. */
  split(job: Job, parts: number): void {
    const row = this.rows.get(job.plan);
    if (row !== undefined) row.unfinished += parts - 1;
  }

  finish(job: Job, differs: boolean, done: number): void {
    const row = this.rows.get(job.plan);
    if (row === undefined) return;
    row.unfinished--;
    row.differs ||= differs;
    row.shown.finished = row.unfinished === 0;
    this.update(job, !row.shown.finished ? "comparing" : row.differs ? "differs" : "equal", done);
  }

  done(): void {
    this.display.done();
  }
}
