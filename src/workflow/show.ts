import { NotFoundError } from "../errors.js";
import type { ShardRecord } from "../topo/port.js";
import type { BinlogSource } from "../wire/binlog-source.js";
import { shownState, transactionLag, updateLag, WORKFLOW_SUB_TYPES, workflowTypeName } from "./state.js";
import type { Stream, WorkflowStreams } from "./streams.js";
import { targetName } from "./targets.js";

/** Go's math.MaxInt64: how Vitess says "far behind"; too large for a number. */
const MAX_INT64 = 9223372036854775807n;

/** A JSON document whose keys stand in the order in which they are printed. */
export type ShowDocument = Record<string, unknown>;

/**
 * What `Workflow show` prints (go/vt/wrangler/vexec.go, replicationStatusResult): keys and their order as
 * the target's own version has them. The lags are seconds as they are, where Vitess prints an epoch.
 *
 * NotFoundError "no streams found for workflow <wf> in keyspace <ks>".
 */
export function showDocument(workflow: WorkflowStreams, now: Date): ShowDocument {
  const { streams, capabilities } = workflow;
  const [first] = streams;
  if (first === undefined) {
    throw new NotFoundError(`no streams found for workflow ${workflow.workflow} in keyspace ${workflow.keyspace}`);
  }
  const has = dialect(capabilities.columns);
  const targets = workflow.targets.filter((target) => streams.some((stream) => stream.target === target));
  const sourceShards = new Set(streams.map((stream) => stream.source.shard));
  return {
    Workflow: workflow.workflow,
    SourceLocation: { Keyspace: first.source.keyspace, Shards: [...sourceShards].sort() },
    TargetLocation: { Keyspace: workflow.keyspace, Shards: targets.map((target) => target.shard.name).sort() },
    MaxVReplicationLag: Math.max(...streams.map((stream) => updateLag(stream, now))),
    ...(has.v14 && {
      MaxVReplicationTransactionLag: maxTransactionLag(streams, now),
      Frozen: streams.some((stream) => stream.message === "FROZEN"),
    }),
    ShardStatuses: Object.fromEntries(
      targets
        .toSorted((a, b) => (targetName(a) < targetName(b) ? -1 : 1))
        .map((target) => [
          targetName(target),
          {
            [has.v14 ? "PrimaryReplicationStatuses" : "MasterReplicationStatuses"]: streams
              .filter((stream) => stream.target === target)
              .map((stream) => streamDocument(stream, has)),
            TabletControls:
              target.shard.tabletControls.length > 0
                ? target.shard.tabletControls.map((stored) => control(stored, has))
                : null,
            [has.v14 ? "PrimaryIsServing" : "MasterIsServing"]: target.shard.isPrimaryServing,
          },
        ]),
    ),
    ...(has.v14 && { SourceTimeZone: first.source.sourceTimeZone, TargetTimeZone: first.source.targetTimeZone }),
    ...(has.v16 && first.source.onDdl !== "IGNORE" && { OnDDL: first.source.onDdl }),
    ...(has.v16 && first.deferSecondaryKeys && { DeferSecondaryKeys: true }),
  };
}

interface Dialect {
  v14: boolean;
  v16: boolean;
}

function dialect(columns: ReadonlySet<string>): Dialect {
  return { v14: columns.has("time_heartbeat"), v16: columns.has("workflow_sub_type") };
}

function streamDocument(stream: Stream, has: Dialect): ShowDocument {
  return {
    Shard: stream.target.shard.name,
    Tablet: stream.target.primary.record.alias,
    ID: stream.id,
    Bls: sourceDocument(stream.source, has),
    Pos: stream.position?.gtidSet ?? "",
    StopPos: stream.stopPos ?? "",
    State: shownState(stream),
    DBName: stream.dbName,
    TransactionTimestamp: stream.transactionTimestamp,
    TimeUpdated: stream.timeUpdated,
    ...(has.v14 && {
      TimeHeartbeat: stream.timeHeartbeat,
      TimeThrottled: stream.timeThrottled,
      ComponentThrottled: stream.componentThrottled,
    }),
    Message: stream.message,
    ...(has.v14 && { Tags: stream.tags }),
    ...(has.v16 && {
      WorkflowType: workflowTypeName(stream),
      WorkflowSubType: WORKFLOW_SUB_TYPES[stream.workflowSubType] ?? String(stream.workflowSubType),
    }),
    CopyState:
      stream.copyState.length > 0
        ? stream.copyState.map(({ table, lastpk }) => ({ Table: table, LastPK: lastpk ?? "" }))
        : null,
    ...(has.v16 && { RowsCopied: stream.rowsCopied }),
  };
}

/** BinlogSource as Go's encoding/json prints it: proto names, zero values left out, enums as numbers. */
function sourceDocument(source: BinlogSource, has: Dialect): ShowDocument {
  const onDdl = ["IGNORE", "STOP", "EXEC", "EXEC_IGNORE"].indexOf(source.onDdl);
  const rules = source.filter.rules.map((rule) => ({ match: rule.match, ...(rule.filter && { filter: rule.filter }) }));
  return {
    ...(source.keyspace && { keyspace: source.keyspace }),
    ...(source.shard && { shard: source.shard }),
    filter: rules.length > 0 ? { rules } : {},
    ...(!has.v16 && onDdl > 0 && { on_ddl: onDdl }),
    ...(source.stopAfterCopy && { stop_after_copy: true }),
    ...(source.externalCluster && { external_cluster: source.externalCluster }),
    ...(source.sourceTimeZone && { source_time_zone: source.sourceTimeZone }),
    ...(source.targetTimeZone && { target_time_zone: source.targetTimeZone }),
  };
}

const TABLET_TYPES = [
  "UNKNOWN",
  "PRIMARY",
  "REPLICA",
  "RDONLY",
  "SPARE",
  "EXPERIMENTAL",
  "BACKUP",
  "RESTORE",
  "DRAINED",
];

function control(stored: ShardRecord["tabletControls"][number], has: Dialect): ShowDocument {
  return {
    tablet_type: TABLET_TYPES.indexOf(stored.tablet_type === "MASTER" ? "PRIMARY" : stored.tablet_type),
    ...(stored.cells.length > 0 && { cells: stored.cells }),
    ...(stored.denied_tables.length > 0 && {
      [has.v14 ? "denied_tables" : "blacklisted_tables"]: stored.denied_tables,
    }),
    ...(stored.frozen && { frozen: true }),
  };
}

/** Unknown while a stream copies or has applied nothing yet: MaxInt64, as Vitess prints for a copying stream. */
function maxTransactionLag(streams: Stream[], now: Date): number | bigint {
  const lags = streams.map((stream) => transactionLag(stream, now));
  return lags.some((lag) => lag === undefined) ? MAX_INT64 : Math.max(...lags.map((lag) => lag ?? 0));
}
