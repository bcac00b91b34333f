import { duration, flag, integer, list, type OptionValues, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { runVdiff, type VdiffResult } from "../../vdiff/client-engine.js";
import { hasDifferences } from "../../vdiff/report.js";
import { renderJson } from "../../vdiff/view/render-json.js";
import { reportDocument } from "../../vdiff/view/render-result.js";
import { renderText } from "../../vdiff/view/render-text.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";

const DIFFERENT = 3;

/** Flags of vtctlclient's VDiff v1, and ours behind them. */
export const compareOptions = {
  sourceCell: list("the source's cells to read from; all of the source cluster's when not given", {
    aliases: ["source_cells"],
  }),
  targetCell: list("the target's cells to read from; all when not given", { aliases: ["target_cells"] }),
  tabletTypes: text(
    "types of the tablets to read from, on the target with its primary as a last resort",
    "in_order:RDONLY,REPLICA,PRIMARY",
  ),
  filteredReplicationWaitTime: duration(
    "how long to wait at most for a tablet to catch up, to open a snapshot, or to send rows",
    30_000,
  ),
  limit: integer("stop after so many rows, all tables together", Number.MAX_SAFE_INTEGER),
  full: flag("read every row of both sides, each table at one position"),
  tables: list("compare only these tables of the workflow"),
  format: text("json prints vtctlclient's JSON report", ""),
  onlyPks: flag("show only the primary key of rows that differ"),
  debugQuery: flag("show for each row that differs a query that finds it"),
  maxExtraRowsToCompare: integer("accepted; rows are matched by key, whatever their order", 1000),
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
 * VDiff without an action: a full comparison made from here, with the flags and the report of vtctlclient's
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
  const result = await runVdiff(ctx, {
    ...name,
    tables: options.tables,
    sourceCells: options.sourceCell,
    targetCells: options.targetCell,
    tabletTypes: options.tabletTypes,
    waitMs: options.filteredReplicationWaitTime,
    limit: options.limit,
    waitForCopyMs: options.wait || given.has("waitTimeout") ? options.waitTimeout : undefined,
    onlyPks: options.onlyPks,
    debugQuery: options.debugQuery,
  });
  return { action: "compare", ...result, format: options.format.toLowerCase(), toJSON: () => document(result) };
}

/** For the actions too. */
export function requireFormat(format: string): void {
  if (["", "text", "json"].includes(format.toLowerCase())) return;
  throw new UsageError(`unknown format ${format}`, { hint: "Write -format json, or leave it out for text." });
}

export function viewCompare(result: CompareAnswer, io: Io): void {
  if (result.format === "json") io.write(renderJson(result.tables));
  else io.write(`${renderText(result.tables)}\nVDiff took ${result.seconds} seconds\n`);
  summarize(result, io);
}

export function compareExitCode(result: CompareAnswer): number {
  return result.hasDifferences ? DIFFERENT : 0;
}

function document({ tables, ...result }: VdiffResult): object {
  return { ...result, tables: tables.map(reportDocument) };
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
