import { UsageError } from "../../errors.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import { formatTabletTypes, type TabletTypes } from "../../tablet/types.js";
import type { ShardRecord } from "../../topo/port.js";
import { type BinlogSource, formatBinlogSource, type OnDdl } from "../../wire/binlog-source.js";
import { sqlString } from "../../wire/sql.js";
import { MIGRATE_TYPE } from "../../workflow/state.js";
import type { Target } from "../../workflow/targets.js";
import type { SourceName } from "../source.js";
import { planPairs } from "./routes/pairing.js";
import type { MovedTable } from "./routes/table-routes.js";
import type { VSchemas } from "./routes/vschemas.js";
import { requireStorable } from "./stored-size.js";

/** One row to insert: the target shard's primary gets it, the source shard feeds it. */
export interface PlannedStream {
  target: Target;
  sourceShard: string;
  /** Streams of one target share their rules. */
  source: BinlogSource;
}

export interface StreamSettings {
  source: SourceName;
  targetKeyspace: string;
  /** Sorted by name. */
  tables: MovedTable[];
  vschemas: VSchemas;
  /** Targets and shards are a choice: -source_shards. */
  partial: boolean;
  onDdl: OnDdl;
  stopAfterCopy: boolean;
  /** Both "": nothing is converted. */
  sourceTimeZone: string;
  targetTimeZone: string;
}

/** The streams between these shards, as `planPairs` pairs them; PreflightErrors are its own. */
export function planStreams(targets: Target[], shards: ShardRecord[], settings: StreamSettings): PlannedStream[] {
  const { source, vschemas } = settings;
  const pairs = planPairs(
    {
      source: { keyspace: source.keyspace, vschema: vschemas.source, shards: shards.map(({ name }) => name) },
      target: {
        keyspace: settings.targetKeyspace,
        vschema: vschemas.target,
        shards: targets.map(({ shard }) => shard.name),
      },
      tables: settings.tables,
      sourceCells: vschemas.sourceCells,
    },
    { partial: settings.partial },
  );
  const byName = new Map(targets.map((target) => [target.shard.name, target]));
  return pairs.flatMap((pair) => {
    const target = byName.get(pair.target);
    if (target === undefined) return [];
    const stream: BinlogSource = {
      keyspace: source.keyspace,
      shard: pair.source,
      filter: { rules: pair.rules },
      onDdl: settings.onDdl,
      stopAfterCopy: settings.stopAfterCopy,
      externalCluster: source.mount,
      sourceTimeZone: settings.sourceTimeZone,
      targetTimeZone: settings.targetTimeZone,
    };
    return [{ target, sourceShard: pair.source, source: stream }];
  });
}

/** binlogdata.VReplicationWorkflowSubType: nothing special, some shards only, all tables in one snapshot. */
export type WorkflowSubType = 0 | 1 | 2;

/** UsageError for both at once (go/vt/vtctl/workflow/materializer.go, getWorkflowSubType, v22). */
export function workflowSubType(choice: { partial: boolean; atomicCopy: boolean }): WorkflowSubType {
  if (choice.partial && choice.atomicCopy) {
    throw new UsageError("both atomic copy and partial mode cannot be specified for the same workflow", {
      hint: "Leave out -atomic-copy or -source_shards.",
    });
  }
  return choice.partial ? 1 : choice.atomicCopy ? 2 : 0;
}

export interface RowSettings {
  workflow: string;
  cells: string[];
  tabletTypes: TabletTypes;
  /** Undefined: as the tablet's version does it when it isn't told. */
  deferSecondaryKeys: boolean | undefined;
  subType: WorkflowSubType;
  now: Date;
}

/** Go's math.MaxInt64, which switches the stream's own throttling off. */
const NO_LIMIT = "9223372036854775807";

/**
 * The INSERT of one stream, in state Stopped, with the columns that the tablet has
 * (go/vt/binlog/binlogplayer/binlog_player.go, InsertGenerator: v11, v16 and v22 each added some).
 *
 * PreflightError when the tablet can't store it: see `requireStorable`.
 */
export function insertStatement(stream: PlannedStream, settings: RowSettings, capabilities: Capabilities): string {
  const { columns: known, beforeV12 } = capabilities;
  requireStorable([stream], new Map([[stream.target, capabilities]]));
  const source = formatBinlogSource(stream.source);
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
    ["workflow_sub_type", String(settings.subType)],
    ["defer_secondary_keys", String(deferred)],
    ["options", "'{}'"],
  ];
  cells.push(...later.filter(([column]) => known.has(column)));
  const columns = cells.map(([column]) => column).join(", ");
  const values = cells.map(([, value]) => value).join(", ");
  return `insert into _vt.vreplication(${columns}) values (${values})`;
}
