import type { SavedStream } from "./record.js";
import type { Stream } from "./streams.js";

/** What a VDiff writes on the streams that it stops: ours, vtctlclient's and the tablets' own (go/vt/wrangler/vdiff.go). */
export const STOPPED_MESSAGE = "for vdiff";
export const SYNCHRONIZING_MESSAGE = "synchronizing for vdiff";

/** Stopped, or on its way to a stop position, by a VDiff. `saved`: what the workflow's record has noted of its streams. */
export function isHeld(stream: Stream, saved: readonly SavedStream[]): boolean {
  if (stream.message === STOPPED_MESSAGE && stream.state === "Stopped") return true;
  if (stream.message === SYNCHRONIZING_MESSAGE) return true;
  const before = saved.find(({ id, shard }) => id === stream.id && shard === stream.target.shard.name);
  return before !== undefined && before.state !== stream.state && stream.state === "Stopped";
}
