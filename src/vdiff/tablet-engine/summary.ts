import type { VtmigrateError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { ShardVdiff, VdiffState } from "./shown.js";
import { hasMismatch, sumTables, type TableSum } from "./tables.js";
import type { ShardAnswer } from "./workflow.js";

/** One VDiff over all target shards (go/vt/vtctl/workflow/vdiff.go, BuildSummary, v22). */
export interface Summary extends WorkflowName {
  uuid: string;
  state: VdiffState;
  rowsCompared: number;
  hasMismatch: boolean;
  /** Those that answered, sorted by name. */
  shards: ShardVdiff[];
  /** Those that didn't: unreachable, or without this VDiff. */
  missing: { shard: string; tablet: string; failure: VtmigrateError }[];
  /** The first shard's start, and the last one's end once all have completed; "" otherwise. */
  startedAt: string;
  completedAt: string;
  /** While it is at work. */
  progress: Progress | undefined;
  /** Sorted by name. */
  tables: TableSum[];
}

export interface Progress {
  /** Of the tables' estimated rows, with two decimals; at most 100. */
  percentage: number;
  /** When it will be done if it goes on as it did; undefined before one per cent. */
  eta: Date | undefined;
}

const YEAR_MS = 365 * 24 * 3_600_000;

export function summarize(
  vdiff: WorkflowName & { uuid: string },
  answers: readonly ShardAnswer<ShardVdiff>[],
  now: Date,
): Summary {
  const ordered = answers.toSorted((a, b) => (a.target.shard.name < b.target.shard.name ? -1 : 1));
  const shards = ordered.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  const missing = ordered.flatMap(({ target, failure }) =>
    failure === undefined ? [] : [{ shard: target.shard.name, tablet: target.primary.record.alias, failure }],
  );
  const tables = sumTables(shards);
  const known = overallState(shards);
  // What a shard that is missing has done isn't known.
  const state = missing.length > 0 && known === "completed" ? "" : known;
  const startedAt =
    shards
      .map((shard) => shard.startedAt)
      .filter((time) => time !== "")
      .sort()[0] ?? "";
  const rowsCompared = tables.reduce((sum, table) => sum + table.rowsCompared, 0);
  const { keyspace, workflow, uuid } = vdiff;
  return {
    keyspace,
    workflow,
    uuid,
    state,
    rowsCompared,
    hasMismatch: shards.some((shard) => shard.tables.some(hasMismatch)),
    shards,
    missing,
    startedAt,
    completedAt:
      state === "completed"
        ? (shards
            .map((shard) => shard.completedAt)
            .sort()
            .at(-1) ?? "")
        : "",
    progress: state === "started" ? progress(rowsCompared, tables, startedAt, now) : undefined,
    tables,
  };
}

/**
 * The first that is true: some shard is stopped; some shard or table is in error; some table is begun, or is to be; all are
 * completed. A shard that has no tables yet counts with its own state.
 */
function overallState(shards: readonly ShardVdiff[]): VdiffState {
  const ofShards = shards.map(({ state }) => state);
  const all = [...ofShards, ...shards.flatMap(({ tables }) => tables.map(({ state }) => state))];
  if (ofShards.includes("stopped")) return "stopped";
  if (all.includes("error")) return "error";
  if (all.every((state) => state === "completed")) return "completed";
  // Between two tables, some are done and none is begun.
  if (all.includes("started") || all.includes("completed")) return "started";
  return all.includes("pending") ? "pending" : "";
}

/** Vitess divides whole seconds by whole per cents; the time left is then off by up to a factor of two. */
function progress(compared: number, tables: readonly TableSum[], startedAt: string, now: Date): Progress {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const share = rows === 0 ? 0 : Math.min(1, compared / rows);
  const percentage = Math.round(share * 10_000) / 100;
  const elapsed = now.getTime() - utc(startedAt);
  if (percentage < 1 || !(elapsed >= 0)) return { percentage, eta: undefined };
  const left = (elapsed / share) * (1 - share);
  return { percentage, eta: left > YEAR_MS ? undefined : new Date(now.getTime() + left) };
}

function utc(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`);
}
