import type { CommandInput } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { type CancelResult, cancelMigrate } from "../../migrate/end/cancel.js";
import type { WorkflowName } from "../../workflow/name.js";
import { printSteps } from "../steps.js";
import type { migrateOptions } from "./options.js";
import { NOT_SWITCHED, printDryRunHead, printSuccess } from "./text.js";

export interface CancelAnswer extends WorkflowName, CancelResult {
  action: "cancel";
  typed: string;
  dryRun?: { at: Date; parameters: string[] };
}

/** Migrate Cancel. */
export async function cancel(
  name: WorkflowName,
  input: CommandInput<typeof migrateOptions>,
  ctx: Context,
): Promise<CancelAnswer> {
  const { options, args, argv } = input;
  const { keepData, yes, force, dryRun, lockTimeout: lockTimeoutMs } = options;
  const result = await cancelMigrate(ctx, { name, keepData, yes, force, dryRun, lockTimeoutMs });
  const answer: CancelAnswer = { action: "cancel", typed: args[0] ?? "Cancel", ...name, ...result };
  return dryRun ? { ...answer, dryRun: { at: ctx.clock.now(), parameters: argv } } : answer;
}

/** What was dropped and what stays is told on stderr, as it happens. */
export function viewCancel(answer: CancelAnswer, io: Io): void {
  if (answer.dryRun === undefined) {
    printSuccess(io, answer.typed, answer, NOT_SWITCHED, "Workflow Not Found");
    return;
  }
  printDryRunHead(io, answer.typed, answer.dryRun.at, answer.dryRun.parameters);
  printSteps(io, answer.steps);
}
