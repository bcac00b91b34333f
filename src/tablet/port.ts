import { type ErrorDetails, NotFoundError } from "../errors.js";
import type { OnDdl } from "../wire/binlog-source.js";
import type { EncodedRow } from "../wire/encoded-row.js";
import type { SchemaDefinition__Output } from "../wire/generated/tabletmanagerdata/SchemaDefinition.js";
import type { VDiffOptions } from "../wire/generated/tabletmanagerdata/VDiffOptions.js";
import type { TabletType } from "../wire/generated/topodata/TabletType.js";
import type { ResultSet } from "../wire/result.js";
import type { TabletTypes } from "./types.js";

export type SchemaDefinition = SchemaDefinition__Output;

/** Where a tablet is and what it serves: the part of topodata.Tablet that callers need. */
export interface TabletRecord {
  /** The mount through which its record was read: whose credentials are used. Empty for the target cluster's own. */
  mount: string;
  /** "zone1-0000000100" */
  alias: string;
  cell: string;
  uid: number;
  keyspace: string;
  shard: string;
  type: TabletType;
  /** Empty when the tablet was shut down. */
  hostname: string;
  /** "host:port" of the gRPC port; IPv6 hosts in brackets. */
  grpcAddress: string;
  /** `db_name_override`, else "vt_<keyspace>". */
  dbName: string;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Overrides the call's own deadline, in milliseconds. */
  timeoutMs?: number;
}

/**
 * One tablet's TabletManager and Query services (proto/tabletmanagerservice.proto, proto/queryservice.proto).
 *
 * Errors: `UnreachableError` (no connection, deadline), `AuthError`, `NoSuchCallError`, `ConflictError` (FAILED_PRECONDITION), `InterruptedError` (`signal`),
 * else `FailedError` with the tablet's own sentence.
 */
export interface Tablet {
  readonly record: TabletRecord;
  /**
   * Opens and closes a connection to the gRPC port, encrypted as calls are: its failure is DNS's or TCP's
   * (UnreachableError), or TLS's (AuthError).
   */
  dial(options?: CallOptions): Promise<void>;
  ping(options?: CallOptions): Promise<void>;
  /** `tables` are names or /regexps/; none means all. Views are left out unless they are asked for. */
  getSchema(tables: string[], options?: CallOptions & SchemaChoice): Promise<SchemaDefinition>;
  /** Runs a script of DDL on a connection of its own; each statement commits by itself. */
  applySchema(sql: string, options?: CallOptions): Promise<void>;
  /** Statements on `_vt.vreplication` and its companions only. Only selects are ever repeated. */
  vreplicationExec(query: string, options?: CallOptions): Promise<ResultSet>;
  /** Whether the tablet's version has the workflow RPCs, and with them atomic copies (v18 and later). */
  hasWorkflowRpcs(options?: CallOptions): Promise<boolean>;
  /**
   * Changes what is given of all streams that a workflow has here; each is stopped, and starts anew as its state says
   * (v18 and later). How many there are.
   */
  updateWorkflow(update: WorkflowUpdate & { workflow: string }, options?: CallOptions): Promise<number>;
  /** Blocks until stream `id` has reached `position`. */
  vreplicationWaitForPos(id: number, position: string, options: CallOptions & { timeoutMs: number }): Promise<void>;
  /** Blocks until the tablet's MySQL has executed `position`. */
  waitForPosition(position: string, options: CallOptions & { timeoutMs: number }): Promise<void>;
  /** PrimaryPosition, or MasterPosition where that is what the tablet knows (v11). */
  primaryPosition(options?: CallOptions): Promise<string>;
  executeFetchAsDba(
    query: string,
    options?: CallOptions & { maxRows?: number; reloadSchema?: boolean },
  ): Promise<ResultSet>;
  /** No database is selected: qualify table names. */
  executeFetchAsApp(query: string, options?: CallOptions & { maxRows?: number }): Promise<ResultSet>;
  refreshState(options?: CallOptions): Promise<void>;
  reloadSchema(options?: CallOptions): Promise<void>;
  /**
   * An action of the tablet's own VDiff (v14 and later). NotFoundError for a UUID that it hasn't, ConflictError for one
   * that it has already or that can't be resumed.
   */
  vdiff(request: VDiffCall, options?: CallOptions): Promise<{ uuid: string; output: ResultSet }>;
  /** The first StreamHealth answer. */
  health(options?: CallOptions): Promise<{ serving: boolean; type: TabletType; error: string }>;
  /** Runs `query` in a consistent snapshot; `start` comes once, then packets of rows. Ends with the result. */
  vstreamResults(query: string, options?: CallOptions): AsyncIterable<VStreamResultsEvent>;
  close(): void;
}

export interface SchemaChoice {
  /** Names or /regexps/. */
  excludeTables?: string[];
  includeViews?: boolean;
  /** Columns, fields and primary keys are not wanted; tablets before v16 send them all the same. */
  tableSchemaOnly?: boolean;
}

/** What of a workflow's streams can be changed; what is absent stays. */
export interface WorkflowUpdate {
  /** Cells or cell aliases of the source cluster; none: the target tablet's own. */
  cells?: string[];
  /** Without `inOrder` a preference that the stream has stays, as with vtctlclient. */
  tabletTypes?: TabletTypes;
  onDdl?: OnDdl;
}

/** The tablet's version has no such RPC, or the RPC no such action: v14's VDiff knows neither stop nor delete. */
export class NoSuchCallError extends NotFoundError {
  constructor(
    message: string,
    readonly missing: "rpc" | "action",
    details: ErrorDetails = {},
  ) {
    super(message, details);
  }
}

export interface VDiffCall {
  keyspace: string;
  workflow: string;
  action: string;
  actionArg?: string;
  uuid?: string;
  options?: VDiffOptions;
}

/** Rows keep their packet's memory: `detach` those that are kept. */
export type VStreamResultsEvent =
  | { kind: "start"; position: string; fields: ResultSet["fields"] }
  | { kind: "rows"; rows: EncodedRow[] };

/** Opens tablets; channels are kept for the life of the process. */
export interface TabletClients {
  open(record: TabletRecord): Tablet;
  close(): void;
}
