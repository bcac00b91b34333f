import type { DiffReport } from "../../wire/vdiff-report.js";
import type { ShardTable, ShardVdiff, VdiffState } from "./shown.js";

/** A table over all target shards. */
export interface TableSum {
  name: string;
  state: VdiffState;
  /** An estimate. */
  rows: number;
  rowsCompared: number;
  /** The sums of the shards' reports. */
  processedRows: number;
  matchingRows: number;
  mismatchedRows: number;
  extraRowsSource: number;
  extraRowsTarget: number;
  hasMismatch: boolean;
  reports: { shard: string; report: DiffReport }[];
}

export function sumTables(shards: readonly ShardVdiff[]): TableSum[] {
  const names = new Set(shards.flatMap(({ tables }) => tables.map(({ name }) => name)));
  return [...names].sort().map((name) => sumTable(name, shards));
}

function sumTable(name: string, shards: readonly ShardVdiff[]): TableSum {
  const parts = shards.flatMap(({ shard, tables }) =>
    tables.filter((table) => table.name === name).map((table) => ({ shard, table })),
  );
  const reports = parts.flatMap(({ shard, table: { report } }) => (report === undefined ? [] : [{ shard, report }]));
  const sum = (count: (report: DiffReport) => number) => reports.reduce((all, { report }) => all + count(report), 0);
  return {
    name,
    state: tableState(parts.map(({ table }) => table.state)),
    rows: parts.reduce((all, { table }) => all + table.rows, 0),
    rowsCompared: parts.reduce((all, { table }) => all + table.rowsCompared, 0),
    processedRows: sum((report) => report.ProcessedRows),
    matchingRows: sum((report) => report.MatchingRows),
    mismatchedRows: sum((report) => report.MismatchedRows),
    extraRowsSource: sum((report) => report.ExtraRowsSource),
    extraRowsTarget: sum((report) => report.ExtraRowsTarget),
    hasMismatch: parts.some(({ table }) => hasMismatch(table)),
    reports,
  };
}

/** The state that tells most: an error, and what isn't done yet. */
function tableState(states: readonly VdiffState[]): VdiffState {
  const order: VdiffState[] = ["error", "stopped", "started", "pending"];
  return order.find((state) => states.includes(state)) ?? states[0] ?? "";
}

/**
 * The tablet flags extra rows at the very end of a table. Before that v18 to v22 look whether it is a reference table, in
 * their own topology, and fail where the source keyspace isn't there, as with a mounted cluster: such a table ends in error
 * every time, and only its report tells (reconcileReferenceTables in the tablet's vdiff/workflow_differ.go); also when it was
 * stopped then.
 */
export function hasMismatch({ mismatch, state, report }: ShardTable): boolean {
  if (mismatch) return true;
  if ((state !== "error" && state !== "stopped") || report === undefined) return false;
  return report.MismatchedRows + report.ExtraRowsSource + report.ExtraRowsTarget > 0;
}
