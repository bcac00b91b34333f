import type { Stream } from "./streams.js";

export type StreamState = "Init" | "Copying" | "Running" | "Stopped" | "Error" | "Unknown";

/**
 * Messages that report no trouble, as tablets of v11 to v24 write them
 * (go/vt/vttablet/tabletmanager/vreplication: controller.go, vcopier.go, vplayer.go; go/vt/wrangler/vdiff.go).
 */
const INFORMATION = [
  /^Picked source tablet/,
  /^Stopped after copy/,
  /^FROZEN$/,
  /^There is nothing to replicate/,
  /^Stopped at DDL/,
  /^Reached stopping position/,
  /^Stopped at position/,
  /^Stop position .* already reached/,
  /^for vdiff$/,
  /^synchronizing for vdiff$/,
];

/** The text of the stream's trouble, or undefined. A tablet keeps retrying with it, so it may pass. */
export function trouble(stream: Stream): string | undefined {
  if (stream.message === "") return stream.state === "Error" ? "the stream is in state Error" : undefined;
  return INFORMATION.some((known) => known.test(stream.message)) ? undefined : stream.message;
}

/**
 * What Vitess shows (go/vt/wrangler/vexec.go, v22): Error when the message says so, Copying while tables
 * remain to be copied, else the stored state.
 */
export function shownState(stream: Stream): StreamState {
  const text = trouble(stream);
  if (stream.state === "Error" || (text !== undefined && /error/i.test(text))) return "Error";
  if (stream.state === "Running" && stream.copyState.length > 0) return "Copying";
  const states: StreamState[] = ["Init", "Copying", "Running", "Stopped"];
  return states.find((state) => state === stream.state) ?? "Unknown";
}

/** The copy is behind it: it replicates, or has stopped as `-stop_after_copy` asked. */
export function copyIsDone(stream: Stream): boolean {
  if (stream.copyState.length > 0 || stream.position === undefined) return false;
  return stream.state === "Running" || stoppedAfterCopy(stream);
}

export function stoppedAfterCopy(stream: Stream): boolean {
  return stream.state === "Stopped" && /^Stopped after copy/.test(stream.message);
}

/** It has a position and is at work (go/vt/vtctl/vtctl.go, v14 and later). */
export function hasStarted(stream: Stream): boolean {
  if (stream.position === undefined) return false;
  return stream.state === "Running" || stream.state === "Copying" || stoppedAfterCopy(stream);
}

/**
 * Seconds behind the source: since the last transaction or heartbeat that was applied. Undefined while the
 * stream copies or has applied nothing. Vitess subtracts from the nanosecond of the minute instead.
 */
export function transactionLag(stream: Stream, now: Date): number | undefined {
  const latest = Math.max(stream.transactionTimestamp, stream.timeHeartbeat);
  if (latest === 0 || shownState(stream) === "Copying") return undefined;
  return Math.max(0, Math.floor(now.getTime() / 1000) - latest);
}

/** Seconds since the stream last wrote its row. */
export function updateLag(stream: Stream, now: Date): number {
  return Math.max(0, Math.floor(now.getTime() / 1000) - stream.timeUpdated);
}

/** Names of `_vt.vreplication.workflow_type` (binlogdata.VReplicationWorkflowType). */
const WORKFLOW_TYPES = ["Materialize", "MoveTables", "CreateLookupIndex", "Migrate", "Reshard", "OnlineDDL"];
export const MIGRATE_TYPE = WORKFLOW_TYPES.indexOf("Migrate");
export const WORKFLOW_SUB_TYPES = ["None", "Partial", "AtomicCopy"];

/**
 * What the workflow is. vtctlclient stores MoveTables for a Migrate, and tablets before v16 have no use for
 * the column; a source in another cluster tells.
 */
export function workflowTypeName(stream: Stream): string {
  if (stream.source.externalCluster !== "" && stream.workflowType <= 1) return "Migrate";
  return WORKFLOW_TYPES[stream.workflowType] ?? String(stream.workflowType);
}

/** Every table of the workflow, sorted, from its streams' rules. */
export function workflowTables(streams: Stream[]): string[] {
  return [...new Set(streams.flatMap((stream) => stream.source.filter.rules.map((rule) => rule.match)))].sort();
}
