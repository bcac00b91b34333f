import type { CommandInput } from "../../cli/command.js";
import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { AuthError, UnreachableError, UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { awaitCopy, rowEstimates, sumRows } from "../../migrate/create/await-copy.js";
import { awaitStart, type StreamLine, streamLine } from "../../migrate/create/await-start.js";
import { type CreateResult, createMigrate } from "../../migrate/create/create.js";
import type { CreateRequest } from "../../migrate/create/request.js";
import { openSourceReader } from "../../migrate/create/source-reader.js";
import type { CheckReport } from "../../migrate/preflight/check.js";
import { parseSkippedChecks } from "../../migrate/preflight/names.js";
import type { PlannedStep } from "../../plan.js";
import type { OnDdl } from "../../wire/binlog-source.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { printSteps } from "../steps.js";
import { type MigrateOptions, type migrateOptions, requireFitForAtomicCopy } from "./options.js";
import { ansic, NOT_SWITCHED, printDryRunHead, printSuccess } from "./text.js";

export interface CreateAnswer extends WorkflowName {
  action: "create";
  /** The action as it was typed. */
  typed: string;
  tables: string[];
  steps: PlannedStep[];
  checks: CheckReport[];
  dryRun?: { at: Date; parameters: string[] };
  /** Absent without -auto_start. */
  streams?: StreamLine[];
}

/** Migrate Create: what is waited for, and how the result reads. */
export async function create(
  name: WorkflowName,
  input: CommandInput<typeof migrateOptions>,
  ctx: Context,
): Promise<CreateAnswer> {
  const { options, args, argv } = input;
  requireFitForAtomicCopy(options);
  const wait = options.wait || input.given.has("waitTimeout");
  if (options.all && options.tables !== "") ctx.io.note("-all has no effect beside -tables.");
  if (wait && !options.autoStart) throw new UsageError("-wait needs started streams, and -auto_start is off");
  const created = await createMigrate(ctx, createRequest(name, input));
  for (const note of created.notes) ctx.io.note(note);
  const answer: CreateAnswer = {
    action: "create",
    typed: args[0] ?? "Create",
    ...name,
    tables: created.tables,
    steps: created.steps,
    checks: created.checks,
  };
  if (options.dryRun) return { ...answer, dryRun: { at: ctx.clock.now(), parameters: argv } };
  ctx.io.note(
    `VTGates hear of the tables only at Complete, but a query that names keyspace ${name.keyspace} reaches them already, half copied.`,
  );
  if (!options.autoStart) return answer;
  try {
    const streams = await awaitStart(ctx, name, created.targets, options.timeout);
    if (wait) return { ...answer, streams: await waitForCopy(ctx, name, created, options) };
    ctx.io.note(`Next: vtmigrate Workflow ${formatWorkflowName(name)} show`);
    return { ...answer, streams };
  } catch (error) {
    // Failures of the streams themselves say what becomes of them.
    const isOfWaiting = ctx.signal.aborted || error instanceof UnreachableError || error instanceof AuthError;
    if (isOfWaiting) ctx.io.note(`Only the waiting ends: workflow ${formatWorkflowName(name)} goes on.`);
    throw error;
  }
}

/** What of the options is the domain's; UsageErrors for their values. */
export function createRequest(
  name: WorkflowName,
  { options, given }: CommandInput<typeof migrateOptions>,
): CreateRequest {
  return {
    name,
    source: options.source,
    all: options.all,
    tables: options.tables,
    exclude: options.exclude,
    cells: names(options.cells),
    tabletTypes: options.tabletTypes,
    shards: names(options.sourceShards),
    onDdl: parseOnDdl(options.onDdl),
    stopAfterCopy: options.stopAfterCopy,
    atomicCopy: options.atomicCopy,
    dropForeignKeys: options.dropForeignKeys,
    sourceTimeZone: options.sourceTimeZone,
    deferSecondaryKeys: given.has("deferSecondaryKeys") ? options.deferSecondaryKeys : undefined,
    autoStart: options.autoStart,
    force: options.force,
    skipChecks: parseSkippedChecks(options.skipChecks),
    dryRun: options.dryRun,
    lockTimeoutMs: options.lockTimeout,
  };
}

async function waitForCopy(
  ctx: Context,
  name: WorkflowName,
  created: CreateResult,
  options: MigrateOptions,
): Promise<StreamLine[]> {
  const expectedRows = await sourceRows(ctx, created);
  const wait = { name, targets: created.targets, expectedRows, timeoutMs: options.waitTimeout };
  const streams = await awaitCopy(ctx, wait);
  ctx.io.note(`The copy is done. Next: vtmigrate VDiff ${formatWorkflowName(name)}`);
  return streams.map((stream) => streamLine(stream, ctx.clock.now()));
}

/** Only to show how far the copy is: source tablets that don't answer now leave their estimates out. */
async function sourceRows(ctx: Context, { source, tables }: CreateResult): Promise<ReadonlyMap<string, number>> {
  const rows = sumRows(source.definitions);
  const others = source.shards.slice(1);
  try {
    const readers = await forEachAtOnce(others, (shard) => openSourceReader(ctx, shard, source, ctx.signal));
    const tablets = readers.map(({ tablet }) => tablet);
    for (const [table, more] of await rowEstimates(tablets, tables, ctx.signal)) {
      rows.set(table, (rows.get(table) ?? 0) + more);
    }
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    ctx.log.warn({ err: error }, "no row estimates of the other source shards");
  }
  return rows;
}

function names(list: string[]): string[] {
  return list.map((name) => name.trim()).filter((name) => name !== "");
}

/** The text of v22, go/vt/vtctl/vtctl.go: percentages are left to progress on stderr. */
export function viewCreate(answer: CreateAnswer, io: Io): void {
  const { dryRun, streams, typed } = answer;
  if (dryRun !== undefined) {
    printDryRunHead(io, typed, dryRun.at, dryRun.parameters);
    printSteps(io, answer.steps);
    return;
  }
  if (streams === undefined) {
    io.print("Workflow has been created in Stopped state");
    printSuccess(io, typed, answer, "Not Created", NOT_SWITCHED);
    return;
  }
  io.print("Waiting for workflow to start:");
  io.print("");
  io.print(`Workflow started successfully with ${streams.length} stream(s)`);
  io.print("");
  io.print(`The following vreplication streams exist for workflow ${formatWorkflowName(answer)}:`);
  io.print("");
  for (const stream of streams)
    io.print(`id=${stream.id} on ${stream.place}: Status: ${stream.state}${detail(stream)}`);
  io.print("");
}

function detail(stream: StreamLine): string {
  if (stream.state === "Error") return `: ${stream.message}.`;
  if (!stream.started) return ". VStream has not started.";
  const seconds = stream.transactionTimestamp;
  const time = seconds > 0 ? ` Tx time: ${ansic(new Date(seconds * 1000))}.` : "";
  return `. VStream Lag: ${stream.lagSeconds}s.${time}`;
}

const ON_DDL: OnDdl[] = ["IGNORE", "STOP", "EXEC", "EXEC_IGNORE"];

/** UsageError "invalid value for on-ddl: <upper-cased>". */
export function parseOnDdl(text: string): OnDdl {
  const typed = text.toUpperCase();
  const value = ON_DDL.find((known) => known === typed);
  if (value === undefined) {
    throw new UsageError(`invalid value for on-ddl: ${typed}`, { hint: `One of ${ON_DDL.join(", ")}.` });
  }
  return value;
}
