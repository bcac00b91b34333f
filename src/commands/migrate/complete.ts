import type { CommandInput } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { type CompleteResult, completeMigrate } from "../../migrate/end/complete.js";
import type { WorkflowName } from "../../workflow/name.js";
import { noteSteps } from "../steps.js";
import type { migrateOptions } from "./options.js";
import { NOT_FOUND, NOT_SWITCHED, printDryRunHead, printSuccess } from "./text.js";

export interface CompleteAnswer extends WorkflowName, CompleteResult {
  action: "complete";
  typed: string;
  dryRun?: { at: Date; parameters: string[] };
}

/** Migrate Complete. */
export async function complete(
  name: WorkflowName,
  input: CommandInput<typeof migrateOptions>,
  ctx: Context,
): Promise<CompleteAnswer> {
  const { options, args, argv } = input;
  const { timeout: timeoutMs, lockTimeout: lockTimeoutMs, force, dryRun } = options;
  const deniedTables = options.tables === "" ? [] : options.tables.split(",").map((table) => table.trim());
  const result = await completeMigrate(ctx, { name, timeoutMs, lockTimeoutMs, force, dryRun, deniedTables });
  const answer: CompleteAnswer = { action: "complete", typed: args[0] ?? "Complete", ...name, ...result };
  for (const line of result.advice) ctx.io.note(line);
  if (deniedTables.length > 0 && result.allowed.length === 0) {
    ctx.io.note("No effect on Migrate Complete of a workflow that exists: -tables");
  }
  if (!dryRun) return answer;
  noteSteps(ctx.io, result.steps);
  return { ...answer, dryRun: { at: ctx.clock.now(), parameters: argv } };
}

/** The dry run's lines are those of go/vt/wrangler/switcher_dry_run.go; our own steps are on stderr. */
export function viewComplete(answer: CompleteAnswer, io: Io): void {
  const { keyspace, workflow, dryRun } = answer;
  if (dryRun === undefined) {
    printSuccess(io, answer.typed, answer, answer.allowed.length > 0 ? NOT_FOUND : NOT_SWITCHED, NOT_FOUND);
    return;
  }
  printDryRunHead(io, answer.typed, dryRun.at, dryRun.parameters);
  io.print(`Lock keyspace ${keyspace}`);
  io.print("Delete vreplication streams on target:");
  const places = answer.targets.map(
    ({ shard, dbName, uid }) =>
      `\tKeyspace ${keyspace} Shard ${shard} Workflow ${workflow} DbName ${dbName} Tablet ${uid}`,
  );
  for (const line of places.sort()) io.print(line);
  io.print("All source tables will be added to the target keyspace vschema");
  io.print(`Unlock keyspace ${keyspace}`);
}
