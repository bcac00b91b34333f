import type { TabletRecord } from "../tablet/port.js";

/**
 * A topology server as Vitess sees it (go/vt/topo/conn.go): a tree of small files under one root,
 * with versions and locks. Paths are relative to the root and never start with a slash.
 *
 * Errors, for every operation: `NotFoundError` ("node doesn't exist: <full path>"), `ConflictError`
 * ("node already exists", "bad node version"), `UnreachableError`, `AuthError`, and `InterruptedError`
 * when `signal` is aborted. Every operation has a deadline of its own.
 */
export interface Conn {
  /** For messages: "etcd2 localhost:2379 /vitess/global". */
  readonly description: string;
  /** Which topology this is, whatever address it is reached by. */
  identity(signal?: AbortSignal): Promise<TopoIdentity>;
  get(path: string, signal?: AbortSignal): Promise<TopoFile>;
  /** Fails with ConflictError when the file exists. */
  create(path: string, contents: Uint8Array, signal?: AbortSignal): Promise<Version>;
  /** Compare-and-swap with a version; `undefined` overwrites or creates. */
  update(path: string, contents: Uint8Array, version: Version | undefined, signal?: AbortSignal): Promise<Version>;
  delete(path: string, version?: Version, signal?: AbortSignal): Promise<void>;
  /** Names directly below a directory, sorted; a directory that doesn't exist is empty. */
  listDir(dir: string, signal?: AbortSignal): Promise<string[]>;
  /** Every file whose path starts with `prefix`, sorted by path. */
  list(prefix: string, signal?: AbortSignal): Promise<TopoFile[]>;
  /** The current state first (undefined: absent), then each change, until `signal` is aborted. */
  watch(path: string, signal: AbortSignal): AsyncIterable<TopoFile | undefined>;
  /** Vitess's own lock recipe (go/vt/topo/etcd2topo/lock.go); waits in a fair queue. */
  lock(dir: string, request: LockRequest): Promise<Lock>;
  /** Who holds or awaits the lock of a directory, oldest first. */
  lockHolders(dir: string, signal?: AbortSignal): Promise<LockContents[]>;
  /** Every lock of a directory and of those below it, held or awaited; of each directory the oldest first. */
  locksBelow(dir: string, signal?: AbortSignal): Promise<LockKey[]>;
  close(): void;
}

/**
 * Different identities are different topologies. Equal ones need not be the same: etcd makes its cluster's id of
 * the members' peer addresses, so clusters that were started with the defaults share one.
 */
export interface TopoIdentity {
  /** The id of the etcd cluster, in decimal. */
  clusterId: string;
  /** The root as it begins the keys: without doubled or trailing slashes. */
  root: string;
}

/** etcd's ModRevision, in decimal. */
export type Version = string;

export interface TopoFile {
  path: string;
  contents: Buffer;
  version: Version;
}

export interface LockRequest {
  /** What the holder is doing, as vtctld spells it: "completeMigrateWorkflow". */
  action: string;
  /** How long to stand in the queue; then ConflictError, which names the holder. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Named locks live in a directory that holds nothing else. */
  allowMissingDir?: boolean;
}

/** The JSON that Vitess writes into a lock (go/vt/topo/locks.go). */
export interface LockContents {
  Action: string;
  HostName: string;
  UserName: string;
  Time: string;
  Options?: object;
  Status: string;
}

/** A lock as it stands in the topology. */
export interface LockKey {
  /** What is locked: "keyspaces/commerce". */
  dir: string;
  /** The whole key, with the topology's root: "/vitess/global/keyspaces/commerce/locks/7587893". */
  key: string;
  contents: LockContents;
  /** Undefined for a key without one: nothing but a deletion ends it. */
  lease: LockLease | undefined;
}

/** In seconds. Whoever renews it has as much left as was granted, or nearly so. */
export interface LockLease {
  granted: number;
  left: number;
}

export interface Lock {
  readonly dir: string;
  /** Aborted with the reason as soon as the lock is known to be lost. */
  readonly lost: AbortSignal;
  /** Asks the server; ConflictError when the lease is gone. Call it before each step that changes something. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** What a mount's record says (topodata.TopoConfig). */
export interface TopoConfig {
  type: string;
  server: string;
  root: string;
}

/**
 * One Vitess cluster's topology: its global topology and, through CellInfo, its cells'
 * (go/vt/topo/server.go). Typed records over `Conn`.
 */
export interface Topo {
  /** For messages: "etcd2 localhost:2379 /vitess/global". */
  readonly description: string;
  readonly global: Conn;

  cells(): Promise<string[]>;
  cellInfo(cell: string): Promise<{ serverAddress: string; root: string }>;
  cellAliases(): Promise<string[]>;
  cell(cell: string): Promise<Conn>;

  keyspaces(): Promise<string[]>;
  /** NotFoundError "node doesn't exist: <root>/keyspaces/<ks>/Keyspace". */
  keyspace(keyspace: string): Promise<KeyspaceRecord>;
  /** Every shard, sorted by name; empty when there is none. */
  shards(keyspace: string): Promise<ShardRecord[]>;
  shard(keyspace: string, shard: string): Promise<ShardRecord>;
  /** Takes tables off a shard's denied list (tablet type PRIMARY); false when none was on it. Edits bytes, CAS with retry. */
  removeDeniedTables(keyspace: string, shard: string, tables: string[]): Promise<boolean>;

  tablet(alias: string): Promise<TabletRecord>;
  /** The tablets of a shard in the given cells (all cells by default), by ShardReplication. */
  tabletsOfShard(keyspace: string, shard: string, cells?: string[]): Promise<TabletRecord[]>;

  /** NotFoundError "node doesn't exist: <root>/keyspaces/<ks>/VSchema". */
  vschema(keyspace: string): Promise<VSchemaFile>;
  /** Writes the whole VSchema; with a version it is a compare-and-swap. */
  saveVSchema(keyspace: string, contents: Uint8Array, version: Version | undefined): Promise<Version>;
  /**
   * Adds entries for tables that have none, at wire level: the definition's bytes (a vschema.Table), else an empty one.
   * Entries that are there stay as they are. The names that were added. CAS with retry.
   */
  addVSchemaTables(
    keyspace: string,
    tables: string[],
    definitions?: ReadonlyMap<string, Uint8Array>,
  ): Promise<string[]>;
  /** Removes entries; the names that were there. */
  removeVSchemaTables(keyspace: string, tables: string[]): Promise<string[]>;
  /** Assembles SrvVSchema from the stored bytes and writes it into each cell (all by default); verified by reading back. */
  rebuildSrvVSchema(cells?: string[]): Promise<void>;
  srvVSchema(cell: string): Promise<Buffer>;

  mounts(): Promise<string[]>;
  mount(name: string): Promise<TopoConfig>;
  createMount(name: string, config: TopoConfig): Promise<void>;
  deleteMount(name: string): Promise<void>;
  /** The mounted cluster's topology, opened once and closed with this one. NotFoundError "no vitess cluster found with name <name>"; UsageError for zk2, consul. */
  openMount(name: string): Promise<Topo>;
  /** Whether a mount leads back to this very topology. Errors as openMount. */
  mountsItself(name: string, signal?: AbortSignal): Promise<boolean>;

  /** The workflow's record of ours, `vtmigrate/<keyspace>/<workflow>` (JSON). */
  workflowRecord(keyspace: string, workflow: string): Promise<{ contents: string; version: Version } | undefined>;
  saveWorkflowRecord(
    keyspace: string,
    workflow: string,
    contents: string,
    version: Version | undefined,
  ): Promise<Version>;
  deleteWorkflowRecord(keyspace: string, workflow: string): Promise<void>;

  /** The keyspace's lock, as vtctld takes it. */
  lockKeyspace(keyspace: string, request: LockRequest): Promise<Lock>;
  /** The named lock of v22: `internal/named_locks/<name>`. */
  lockName(name: string, request: LockRequest): Promise<Lock>;
  close(): void;
}

export interface KeyspaceRecord {
  name: string;
  /** "_vt" when the record names none. */
  sidecarDbName: string;
}

export interface ShardRecord {
  keyspace: string;
  name: string;
  /** "zone1-0000000100", or undefined when the shard has no primary. */
  primaryAlias: string | undefined;
  isPrimaryServing: boolean;
  /** Tablet controls as stored (topodata.Shard.TabletControl). */
  tabletControls: { tablet_type: string; cells: string[]; denied_tables: string[]; frozen: boolean }[];
}

export interface VSchemaFile {
  contents: Buffer;
  version: Version;
}
