import type { Progress, ProgressRow } from "../io/io.js";
import type { TablePlan } from "./plan/plan.js";

/** The progress display of one run: a row per table, in the order of comparison. */
export class TableProgress {
  private readonly rows: Map<string, ProgressRow>;

  constructor(
    private readonly display: Progress,
    plans: readonly TablePlan[],
  ) {
    this.rows = new Map(
      plans.map(({ table, estimatedRows }) => [
        table,
        { label: table, done: 0, total: estimatedRows, estimated: true, state: "", finished: false },
      ]),
    );
  }

  update(table: string, state: string, done: number): void {
    const row = this.rows.get(table);
    if (row === undefined) return;
    row.state = state;
    row.done = done;
    this.display.update([...this.rows.values()]);
  }

  finish(table: string, state: string, done: number): void {
    const row = this.rows.get(table);
    if (row !== undefined) row.finished = true;
    this.update(table, state, done);
  }

  done(): void {
    this.display.done();
  }
}
