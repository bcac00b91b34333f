import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError, UsageError } from "../../errors.js";
import type { CallOptions, Tablet } from "../../tablet/port.js";
import { targetName } from "../../workflow/targets.js";
import { wholeTable } from "./routes/filters.js";
import type { PlannedStream } from "./streams.js";

const HINT = "Leave out -atomic-copy: the tables are then copied one after the other.";

/** UsageError for secondary keys that would never come back (vcopier_atomic.go, v18.0.8 to v22.0.3). */
export function requireKeysAtOnce(request: { atomicCopy: boolean; deferSecondaryKeys: boolean | undefined }): void {
  if (!request.atomicCopy || request.deferSecondaryKeys !== true) return;
  throw new UsageError("-atomic-copy and -defer-secondary-keys exclude each other", {
    hint: "An atomic copy doesn't build deferred keys behind itself: the target would be left without them.",
  });
}

/**
 * That the streams ask for what an atomic copy gives: every row of one source shard's every table. The source tablet
 * hears neither rules nor filters (go/vt/vttablet/tabletserver/vstreamer/tablestreamer.go, v18.0.8 and v22.0.3), and the
 * target writes what comes (vcopier_atomic.go). PreflightError that names the target shards.
 */
export function requireWholeShard(streams: PlannedStream[]): void {
  const merged = streams.filter(({ target }) => streams.filter((other) => other.target === target).length > 1);
  if (merged.length > 0) {
    const shards = [...new Set(merged.map(({ sourceShard }) => sourceShard))].join(", ");
    throw new PreflightError(
      `atomic copy takes one snapshot of one source shard, and ${places(merged)} is filled from several: ${shards}`,
      { hint: HINT },
    );
  }
  const filtered = streams.filter(({ source }) =>
    source.filter.rules.some(({ match, filter }) => filter !== wholeTable(match).filter),
  );
  if (filtered.length === 0) return;
  throw new PreflightError(
    `atomic copy passes over filters: every row would go to each of ${places(filtered)}, which take a part of them`,
    { hint: HINT },
  );
}

function places(streams: PlannedStream[]): string {
  return [...new Set(streams.map(({ target }) => targetName(target)))].join(", ");
}

/**
 * All tables from one snapshot is what tablets can from v18 on: older targets would silently copy table by table,
 * and older sources can't be read that way. PreflightError that names the tablets.
 */
export async function requireAtomicCopy(tablets: Tablet[], options: CallOptions): Promise<void> {
  const answers = await forEachAtOnce(tablets, async (tablet) => ({
    alias: tablet.record.alias,
    able: await tablet.hasWorkflowRpcs(options),
  }));
  const unable = answers.filter(({ able }) => !able).map(({ alias }) => alias);
  if (unable.length === 0) return;
  throw new PreflightError(`atomic copy needs tablets of v18 or later, and ${unable.join(", ")} is older`, {
    hint: HINT,
  });
}
