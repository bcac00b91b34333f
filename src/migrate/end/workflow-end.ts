import { forEachAtOnce } from "../../concurrency.js";
import { ConflictError, NotFoundError } from "../../errors.js";
import type { Step } from "../../plan.js";
import type { CallOptions, TabletClients } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { controlQuery, deleteStreams } from "../../workflow/control.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { deleteRecord, recordPath } from "../../workflow/record.js";
import type { Stream } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";

/** The steps that Complete and Cancel have in common. */
export interface EndParts {
  topo: Topo;
  tablets: TabletClients;
  name: WorkflowName;
  targets: Target[];
  tables: string[];
  options: CallOptions;
}

/** ConflictError when the streams don't come from a mounted cluster: then it is some other workflow. */
export function requireMigrate(name: WorkflowName, streams: Stream[]): void {
  const local = streams.find((stream) => stream.source.externalCluster === "");
  if (local === undefined) return;
  throw new ConflictError(`workflow ${formatWorkflowName(name)} is not a Migrate: its source is in the same cluster`, {
    hint: "Use the command that created it, with vtctldclient.",
  });
}

/** Its tables may be in use: vtctldclient's complete knows nothing of our record. */
export function endedElsewhere(name: WorkflowName): NotFoundError {
  return new NotFoundError(
    `workflow ${formatWorkflowName(name)} does not exist: another tool has deleted its streams, and its tables are left alone`,
    { hint: "Migrate -keep_data Cancel forgets it. To copy anew, drop the tables and run Migrate Create." },
  );
}

const REFRESH_MS = 10_000;

/**
 * vtctldclient's Migrate create (v22) denies the tables on the target's primaries, and its complete leaves
 * them so: the application is refused. Refreshed are the shards' tablets, of which only the primaries must answer,
 * and always: an earlier run may have been cut short between the two.
 */
export function allowTablesStep(parts: EndParts, ...targets: Target[]): Step {
  return {
    describe: `Take the tables off the denied list of ${targets.map(shardName).join(", ")}, and refresh the tablets there`,
    details: targets.map(({ shard }) => `keyspaces/${shard.keyspace}/shards/${shard.name}/Shard`),
    apply: async () => {
      await forEachAtOnce(targets, (target) => allowTables(parts, target));
    },
  };
}

async function allowTables({ topo, tablets, name, tables, options }: EndParts, { shard, primary }: Target) {
  await topo.removeDeniedTables(name.keyspace, shard.name, tables);
  await primary.refreshState(options);
  const others = await topo.tabletsOfShard(name.keyspace, shard.name);
  await Promise.allSettled(
    others
      .filter((record) => record.alias !== primary.record.alias)
      .map((record) => tablets.open(record).refreshState({ timeoutMs: REFRESH_MS, ...options })),
  );
}

function shardName({ shard }: Target): string {
  return `${shard.keyspace}/${shard.name}`;
}

export function rebuildStep({ topo }: EndParts): Step {
  return {
    describe: "Rebuild SrvVSchema in every cell",
    details: ["SrvVSchema, in each cell's topology"],
    apply: () => topo.rebuildSrvVSchema(),
  };
}

export function deleteStreamsStep({ name, options }: EndParts, ...targets: Target[]): Step {
  const deletion = ({ primary }: Target) => controlQuery("delete", primary.record.dbName, name.workflow);
  return {
    describe: `Delete the streams on ${targets.map(targetName).join(", ")}, and before them the tablets' VDiffs of the workflow`,
    details: targets.map((target) => `${targetName(target)}: ${deletion(target)}`),
    apply: () => deleteStreams(targets, name, options),
  };
}

export function deleteRecordStep({ topo, name }: EndParts): Step {
  return {
    describe: `Delete the workflow's record ${recordPath(name)}`,
    apply: () => deleteRecord(topo, name.keyspace, name.workflow),
  };
}
