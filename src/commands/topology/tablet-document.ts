import type { StoredTablet } from "../../topo/inventory.js";
import { enumNumber, type MessageOutput } from "../../wire/proto.js";

/** Its keys are in the order in which they are printed. */
export type TabletDocument = ReturnType<typeof tabletDocument>;

/**
 * A tablet as `GetTablet` of v22 prints topodata.Tablet (go/vt/vtctl/vtctl.go, MarshalJSON): proto names in the order of
 * the message, everything that is empty too, enums as numbers and 64-bit integers as strings. The times of v24's tablets
 * are there when they have some.
 */
export function tabletDocument(tablet: StoredTablet) {
  return {
    alias: tablet.alias && { cell: tablet.alias.cell, uid: tablet.alias.uid },
    hostname: tablet.hostname,
    port_map: new Map(Object.entries(tablet.port_map)),
    keyspace: tablet.keyspace,
    shard: tablet.shard,
    key_range: tablet.key_range && keyRange(tablet.key_range),
    type: enumNumber("topodata.TabletType", tablet.type),
    db_name_override: tablet.db_name_override,
    tags: new Map(Object.entries(tablet.tags)),
    mysql_hostname: tablet.mysql_hostname,
    mysql_port: tablet.mysql_port,
    primary_term_start_time: tablet.primary_term_start_time && time(tablet.primary_term_start_time),
    default_conn_collation: tablet.default_conn_collation,
    tablet_start_time: tablet.tablet_start_time ? time(tablet.tablet_start_time) : undefined,
    tablet_shutdown_time: tablet.tablet_shutdown_time ? time(tablet.tablet_shutdown_time) : undefined,
  };
}

function keyRange({ start, end }: MessageOutput<"topodata.KeyRange">) {
  return { start, end };
}

function time({ seconds, nanoseconds }: NonNullable<StoredTablet["tablet_start_time"]>) {
  return { seconds, nanoseconds };
}
