import type { Io } from "../io/io.js";
import { type PlannedStep, stepLines } from "../plan.js";

/** The steps of a dry run beside an answer whose text is vtctlclient's. */
export function noteSteps(io: Io, steps: readonly PlannedStep[]): void {
  io.note("In this order:");
  for (const line of stepLines(steps)) io.note(`  ${line}`);
}

/** The steps of a dry run as its answer. */
export function printSteps(io: Io, steps: readonly PlannedStep[]): void {
  for (const line of stepLines(steps)) io.print(line);
}
