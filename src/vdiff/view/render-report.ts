import type { VdiffResult } from "../client-engine.js";
import type { Proof, TableReport } from "../report.js";
import { renderText } from "./render-text.js";

/** Names in one line; more are counted. */
const NAMED = 10;

const PROOFS: Record<Proof, string> = {
  rows: "every row of both sides was read, each table at one position.",
  checksums:
    "checksums of key ranges were equal, each at some moment while the streams ran; only ranges that stayed unequal were read row by row.",
};

/** VDiff v1's text, and before its last line what the report is worth: what was compared how, and what wasn't. */
export function renderReport(result: VdiffResult): string {
  const worth = [`Proof: ${PROOFS[result.proof]}`, ...placementLines(result.tables), ...uncomparedLines(result)];
  return `${renderText(result.tables)}\n${worth.join("\n")}\n\nVDiff took ${result.seconds} seconds\n`;
}

/** None where no row could lie on a wrong shard. */
function placementLines(tables: readonly TableReport[]): string[] {
  const checked = (whole: boolean) => {
    const names = tables.filter((report) => report.placement.checked && report.whole === whole);
    return names.length === 0 ? [] : [some(names.map(({ table }) => table))];
  };
  const unchecked = new Map<string, string[]>();
  for (const { table, placement } of tables) {
    if (placement.checked || placement.needless) continue;
    unchecked.set(placement.reason, [...(unchecked.get(placement.reason) ?? []), table]);
  }
  return [
    ...checked(true).map((names) => `Placement checked: ${names}.`),
    ...checked(false).map((names) => `Placement checked up to the limit: ${names}.`),
    ...[...unchecked].map(([reason, names]) => `Placement not checked: ${some(names)} (${reason}).`),
  ];
}

function uncomparedLines({ tables, uncomparedTables }: VdiffResult): string[] {
  const columns = tables.filter((report) => report.uncomparedColumns.length > 0);
  const cut = tables.filter((report) => !report.whole && report.processedRows > 0);
  return [
    ...columns.map(({ table, uncomparedColumns }) => `Columns not compared: ${some(uncomparedColumns)} of ${table}.`),
    ...(cut.length > 0 ? [`Compared up to the limit: ${some(cut.map(({ table }) => table))}.`] : []),
    ...(uncomparedTables.length > 0 ? [`Tables not compared: ${some(uncomparedTables)}.`] : []),
  ];
}

/** "a, b and 12 more" */
function some(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return rest > 0 ? `${names.slice(0, NAMED).join(", ")} and ${rest} more` : names.join(", ");
}
