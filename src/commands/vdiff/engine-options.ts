import { duration, flag, integer, list, type OptionValues } from "../../cli/command.js";
import { UsageError } from "../../errors.js";
import type { EngineOptions } from "../../vdiff/tablet-engine/options.js";
import type { CompareOptions } from "./compare.js";

/** Flags of the actions, in vtctlclient's and vtctldclient's spellings (v22), beside those that a comparison from here has too. */
export const engineOptions = {
  verbose: flag("show, -wait: every table, though nothing differs"),
  waitUpdateInterval: duration("create, resume: how often -wait says how far it is", 60_000, {
    spelling: "wait-update-interval",
  }),
  autoRetry: flag(
    "create: the tablets try again after errors, every 30 s; by default unless that would spoil counts",
    true,
    {
      spelling: "auto-retry",
      aliases: ["resumable"],
    },
  ),
  autoStart: flag("create: begin at once; otherwise resume begins it (v21 and later)", true, {
    spelling: "auto-start",
  }),
  updateTableStats: flag("create: ANALYZE TABLE first, for a better estimate of the rows (v17 and later)", false, {
    spelling: "update-table-stats",
  }),
  maxReportSampleRows: integer("create: samples of each kind in the report, 0 for all (v19 and later)", 10, {
    spelling: "max-report-sample-rows",
  }),
  maxDiffDuration: duration("create: begin a new snapshot after this time, 0 for never (v19 and later)", 0, {
    spelling: "max-diff-duration",
  }),
  rowDiffColumnTruncateAt: integer("create: cut longer values in samples, 0 for never (v21 and later)", 128, {
    spelling: "row-diff-column-truncate-at",
  }),
  tabletTypesInPreferenceOrder: flag("create: as in_order: before -tablet_types", false, {
    spelling: "tablet-types-in-preference-order",
  }),
  targetShards: list("stop, resume: only on these target shards", { spelling: "target-shards" }),
  force: flag("create, resume: on versions whose VDiff is known to be wrong, and beside another VDiff"),
  checksum: flag("not built in any version", false, { hidden: true }),
  samplePct: integer("not built in any version", 100, { hidden: true }),
};

export type VdiffOptions = CompareOptions & OptionValues<typeof engineOptions>;

/** UsageError for values that tablets would take as they are, and do nothing good with. */
export function readEngineOptions(options: VdiffOptions, given: ReadonlySet<string>): EngineOptions {
  if (options.limit <= 0) {
    throw new UsageError(
      `invalid --limit value (${options.limit}), maximum number of rows to compare needs to be greater than 0`,
    );
  }
  if (options.filteredReplicationWaitTime <= 0) {
    throw new UsageError("-filtered_replication_wait_time needs to be greater than 0");
  }
  for (const key of ["maxReportSampleRows", "maxExtraRowsToCompare", "rowDiffColumnTruncateAt"] as const) {
    if (options[key] < 0) throw new UsageError(`${spelling(key)} must not be a negative value`);
  }
  const inOrder = options.tabletTypesInPreferenceOrder && !/^in_order:/i.test(options.tabletTypes);
  return {
    tables: options.tables,
    sourceCells: options.sourceCell,
    targetCells: options.targetCell,
    tabletTypes: given.has("tabletTypes") ? `${inOrder ? "in_order:" : ""}${options.tabletTypes}` : undefined,
    maxRows: options.limit < Number.MAX_SAFE_INTEGER ? options.limit : undefined,
    waitMs: options.filteredReplicationWaitTime,
    // A comparison from here has another default.
    maxExtraRowsToCompare: given.has("maxExtraRowsToCompare") ? options.maxExtraRowsToCompare : 1000,
    maxReportSampleRows: options.maxReportSampleRows,
    maxDiffMs: options.maxDiffDuration,
    autoRetry: given.has("autoRetry") ? options.autoRetry : undefined,
    updateTableStats: options.updateTableStats,
    autoStart: options.autoStart,
    onlyPks: options.onlyPks,
    debugQuery: options.debugQuery,
    format: options.format.toLowerCase() || "text",
    rowDiffColumnTruncateAt: options.rowDiffColumnTruncateAt,
  };
}

const WAITING = ["wait", "waitTimeout", "waitUpdateInterval", "verbose", "force"];

const EFFECTIVE: Record<string, readonly string[]> = {
  create: [
    ...WAITING,
    "sourceCell",
    "targetCell",
    "tabletTypes",
    "filteredReplicationWaitTime",
    "limit",
    "tables",
    "onlyPks",
    "debugQuery",
    "maxExtraRowsToCompare",
    "autoRetry",
    "autoStart",
    "updateTableStats",
    "maxReportSampleRows",
    "maxDiffDuration",
    "rowDiffColumnTruncateAt",
    "tabletTypesInPreferenceOrder",
  ],
  resume: [...WAITING, "targetShards"],
  stop: ["targetShards"],
  show: ["verbose"],
  delete: [],
};

/** Flags that were typed and do nothing for this action, or for a comparison without one, as they are spelled. */
export function ineffective(action: string | undefined, given: ReadonlySet<string>): string[] {
  const always = ["format", "v1", "v2"];
  const vain = [...given].filter((key) => {
    if (action === undefined) return key in engineOptions;
    return ![...always, ...(EFFECTIVE[action] ?? [])].includes(key);
  });
  return vain.map(spelling);
}

function spelling(key: string): string {
  const spec = (engineOptions as Record<string, { spelling?: string }>)[key];
  return `-${spec?.spelling ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
