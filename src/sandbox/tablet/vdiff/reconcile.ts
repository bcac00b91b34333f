/** What becomes of extra rows when both sides have ended (vdiff/workflow_differ.go, reconcileExtraRows). */
import { isDeepStrictEqual } from "node:util";
import type { DiffReport, RowDiff } from "../../../wire/vdiff-report.js";
import type { TabletState } from "../state.js";
import type { VDiffOptions } from "./options.js";

/** Before max_sample_rows was heard. */
const SAMPLES = 10;

/**
 * Changes the report. Throws "failed to reconcile extra rows: ..." where the source keyspace has no VSchema in the
 * tablet's own topology, as that of a mount hasn't unless it is named alike.
 */
export async function reconcile(
  state: TabletState,
  report: DiffReport,
  sourceKeyspace: string,
  options: VDiffOptions,
): Promise<void> {
  if (report.ExtraRowsSource === 0 && report.ExtraRowsTarget === 0) return;
  const { reconcile: rules, limits } = state.profile.vdiff;
  const asks = rules.vschema === "read" || (rules.vschema === "read with matches" && report.MatchingRows > 0);
  if (asks && report.MismatchedRows === 0) await forgiveReferenceTables(state, report, sourceKeyspace);
  if (rules.anyPairs) {
    if (report.ExtraRowsSource === 0 || report.ExtraRowsTarget === 0) return;
    cancelAnyPairs(report, options.maxExtraRows);
  } else {
    cancelPairs(report, options.maxExtraRows);
  }
  trim(report, limits ? options.maxSampleRows : SAMPLES);
}

/** A reference table is whole on every shard: the side with more shards has it more often. */
async function forgiveReferenceTables(state: TabletState, report: DiffReport, sourceKeyspace: string): Promise<void> {
  const isReference = async (keyspace: string) => {
    const vschema = await state.topo.get("vschema.Keyspace", `keyspaces/${keyspace}/VSchema`);
    return vschema.tables[report.TableName]?.type === "reference";
  };
  try {
    const source = await isReference(sourceKeyspace);
    const target = await isReference(state.identity.keyspace);
    if (source && report.ExtraRowsSource % report.MatchingRows === 0) {
      Object.assign(report, { ExtraRowsSource: 0, ExtraRowsSourceSample: [] });
    }
    if (target && report.ExtraRowsTarget % report.MatchingRows === 0) {
      Object.assign(report, { ExtraRowsTarget: 0, ExtraRowsTargetSample: [] });
    }
  } catch (error) {
    throw new Error(`failed to reconcile extra rows: ${(error as Error).message}`);
  }
}

/**
 * v22: whatever is on both sides cancels itself; the rows were counted as processed, and stay so. Of what is left no side
 * keeps more samples than the source had extra rows.
 */
function cancelAnyPairs(report: DiffReport, maxExtraRows: number): void {
  const { source, target, pairs } = withoutPairs(report);
  if (pairs === 0) return;
  const kept = Math.min(report.ExtraRowsSource, maxExtraRows);
  report.ExtraRowsSourceSample = source.slice(0, kept);
  report.ExtraRowsTargetSample = target.slice(0, kept);
  report.ExtraRowsSource -= pairs;
  report.ExtraRowsTarget -= pairs;
  report.MatchingRows += pairs;
}

/** Before: only where both sides have as many, and only up to the first row that has no partner. */
function cancelPairs(report: DiffReport, maxExtraRows: number): void {
  if (report.ExtraRowsSource !== report.ExtraRowsTarget || report.ExtraRowsSource > maxExtraRows) return;
  const source = report.ExtraRowsSourceSample ?? [];
  const target = report.ExtraRowsTargetSample ?? [];
  for (let [row] = source; row !== undefined; [row] = source) {
    const partner = target.findIndex((candidate) => isDeepStrictEqual(row, candidate));
    if (partner < 0) return;
    source.shift();
    target.splice(partner, 1);
    report.ExtraRowsSource--;
    report.ExtraRowsTarget--;
    report.ProcessedRows--;
    report.MatchingRows++;
  }
}

function withoutPairs(report: DiffReport): { source: RowDiff[]; target: RowDiff[]; pairs: number } {
  const target = [...(report.ExtraRowsTargetSample ?? [])];
  const before = target.length;
  const source = (report.ExtraRowsSourceSample ?? []).filter((row) => {
    const partner = target.findIndex((candidate) => isDeepStrictEqual(row, candidate));
    if (partner >= 0) target.splice(partner, 1);
    return partner < 0;
  });
  return { source, target, pairs: before - target.length };
}

/** A list that is too long is cut to one less than it may have; 0 cuts nothing. */
function trim(report: DiffReport, limit: number): void {
  if (limit === 0) return;
  for (const list of [report.ExtraRowsSourceSample, report.ExtraRowsTargetSample]) {
    if (list !== undefined && list.length > limit) list.splice(limit - 1);
  }
}
