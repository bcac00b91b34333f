import { duration, flag, integer, list, type OptionValues, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { runVdiff, type VdiffResult } from "../../vdiff/client-engine.js";
import { MAX_SUSPECTS } from "../../vdiff/compare/align.js";
import { hasDifferences } from "../../vdiff/report.js";
import { resultDocument } from "../../vdiff/view/document.js";
import { renderJson } from "../../vdiff/view/render-json.js";
import { renderReport } from "../../vdiff/view/render-report.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";

const DIFFERENT = 3;

/** Flags of vtctlclient's VDiff v1, and ours behind them. */
export const compareOptions = {
  sourceCell: list("the source's cells to read from; all of the source cluster's when not given", {
    aliases: ["source_cells"],
  }),
  targetCell: list("the target's cells to read from; all when not given", { aliases: ["target_cells"] }),
  tabletTypes: text(
    "types of the tablets to read from, on the target with its primary as a last resort; create: by default PRIMARY, behind those types that the source alone has",
    "in_order:RDONLY,REPLICA,PRIMARY",
  ),
  filteredReplicationWaitTime: duration(
    "how long to wait at most for a tablet to catch up, to open a snapshot, or to send rows",
    30_000,
  ),
  lockTimeout: duration("how long to wait for the keyspace's lock that somebody else holds", 30_000, {
    spelling: "lock-timeout",
  }),
  limit: integer(
    "read rows, and stop after so many, all tables together; create: for each table and shard",
    Number.MAX_SAFE_INTEGER,
  ),
  full: flag("read every row of both sides, each table at one position, instead of comparing checksums first"),
  parallel: integer("checksums to ask each tablet for at once", 4),
  tables: list("compare only these tables of the workflow"),
  format: text("json prints vtctlclient's JSON report", ""),
  onlyPks: flag("show only the primary key of rows that differ"),
  debugQuery: flag("show for each row that differs a query that finds it"),
  maxExtraRowsToCompare: integer(
    `differing rows of a table that are looked at a second time; ${MAX_SUSPECTS} without an action`,
    1000,
  ),
  wait: flag("wait until the copy is done, then compare; create, resume: wait until it has ended"),
  waitTimeout: duration("with -wait: how long to wait; 0 waits as long as it takes", 0),
  v1: flag("accepted: without an action the comparison is always made from here", false, { hidden: true }),
  v2: flag("accepted: without an action the comparison is always made from here", false, { hidden: true }),
};

export type CompareOptions = OptionValues<typeof compareOptions>;

export interface CompareAnswer extends VdiffResult {
  action: "compare";
  format: string;
  toJSON(): object;
}

/**
 * VDiff without an action: a comparison made from here, with the flags and the report of vtctlclient's
 * VDiff v1 (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandVDiff). Exit code 3 when the tables differ.
 */
export async function compare(
  name: WorkflowName,
  options: CompareOptions,
  given: ReadonlySet<string>,
  ctx: Context,
): Promise<CompareAnswer> {
  if (options.limit <= 0) throw new UsageError("maximum number of rows to compare needs to be greater than 0");
  if (options.filteredReplicationWaitTime <= 0) {
    throw new UsageError("-filtered_replication_wait_time needs to be greater than 0");
  }
  if (options.maxExtraRowsToCompare < 0) {
    throw new UsageError("-max_extra_rows_to_compare must not be a negative value");
  }
  if (options.parallel <= 0) throw new UsageError("-parallel needs to be greater than 0");
  const result = await runVdiff(ctx, {
    ...name,
    tables: options.tables,
    sourceCells: options.sourceCell,
    targetCells: options.targetCell,
    tabletTypes: options.tabletTypes,
    waitMs: options.filteredReplicationWaitTime,
    lockMs: options.lockTimeout,
    limit: options.limit,
    maxSuspects: given.has("maxExtraRowsToCompare") ? options.maxExtraRowsToCompare : MAX_SUSPECTS,
    full: options.full,
    parallel: options.parallel,
    waitForCopyMs: options.wait || given.has("waitTimeout") ? options.waitTimeout : undefined,
    onlyPks: options.onlyPks,
    debugQuery: options.debugQuery,
  });
  return { action: "compare", ...result, format: options.format.toLowerCase(), toJSON: () => resultDocument(result) };
}

/** For the actions too. */
export function requireFormat(format: string): void {
  if (["", "text", "json"].includes(format.toLowerCase())) return;
  throw new UsageError(`unknown format ${format}`, { hint: "Write -format json, or leave it out for text." });
}

export function viewCompare(result: CompareAnswer, io: Io): void {
  if (result.format === "json") io.write(renderJson(result.tables));
  else io.write(renderReport(result));
  summarize(result, io);
}

export function compareExitCode(result: CompareAnswer): number {
  return result.hasDifferences ? DIFFERENT : 0;
}

function summarize(result: VdiffResult, io: Io): void {
  const name = formatWorkflowName(result);
  const differing = result.tables.filter(hasDifferences);
  if (differing.length > 0) {
    io.note(
      `${differing.map((table) => table.table).join(", ")} of ${name} ${differing.length === 1 ? "differs" : "differ"}.`,
    );
    return;
  }
  if (result.complete) {
    io.note(
      `Source and target of ${name} are equal. Once nothing writes to the source: vtmigrate Migrate Complete ${name}`,
    );
  }
}
