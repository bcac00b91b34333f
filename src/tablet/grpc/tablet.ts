import { FailedError, NotFoundError } from "../../errors.js";
import type { TabletSecurity } from "../../net/security.js";
import { decodeResult, type ResultSet } from "../../wire/result.js";
import type {
  CallOptions,
  SchemaChoice,
  SchemaDefinition,
  Tablet,
  TabletRecord,
  VDiffCall,
  VStreamResultsEvent,
  WorkflowUpdate,
} from "../port.js";
import type { Caller } from "./call.js";
import { dialTablet } from "./dial.js";
import { resultEvents } from "./result-events.js";
import { updateRequest } from "./update-request.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Vitess's clients' own row limit for fetches (go/vt/vttablet/grpctmclient). */
const MAX_ROWS = 10_000;
const TM = "tabletmanagerservice.TabletManager";
const QUERY = "queryservice.Query";

/** src/tablet/port.ts over gRPC. */
export class GrpcTablet implements Tablet {
  constructor(
    readonly record: TabletRecord,
    private readonly caller: Caller,
    private readonly security: TabletSecurity,
  ) {}

  dial(options: CallOptions = {}): Promise<void> {
    return dialTablet(this.record, this.security, { timeoutMs: 3 * SECOND, ...options });
  }

  async ping(options: CallOptions = {}): Promise<void> {
    await this.caller.unary(TM, "Ping", { payload: "payload" }, { timeoutMs: 10 * SECOND, read: true, ...options });
  }

  async getSchema(tables: string[], options: CallOptions & SchemaChoice = {}): Promise<SchemaDefinition> {
    const { excludeTables = [], includeViews, tableSchemaOnly, ...call } = options;
    const request = {
      tables: tables.length > 0 ? tables : ["/.*/"],
      exclude_tables: excludeTables,
      // As Go writes it: what is false is left out.
      ...(includeViews && { include_views: true }),
      ...(tableSchemaOnly && { table_schema_only: true }),
    };
    const settings = { timeoutMs: 2 * MINUTE, read: true, ...call };
    const { schema_definition } = await this.caller.unary(TM, "GetSchema", request, settings);
    return schema_definition ?? { database_schema: "", table_definitions: [] };
  }

  async applySchema(sql: string, options: CallOptions = {}): Promise<void> {
    const request = {
      sql,
      allow_replication: true,
      sql_mode: "NO_AUTO_VALUE_ON_ZERO",
      disable_foreign_key_checks: true,
    };
    await this.caller.unary(TM, "ApplySchema", request, { timeoutMs: 10 * MINUTE, ...options });
  }

  async vreplicationExec(query: string, options: CallOptions = {}): Promise<ResultSet> {
    const settings = { timeoutMs: MINUTE, read: isSelect(query), ...options };
    return decodeResult((await this.caller.unary(TM, "VReplicationExec", { query }, settings)).result);
  }

  /** Asked without a workflow's name, which is refused before anything is looked up. */
  async hasWorkflowRpcs(options: CallOptions = {}): Promise<boolean> {
    const settings = { timeoutMs: 30 * SECOND, read: true, ...options };
    try {
      await this.caller.unary(TM, "ReadVReplicationWorkflow", { workflow: "" }, settings);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      if (error instanceof FailedError) return true;
      throw error;
    }
  }

  async updateWorkflow(update: WorkflowUpdate & { workflow: string }, options: CallOptions = {}): Promise<number> {
    const request = updateRequest(update);
    const settings = { timeoutMs: MINUTE, ...options };
    return decodeResult((await this.caller.unary(TM, "UpdateVReplicationWorkflow", request, settings)).result)
      .rowsAffected;
  }

  async vreplicationWaitForPos(
    id: number,
    position: string,
    options: CallOptions & { timeoutMs: number },
  ): Promise<void> {
    await this.caller.unary(TM, "VReplicationWaitForPos", { id, position }, { waits: true, ...options });
  }

  async waitForPosition(position: string, options: CallOptions & { timeoutMs: number }): Promise<void> {
    await this.caller.unary(TM, "WaitForPosition", { position }, { waits: true, ...options });
  }

  /** v12 renamed MasterPosition to PrimaryPosition and kept no alias. */
  async primaryPosition(options: CallOptions = {}): Promise<string> {
    const settings = { timeoutMs: 30 * SECOND, read: true, ...options };
    try {
      return (await this.caller.unary(TM, "PrimaryPosition", {}, settings)).position;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return (await this.caller.unary(TM, "MasterPosition", {}, settings)).position;
    }
  }

  async executeFetchAsDba(
    query: string,
    options: CallOptions & { maxRows?: number; reloadSchema?: boolean } = {},
  ): Promise<ResultSet> {
    const { maxRows = MAX_ROWS, reloadSchema = false, ...call } = options;
    const request = {
      query: Buffer.from(query),
      db_name: this.record.dbName,
      max_rows: maxRows,
      reload_schema: reloadSchema,
    };
    const settings = { timeoutMs: MINUTE, read: isSelect(query), ...call };
    return decodeResult((await this.caller.unary(TM, "ExecuteFetchAsDba", request, settings)).result);
  }

  async executeFetchAsApp(query: string, options: CallOptions & { maxRows?: number } = {}): Promise<ResultSet> {
    const { maxRows = MAX_ROWS, ...call } = options;
    const request = { query: Buffer.from(query), max_rows: maxRows };
    const settings = { timeoutMs: MINUTE, read: isSelect(query), ...call };
    return decodeResult((await this.caller.unary(TM, "ExecuteFetchAsApp", request, settings)).result);
  }

  async refreshState(options: CallOptions = {}): Promise<void> {
    await this.caller.unary(TM, "RefreshState", {}, { timeoutMs: 30 * SECOND, read: true, ...options });
  }

  async reloadSchema(options: CallOptions = {}): Promise<void> {
    await this.caller.unary(TM, "ReloadSchema", {}, { timeoutMs: MINUTE, read: true, ...options });
  }

  async vdiff(request: VDiffCall, options: CallOptions = {}): Promise<{ uuid: string; output: ResultSet }> {
    const { keyspace, workflow, action, actionArg, uuid, options: vdiffOptions } = request;
    const message = { keyspace, workflow, action, action_arg: actionArg, vdiff_uuid: uuid, options: vdiffOptions };
    const settings = { timeoutMs: MINUTE, read: action === "show", ...options };
    const response = await this.caller.unary(TM, "VDiff", message, settings);
    return { uuid: response.vdiff_uuid, output: decodeResult(response.output) };
  }

  async health(options: CallOptions = {}): ReturnType<Tablet["health"]> {
    for await (const health of this.caller.stream(QUERY, "StreamHealth", {}, { timeoutMs: 10 * SECOND, ...options })) {
      return {
        serving: health.serving,
        type: health.target?.tablet_type ?? "UNKNOWN",
        error: health.realtime_stats?.health_error ?? "",
      };
    }
    return { serving: false, type: "UNKNOWN", error: "StreamHealth ended without an answer" };
  }

  /** The deadline is for the whole stream; keepalive notices a peer that is gone long before. */
  vstreamResults(query: string, options: CallOptions = {}): AsyncGenerator<VStreamResultsEvent> {
    const { keyspace, shard, type } = this.record;
    const request = { target: { keyspace, shard, tablet_type: type }, query };
    const settings = { timeoutMs: 24 * 60 * MINUTE, ...options };
    return resultEvents(this.caller.streamBytes(QUERY, "VStreamResults", request, settings), this.record);
  }

  /** The channel is shared by every tablet object of one address: TabletClients closes it. */
  close(): void {}
}

function isSelect(query: string): boolean {
  return /^\s*(select|show|explain)\b/i.test(query);
}
