import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { InterruptedError, UsageError, type VtmigrateError } from "../../errors.js";
import { pickTablet } from "../../tablet/picker.js";
import type { Tablet } from "../../tablet/port.js";
import { noteSilence, wasSilent } from "../../tablet/silence.js";
import { parseTabletTypes, type TabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import { type Stream, sourceName } from "../../workflow/streams.js";
import { openPrimary } from "../../workflow/targets.js";

/** What a source shard has executed, as far as one of its tablets knows. */
export interface SourcePosition {
  /** "zx-0000000002" */
  tablet: string;
  /** A full position text, "MySQL56/...". */
  position: string;
  /** Set when it isn't the primary that was asked: why not. What that replica lags behind is missing. */
  replicaBecause?: string;
}

/** A source shard's position, or what kept it from being read. */
export type PositionOutcome = SourcePosition | { error: VtmigrateError };

/** The streams want it, so it should answer. */
const PRIMARY_MS = 8_000;
/** The streams don't want it, so perhaps it can't be reached, or it was just asked in vain: a better answer, if it comes soon. */
const UNWANTED_PRIMARY_MS = 2_000;
const REPLICA_MS = 15_000;

/**
 * Asks each source shard of these streams once: its primary, and where that can't be reached a serving tablet of the
 * stream's cells and tablet types. By `sourceName`. Fails only when it is interrupted.
 */
export async function readSourcePositions(
  ctx: Context,
  topo: Topo,
  streams: Stream[],
  signal: AbortSignal,
): Promise<Map<string, PositionOutcome>> {
  const places = new Map(streams.map((stream) => [sourceName(stream), stream]));
  const outcomes = await forEachAtOnce(places, async ([name, stream]): Promise<[string, PositionOutcome]> => {
    try {
      const source = await topo.openMount(stream.source.externalCluster);
      return [name, await readPosition(ctx, source, stream, signal)];
    } catch (error) {
      if (signal.aborted || error instanceof InterruptedError) throw error;
      return [name, { error: error as VtmigrateError }];
    }
  });
  return new Map(outcomes);
}

async function readPosition(ctx: Context, source: Topo, stream: Stream, signal: AbortSignal): Promise<SourcePosition> {
  const { keyspace, shard } = stream.source;
  const tabletTypes = typesOf(stream);
  const wanted = tabletTypes.types.includes("PRIMARY");
  const record = await source.shard(keyspace, shard);
  let primary: Tablet | undefined;
  let noPrimary: unknown;
  try {
    primary = await openPrimary(source, ctx.tablets(), record);
    const timeoutMs = wanted && !wasSilent(ctx.tablets(), primary.record) ? PRIMARY_MS : UNWANTED_PRIMARY_MS;
    return await positionOf(primary, { signal, timeoutMs });
  } catch (error) {
    if (signal.aborted || error instanceof InterruptedError) throw error;
    if (primary !== undefined) noteSilence(ctx.tablets(), primary.record);
    ctx.log.warn({ err: error, shard: sourceName(stream) }, "source primary not asked");
    noPrimary = error;
  }
  const cells = stream.cell.split(",").filter((cell) => cell !== "");
  const request = { keyspace, shard, cells, tabletTypes, signal, timeoutMs: REPLICA_MS };
  const replica = await pickTablet(source, ctx.tablets(), request);
  const position = await positionOf(replica, { signal, timeoutMs: PRIMARY_MS });
  if (replica.record.alias === record.primaryAlias) return position;
  return { ...position, replicaBecause: noPrimary instanceof Error ? noPrimary.message : String(noPrimary) };
}

/** On a replica too this is what it has executed (go/vt/mysqlctl/replication.go, PrimaryPosition). */
async function positionOf(tablet: Tablet, options: { signal: AbortSignal; timeoutMs: number }) {
  return { tablet: tablet.record.alias, position: await tablet.primaryPosition(options) };
}

/** As stored with the stream; without any the tablets' own default (go/vt/vttablet/tabletmanager/vreplication, v14 to v22). */
function typesOf({ tabletTypes }: Stream): TabletTypes {
  try {
    return parseTabletTypes(tabletTypes);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return parseTabletTypes("in_order:REPLICA,PRIMARY");
  }
}
