import type { Io } from "../../io/io.js";
import { isHopeless } from "../../vdiff/tablet-engine/settling.js";
import type { Summary } from "../../vdiff/tablet-engine/summary.js";
import { renderSummaryJson } from "../../vdiff/tablet-engine/view/summary-json.js";
import { renderSummary } from "../../vdiff/tablet-engine/view/summary-text.js";

const FAILED = 1;
const DIFFERENT = 3;
const STOPPED = 7;
const STILL_RUNNING = 8;

/** vtctlclient's text or JSON of one VDiff on stdout; what is to be done about it on stderr. */
export function viewSummary(summary: Summary, view: { json: boolean; verbose: boolean }, io: Io): void {
  io.write(view.json ? renderSummaryJson(summary, view) : renderSummary(summary, view));
  for (const { shard, failure } of summary.missing) io.warn(`nothing is known of shard ${shard}: ${failure.message}`);
  if (summary.state !== "error") return;
  const { keyspace, workflow, uuid } = summary;
  if (summary.shards.some(isHopeless)) {
    io.note(
      "The tablets have compared the table and failed at looking up whether it is a reference table, which they do in their own cluster. The counts are true; rows that come in another order on both sides may be among the extra ones.",
    );
  }
  io.note(
    `With -auto-retry it is tried again every 30 s. Stop it: vtmigrate VDiff ${keyspace}.${workflow} stop ${uuid}`,
  );
}

/**
 * 0 only for a VDiff that has completed everywhere and found nothing. Differences count most: once found they stay, though
 * the VDiff is still at work, or has failed.
 */
export function summaryExitCode({ state, hasMismatch, missing }: Summary): number {
  if (hasMismatch) return DIFFERENT;
  if (state === "error") return FAILED;
  if (state === "stopped") return STOPPED;
  const [first] = missing;
  if (first !== undefined) return first.failure.exitCode;
  return state === "completed" ? 0 : STILL_RUNNING;
}
