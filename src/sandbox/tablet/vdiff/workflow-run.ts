/** What one VDiff works on: its streams with their sources, and the topology in which these are found. */
import { parseBinlogSource } from "../../../wire/binlog-source.js";
import { type ResultSet, records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { SandboxTopo } from "../../topo.js";
import { openMount } from "../mount.js";
import type { TabletState } from "../state.js";
import type { Engine } from "../vreplication/engine.js";
import type { Rule } from "../vstream/rules.js";
import type { OneAtATime } from "./one-at-a-time.js";
import type { VDiffOptions } from "./options.js";
import type { VDiffStore } from "./store.js";
import type { TimeZones } from "./table-plan.js";

export interface WorkflowRun {
  /** Of the row in `_vt.vdiff`. */
  id: string;
  workflow: string;
  options: VDiffOptions;
  state: TabletState;
  store: VDiffStore;
  streams: Engine;
  /** Only one VDiff of a tablet takes snapshots at a time. */
  snapshots: OneAtATime;
  sources: WorkflowSource[];
  /** Of the first stream, as are the rules. */
  sourceKeyspace: string;
  /** Undefined: the workflow has no streams here. */
  rules: readonly Rule[] | undefined;
  /** "": the source is in the tablet's own cluster, or the version has no ear for another one. */
  mount: string;
  /** Undefined unless the streams convert times, and in v14, which knows nothing of it. */
  timeZones: TimeZones | undefined;
}

/** A shard that one of the workflow's streams reads. */
export interface WorkflowSource {
  shard: string;
  streamId: number;
  /** Where its stream was stopped. */
  position: string;
}

/** The WHERE that chooses the workflow's streams. */
export function workflowFilter({ state, workflow }: { state: TabletState; workflow: string }): string {
  return `where workflow = ${sqlString(workflow)} and db_name = ${sqlString(state.dbName)}`;
}

/** What the workflow's rows in `_vt.vreplication` say of its sources. */
export function describeStreams(
  state: TabletState,
  rows: ResultSet,
): Pick<WorkflowRun, "sources" | "sourceKeyspace" | "rules" | "mount" | "timeZones"> {
  const streams = records(rows).map((row) => ({ id: Number(row.id), source: parseBinlogSource(row.source ?? "") }));
  const first = streams[0]?.source;
  const last = streams.at(-1)?.source;
  const mount = streams.map(({ source }) => source.externalCluster).findLast((name) => name !== "");
  const { sourceTimeZone = "", targetTimeZone = "" } = last ?? {};
  const { externalSources, lifecycle } = state.profile.vdiff;
  return {
    sources: streams.map(({ id, source }) => ({ shard: source.shard, streamId: id, position: "" })),
    sourceKeyspace: first?.keyspace ?? "",
    rules: first?.filter.rules,
    mount: externalSources ? (mount ?? "") : "",
    timeZones: lifecycle && sourceTimeZone !== "" ? { source: sourceTimeZone, target: targetTimeZone } : undefined,
  };
}

/** The topology of the sources, open for as long as `use` takes. */
export async function withSourceTopo<T>(
  { state, mount }: Pick<WorkflowRun, "state" | "mount">,
  use: (topo: SandboxTopo) => Promise<T>,
): Promise<T> {
  if (mount === "") return use(state.topo);
  const topo = await openMount(state.topo, mount);
  try {
    return await use(topo);
  } finally {
    topo.close();
  }
}
