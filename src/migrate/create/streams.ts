import { PreflightError } from "../../errors.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import { formatTabletTypes, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord } from "../../topo/port.js";
import { type BinlogSource, formatBinlogSource, type OnDdl } from "../../wire/binlog-source.js";
import { quoteIdentifierIfNeeded, sqlString } from "../../wire/sql.js";
import { MIGRATE_TYPE } from "../../workflow/state.js";
import { type Target, targetName } from "../../workflow/targets.js";
import type { SourceName } from "../source.js";

/** One row to insert: the target shard's primary gets it, the source shard feeds it. */
export interface PlannedStream {
  target: Target;
  sourceShard: string;
  source: BinlogSource;
}

export interface StreamSettings {
  source: SourceName;
  /** Sorted. */
  tables: string[];
  onDdl: OnDdl;
  stopAfterCopy: boolean;
}

/**
 * A stream for each pair of target shard and source shard. An unsharded target takes every row, so its
 * filters select whole tables.
 */
export function planStreams(targets: Target[], shards: ShardRecord[], settings: StreamSettings): PlannedStream[] {
  return targets.flatMap((target) =>
    shards.map((shard) => ({
      target,
      sourceShard: shard.name,
      source: {
        keyspace: settings.source.keyspace,
        shard: shard.name,
        filter: { rules: settings.tables.map(wholeTable) },
        onDdl: settings.onDdl,
        stopAfterCopy: settings.stopAfterCopy,
        externalCluster: settings.source.mount,
        sourceTimeZone: "",
        targetTimeZone: "",
      },
    })),
  );
}

function wholeTable(table: string): { match: string; filter: string } {
  return { match: table, filter: `select * from ${quoteIdentifierIfNeeded(table)}` };
}

export interface RowSettings {
  workflow: string;
  cells: string[];
  tabletTypes: TabletTypes;
  /** Undefined: as the tablet's version does it when it isn't told. */
  deferSecondaryKeys: boolean | undefined;
  now: Date;
}

/** Go's math.MaxInt64, which switches the stream's own throttling off. */
const NO_LIMIT = "9223372036854775807";

/**
 * The INSERT of one stream, in state Stopped, with the columns that the tablet has
 * (go/vt/binlog/binlogplayer/binlog_player.go, InsertGenerator: v11, v16 and v22 each added some).
 *
 * PreflightError when the filters are longer than the `source` column (v11: 65,535 bytes).
 */
export function insertStatement(stream: PlannedStream, settings: RowSettings, capabilities: Capabilities): string {
  const { columns: known, beforeV12, maxSourceBytes } = capabilities;
  const source = formatBinlogSource(stream.source);
  const bytes = Buffer.byteLength(source);
  if (bytes > maxSourceBytes) {
    throw new PreflightError(
      `the filters of ${stream.source.filter.rules.length} tables take ${bytes} bytes, and ${targetName(stream.target)} stores ${maxSourceBytes}`,
      { hint: "Migrate fewer tables per workflow: -tables." },
    );
  }
  // v22 defers secondary keys unless told otherwise; its predecessors don't.
  const deferred = settings.deferSecondaryKeys ?? known.has("options");
  const cells: [column: string, value: string][] = [
    ["workflow", sqlString(settings.workflow)],
    ["source", sqlString(source)],
    ["pos", "''"],
    ["max_tps", NO_LIMIT],
    ["max_replication_lag", NO_LIMIT],
    ["cell", sqlString(settings.cells.join(","))],
    ["tablet_types", sqlString(formatTabletTypes(settings.tabletTypes, { beforeV12 }))],
    ["time_updated", String(Math.floor(settings.now.getTime() / 1000))],
    ["transaction_timestamp", "0"],
    ["state", "'Stopped'"],
    ["db_name", sqlString(stream.target.primary.record.dbName)],
  ];
  const later: [column: string, value: string][] = [
    ["workflow_type", String(MIGRATE_TYPE)],
    ["workflow_sub_type", "0"],
    ["defer_secondary_keys", String(deferred)],
    ["options", "'{}'"],
  ];
  cells.push(...later.filter(([column]) => known.has(column)));
  const columns = cells.map(([column]) => column).join(", ");
  const values = cells.map(([, value]) => value).join(", ");
  return `insert into _vt.vreplication(${columns}) values (${values})`;
}
