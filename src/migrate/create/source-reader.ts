import type { Context } from "../../context.js";
import { AuthError, InterruptedError } from "../../errors.js";
import { pickTablet } from "../../tablet/picker.js";
import type { Tablet } from "../../tablet/port.js";
import { noteSilence, wasSilent } from "../../tablet/silence.js";
import { canonicalType, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";

/** Which tablets of the source may be asked. */
export interface SourceChoice {
  source: Topo;
  /** Cells or aliases of the source cluster. */
  cells: string[];
  tabletTypes: TabletTypes;
}

const PRIMARY_MS = 5_000;
/** For one that didn't answer a moment ago. */
const AGAIN_MS = 1_000;

export interface SourceReader {
  tablet: Tablet;
  /** What a replica's lag leaves open, as a sentence; undefined for a primary. */
  uncertainty: string | undefined;
}

/**
 * The tablet of a source shard that knows its schema best: the primary, if primaries are among the wanted types and
 * it answers within 5 s; else a serving tablet of those types. Networks that only let replicas through need
 * nothing else.
 *
 * Errors are the picker's: NotFoundError, UnreachableError.
 */
export async function openSourceReader(
  ctx: Context,
  shard: ShardRecord,
  choice: SourceChoice,
  signal: AbortSignal,
): Promise<SourceReader> {
  const { source, cells, tabletTypes } = choice;
  const wanted = tabletTypes.types.includes("PRIMARY") ? shard.primaryAlias : undefined;
  if (wanted !== undefined) {
    const primary = ctx.tablets().open(await source.tablet(wanted));
    try {
      await primary.ping({ timeoutMs: wasSilent(ctx.tablets(), primary.record) ? AGAIN_MS : PRIMARY_MS, signal });
      return { tablet: primary, uncertainty: undefined };
    } catch (error) {
      if (error instanceof InterruptedError || error instanceof AuthError) throw error;
      ctx.log.warn({ err: error, tablet: wanted }, "source primary doesn't answer");
      noteSilence(ctx.tablets(), primary.record);
    }
  }
  const { keyspace, name } = shard;
  const tablet = await pickTablet(source, ctx.tablets(), { keyspace, shard: name, cells, tabletTypes, signal });
  return { tablet, uncertainty: uncertainty(shard, tablet, wanted) };
}

function uncertainty(shard: ShardRecord, { record }: Tablet, primary: string | undefined): string | undefined {
  const type = canonicalType(record.type);
  if (type === "PRIMARY") return undefined;
  const why = primary === undefined ? "" : `, as the primary ${primary} doesn't answer`;
  const from = `${type.toLowerCase()} ${record.alias}${why}`;
  return `Schema and table list of ${shard.keyspace}/${shard.name} come from ${from}: what it lags behind is missing.`;
}
