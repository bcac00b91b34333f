import type { Progress } from "../../io/io.js";
import type { Summary } from "./summary.js";
import { formatTime } from "./time.js";

/** The progress display of a VDiff that the tablets make: a row per table, once they have made their plan. */
export class EngineProgress {
  constructor(private readonly display: Progress) {}

  update({ tables }: Summary): void {
    this.display.update(
      tables.map((table) => ({
        label: table.name,
        done: table.rowsCompared,
        ...(table.rows > 0 && { total: table.rows }),
        estimated: true,
        state: table.state !== "completed" ? table.state : table.hasMismatch ? "differs" : "equal",
        finished: table.state === "completed" || table.state === "stopped",
      })),
    );
  }

  done(): void {
    this.display.done();
  }
}

/** "VDiff <uuid> is started: 45.21%, 196 rows compared, no differences so far, done at about 2026-11-22 16:40:00 UTC" */
export function progressLine({ uuid, state, progress, rowsCompared, hasMismatch }: Summary): string {
  const parts = [
    ...(progress === undefined ? [] : [`${progress.percentage.toFixed(2)}%`]),
    `${rowsCompared} rows compared`,
    hasMismatch ? "differences found" : "no differences so far",
    ...(progress?.eta === undefined ? [] : [`done at about ${formatTime(progress.eta)} UTC`]),
  ];
  return `VDiff ${uuid} is ${state === "error" ? "in error" : state || "unknown"}: ${parts.join(", ")}`;
}
