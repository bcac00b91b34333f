import type { StoredShard } from "../../topo/inventory.js";
import { enumNumber, type MessageOutput } from "../../wire/proto.js";

/**
 * A shard as Go's encoding/json prints topodata.Shard (v22): proto names in the order of the message, enums and 64-bit
 * integers as numbers, bytes in base64, and what is empty left out.
 */
export function shardDocument(shard: StoredShard): object {
  return {
    primary_alias: shard.primary_alias === null ? undefined : aliasDocument(shard.primary_alias),
    primary_term_start_time: shard.primary_term_start_time === null ? undefined : time(shard.primary_term_start_time),
    key_range: shard.key_range === null ? undefined : keyRange(shard.key_range),
    source_shards: unlessEmpty(
      shard.source_shards.map((source) => ({
        uid: source.uid || undefined,
        keyspace: source.keyspace || undefined,
        shard: source.shard || undefined,
        key_range: source.key_range === null ? undefined : keyRange(source.key_range),
        tables: unlessEmpty(source.tables),
      })),
    ),
    tablet_controls: unlessEmpty(
      shard.tablet_controls.map((control) => ({
        tablet_type: enumNumber("topodata.TabletType", control.tablet_type) || undefined,
        cells: unlessEmpty(control.cells),
        denied_tables: unlessEmpty(control.denied_tables),
        frozen: control.frozen || undefined,
      })),
    ),
    is_primary_serving: shard.is_primary_serving || undefined,
  };
}

function aliasDocument({ cell, uid }: MessageOutput<"topodata.TabletAlias">): object {
  return { cell: cell || undefined, uid: uid || undefined };
}

function time({ seconds, nanoseconds }: NonNullable<StoredShard["primary_term_start_time"]>): object {
  return { seconds: BigInt(seconds) || undefined, nanoseconds: nanoseconds || undefined };
}

function keyRange({ start, end }: MessageOutput<"topodata.KeyRange">): object {
  return { start: start.length > 0 ? start : undefined, end: end.length > 0 ? end : undefined };
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
