import type { SchemaDefinition } from "../../tablet/port.js";
import type { LockKey } from "../../topo/port.js";
import type { Leftover } from "../denied-tables.js";
import { isProbe } from "../probe.js";
import type { WorkflowRecord } from "../record.js";
import type { WorkflowStreams } from "../streams.js";
import type { Target } from "../targets.js";

/** What was seen of a keyspace at one moment; see `look`. */
export interface Scene {
  keyspace: string;
  /** "etcd2 localhost:2379 /vitess/global" */
  topology: string;
  now: Date;
  /** Shards whose primary answered. */
  targets: Target[];
  /** Shards whose primary didn't: what is there nobody knows. */
  silent: { target: Target; reason: string }[];
  /** By name, all that have streams on shards that answered. */
  workflows: WorkflowStreams[];
  /** Workflows of which a stream can't be understood. */
  unreadable: { workflow: string; reason: string }[];
  /** By workflow. */
  records: ReadonlyMap<string, NotedWorkflow>;
  /** `key` is the whole key, with the topology's root. */
  unreadableRecords: { workflow: string; key: string; reason: string }[];
  /** Those that streams and records name. */
  mounts: ReadonlyMap<string, MountState>;
  /** Of the keyspace, its shards and its workflows. */
  locks: LockKey[];
  denied: Leftover[];
  schemas: ReadonlyMap<Target, SchemaDefinition>;
  vschema: { sharded: boolean; tables: ReadonlySet<string> };
  /** Tables that a routing rule sends to another keyspace. */
  movedAway: ReadonlySet<string>;
}

export interface NotedWorkflow {
  record: WorkflowRecord;
  /** Complete has announced its tables: it only goes forward. */
  announced: boolean;
}

/** "unasked": of a kind that can't be opened here. */
export type MountState = { is: "answering" | "unasked" } | { is: "missing" } | { is: "silent"; reason: string };

/** Workflows whose streams read from a mounted cluster and aren't probes: those are Migrates, whoever made them. */
export function migrates({ workflows }: Scene): WorkflowStreams[] {
  return workflows.filter(
    ({ workflow, streams }) =>
      streams.some(({ source }) => source.externalCluster !== "") &&
      !streams.every(({ source }) => isProbe(workflow, source)),
  );
}

/** A table's name on a shard: whether it exists there. */
export function hasTable({ schemas }: Scene, target: Target, table: string): boolean {
  return schemas.get(target)?.table_definitions.some(({ name }) => name === table) ?? false;
}
