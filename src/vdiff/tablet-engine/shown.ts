import { FailedError } from "../../errors.js";
import { type ResultSet, records } from "../../wire/result.js";
import type { DiffReport } from "../../wire/vdiff-report.js";

/** `_vt.vdiff.state` and `_vt.vdiff_table.state`; "" where a tablet says nothing. */
export type VdiffState = "pending" | "started" | "stopped" | "completed" | "error" | "";

/** A VDiff on one target shard, as the tablet's `show` tells it. */
export interface ShardVdiff {
  shard: string;
  /** The primary's alias. */
  tablet: string;
  state: VdiffState;
  /** Of the last failure; "" without one, and on v14, which has no such column. */
  lastError: string;
  /** "2026-11-22 16:36:51" by the clock of the tablet's MySQL; "" before it has begun, or ended. */
  startedAt: string;
  completedAt: string;
  /** None before the tablet has made its plan. */
  tables: ShardTable[];
}

export interface ShardTable {
  name: string;
  state: VdiffState;
  /** By information_schema: an estimate. */
  rows: number;
  rowsCompared: number;
  /** The tablet's own flag: set at the first row that differs, and for extra rows at the table's end. */
  mismatch: boolean;
  /** Undefined before the first was stored. */
  report: DiffReport | undefined;
}

/**
 * The answer to `show <UUID>`: a row per table, or one without a table before the plan is made (v14 sends none then).
 * Undefined when the tablet has no such VDiff.
 */
export function readShown(output: ResultSet, place: { shard: string; tablet: string }): ShardVdiff | undefined {
  const rows = records(output);
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    ...place,
    state: toState(first.vdiff_state),
    lastError: first.last_error ?? "",
    startedAt: first.started_at ?? "",
    completedAt: first.completed_at ?? "",
    tables: rows.filter((row) => (row.table_name ?? "") !== "").map((row) => toTable(row, place.tablet)),
  };
}

function toTable(row: Record<string, string | null>, tablet: string): ShardTable {
  return {
    name: row.table_name ?? "",
    state: toState(row.table_state),
    rows: Number(row.table_rows ?? 0),
    rowsCompared: Number(row.rows_compared ?? 0),
    mismatch: row.has_mismatch === "1",
    report: parseReport(row.report, `table ${row.table_name} on ${tablet}`),
  };
}

function parseReport(text: string | null | undefined, where: string): DiffReport | undefined {
  if (text === null || text === undefined || text === "") return undefined;
  try {
    // A table that isn't begun yet has "{}" or "null".
    const report: DiffReport | null = JSON.parse(text);
    return report?.TableName === undefined ? undefined : report;
  } catch (cause) {
    throw new FailedError(`the VDiff report of ${where} can't be read: ${text.slice(0, 100)}`, { cause });
  }
}

export function toState(text: string | null | undefined): VdiffState {
  return (text ?? "").toLowerCase() as VdiffState;
}
