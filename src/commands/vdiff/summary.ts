import type { Io } from "../../io/io.js";
import { hopeless } from "../../vdiff/tablet-engine/hopeless.js";
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
  if (summary.state === "error") explainError(summary, io);
}

function explainError({ keyspace, workflow, uuid, shards, tables }: Summary, io: Io): void {
  for (const why of new Set(shards.map(hopeless))) if (why !== undefined) io.note(why);
  // The table at which it failed is in error, the others are pending.
  const open = tables.filter(({ state }) => state !== "completed").map(({ name, state }) => `${name} (${state})`);
  if (open.length > 0) io.note(`Not compared to the end: ${open.join(", ")}.`);
  const words = `vtmigrate VDiff ${keyspace}.${workflow}`;
  if (shards.some(({ state, tables }) => state === "error" && tables.length === 0)) {
    // Without tables stop changes nothing, and resume is refused (measured on v18.0.8).
    io.note(`"${words} delete ${uuid}" ends it. With auto-retry the tablets try again every 30 s.`);
    return;
  }
  io.note(
    `"${words} stop ${uuid}" ends it, "resume" takes it up again then. With auto-retry the tablets do so every 30 s.`,
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
