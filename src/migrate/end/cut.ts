import { ConflictError } from "../../errors.js";
import { formatPosition, positionContains } from "../../wire/position.js";
import type { CutPosition } from "../../workflow/record.js";
import { type Stream, sourceName } from "../../workflow/streams.js";
import { streamName } from "./readiness.js";
import type { PositionOutcome } from "./source-position.js";

/** A source shard that executed more than its stream has brought over. */
export interface MovedSource extends CutPosition {
  sourcePosition: string;
  /** The tablet that gave it. */
  sourceTablet: string;
}

/**
 * Where stopped streams ended: what the target has of the source, and nothing after that. ConflictError for a stream
 * that runs again, or that is gone although it was there before it was stopped.
 */
export function cutOf(streams: Stream[], before: Stream[]): CutPosition[] {
  const gone = before.filter(({ id, target }) => !streams.some((one) => one.id === id && one.target === target));
  if (gone.length > 0) {
    throw new ConflictError(`somebody has deleted ${gone.map(streamName).join(", ")} meanwhile`, {
      hint: "Nobody else may work on the workflow while it is being completed.",
    });
  }
  const running = streams.filter(({ state }) => state !== "Stopped").map(streamName);
  if (running.length > 0) {
    throw new ConflictError(`somebody has started streams that are being stopped: ${running.join(", ")}`, {
      hint: "Nobody else may start them meanwhile: then run Migrate Complete again.",
    });
  }
  return streams.map((stream) => ({
    shard: stream.target.shard.name,
    tablet: stream.target.primary.record.alias,
    id: stream.id,
    source: sourceName(stream),
    position: stream.position === undefined ? "" : formatPosition(stream.position),
  }));
}

/** What an earlier run has noted of streams that are deleted by now, and today's of the others. */
export function mergeCuts(noted: CutPosition[], current: CutPosition[]): CutPosition[] {
  const isCurrent = ({ shard, id }: CutPosition) => current.some((cut) => cut.shard === shard && cut.id === id);
  const all = [...noted.filter((cut) => !isCurrent(cut)), ...current];
  return all.sort((a, b) => (a.shard === b.shard ? a.id - b.id : a.shard < b.shard ? -1 : 1));
}

/** "-80/zone1-0000000200 stream 1: MySQL56/..." */
export function cutLine({ shard, tablet, id, position }: CutPosition): string {
  return `${shard}/${tablet} stream ${id}: ${position === "" ? "nothing was copied" : position}`;
}

/** Positions of different kinds, or that can't be read, tell nothing. */
export function findMoved(cut: CutPosition[], positions: Map<string, PositionOutcome>): MovedSource[] {
  return cut.flatMap((ended) => {
    const now = positions.get(ended.source);
    if (now === undefined || "error" in now || contains(ended.position, now.position) !== false) return [];
    return [{ ...ended, sourcePosition: now.position, sourceTablet: now.tablet }];
  });
}

function contains(outer: string, inner: string): boolean | undefined {
  try {
    return positionContains(outer, inner);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The command that prints what comes after a position: each server's own. */
function lister(moved: MovedSource[]): string {
  const mariaDb = moved.some(({ position }) => position.startsWith("MariaDB/"));
  return mariaDb
    ? "mariadb-binlog --start-position=<where the stream ended>"
    : "mysqlbinlog --exclude-gtids=<where the stream ended>";
}

/** The warning's lines. Heartbeats and other keyspaces' writes are transactions of the same MySQL. */
export function movedLines(moved: MovedSource[]): string[] {
  return [
    "the source has executed more since the streams stopped:",
    ...moved.map(
      (one) =>
        `  ${cutLine(one)}; ${one.source} is at ${one.sourcePosition === "" ? "no position" : one.sourcePosition} (${one.sourceTablet})`,
    ),
    "  Heartbeats and writes to other tables count too. But what the application has written to these tables is only in the source: " +
      `stop its writes there now, and carry those over by hand (${lister(moved)} lists them). ` +
      "The tables are announced, so Migrate Cancel is no way back.",
  ];
}
