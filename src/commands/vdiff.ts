import { defineCommand, duration, flag, integer, list, text } from "../cli/command.js";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import type { Io } from "../io/io.js";
import { runVdiff, type VdiffResult } from "../vdiff/client-engine.js";
import { hasDifferences } from "../vdiff/report.js";
import { resultDocument } from "../vdiff/view/document.js";
import { renderJson } from "../vdiff/view/render-json.js";
import { renderReport } from "../vdiff/view/render-report.js";
import { formatWorkflowName, parseWorkflowName } from "../workflow/name.js";

const ACTIONS = ["create", "show", "stop", "resume", "delete"];
const USAGE = "usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]";
const DIFFERENT = 3;

interface Shown extends VdiffResult {
  format: string;
  toJSON(): object;
}

/**
 * VDiff without an action: a full comparison made from here, with the flags and the report of vtctlclient's
 * VDiff v1 (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandVDiff). Exit code 3 when the tables differ.
 */
export const vdiff = defineCommand({
  name: "VDiff",
  summary: "Compare every row of a workflow's tables on source and target.",
  usage:
    "[-source_cell <cell>] [-target_cell <cell>] [-tablet_types in_order:RDONLY,REPLICA,PRIMARY] [-tables <list>] [-limit <rows>] [-format json] [-wait] <keyspace.workflow>",
  examples: [
    "VDiff commerce.wf",
    "VDiff -tables customer,corder commerce.wf",
    "VDiff -wait -wait_timeout 1h commerce.wf",
    "VDiff -format json commerce.wf",
  ],
  args: { min: 1, max: 3, complaint: "<keyspace.workflow> is required" },
  options: {
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
    wait: flag("wait until the copy is done, then compare"),
    waitTimeout: duration("with -wait: how long to wait; 0 waits as long as it takes", 0),
    v1: flag("accepted: without an action the comparison is always made from here", false, { hidden: true }),
    v2: flag("accepted: without an action the comparison is always made from here", false, { hidden: true }),
  },
  async run({ args, options, given }, ctx: Context): Promise<Shown> {
    refuseActions(args.slice(1));
    const name = parseWorkflowName(args[0] ?? "");
    if (options.limit <= 0) throw new UsageError("maximum number of rows to compare needs to be greater than 0");
    if (!["", "text", "json"].includes(options.format.toLowerCase())) {
      throw new UsageError(`unknown format ${options.format}`, {
        hint: "Write -format json, or leave it out for text.",
      });
    }
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
    return { ...result, format: options.format.toLowerCase(), toJSON: () => resultDocument(result) };
  },
  view(result: Shown, io: Io): void {
    if (result.format === "json") io.write(renderJson(result.tables));
    else io.write(renderReport(result));
    summarize(result, io);
  },
  exitCode: (result: Shown) => (result.hasDifferences ? DIFFERENT : 0),
});

/** The tablets' own VDiff has these actions. */
function refuseActions([action]: string[]): void {
  if (action === undefined) return;
  if (!ACTIONS.includes(action.toLowerCase())) throw new UsageError(USAGE);
  throw new UsageError(`VDiff ${action} drives the tablets' own VDiff, which this version doesn't do yet`, {
    hint: "Without an action, the comparison is made from here and printed when it is done.",
  });
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
