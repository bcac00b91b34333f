import { randomUUID } from "node:crypto";
import { formatGtidSet } from "../../wire/gtid-set.js";
import type { Value } from "../../wire/result.js";
import { ChangeLog } from "./binlog.js";
import { Catalog, type Table } from "./catalog.js";
import type { ChangeBuffer } from "./change-buffer.js";
import { Engine } from "./engine.js";
import { errors } from "./errors.js";
import { installFunctions } from "./functions/index.js";
import { createInformationSchema, dataLength } from "./information-schema.js";
import type { BinlogTransaction, MysqlServer, TableSchema } from "./port.js";
import { RowApplier } from "./replica.js";
import { RowStore } from "./row-store.js";
import { tableSchema } from "./schema.js";
import { SandboxSession } from "./session/session.js";
import type { Statement } from "./statement.js";
import { Transactions } from "./transactions.js";
import type { TranslatedQuery } from "./translate/query.js";
import { defaultVariables, type VariableValue } from "./variables.js";

export interface MysqlServerOptions {
  /** Lower-case hex with dashes; a random one otherwise. */
  serverUuid?: string;
  /** What version() answers, "8.4.6" when left out. */
  version?: string;
  /** Are the time zone tables loaded, so that CONVERT_TZ and time_zone know names? Yes when left out. */
  timeZoneTables?: boolean;
}

const CACHED_QUERIES = 200;

interface CachedQuery {
  statement: Statement;
  query: TranslatedQuery;
}

/** A server with no databases but information_schema. Its memory goes with the object; `close` ends its sessions. */
export async function createMysqlServer(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  return new ServerState(await Engine.open(), options);
}

/** What the sessions of one server share. */
export class ServerState implements MysqlServer {
  readonly serverUuid: string;
  readonly version: string;
  readonly areTimeZonesLoaded: boolean;
  readonly catalog = new Catalog();
  readonly store: RowStore;
  readonly transactions: Transactions;
  readonly binlog = new ChangeLog();
  private readonly variables = new Map<string, VariableValue>(Object.entries(defaultVariables));
  private readonly queries = new Map<string, CachedQuery>();
  private readonly sessions = new Set<SandboxSession>();
  private closed = false;

  constructor(
    readonly engine: Engine,
    options: MysqlServerOptions,
  ) {
    this.serverUuid = (options.serverUuid ?? randomUUID()).toLowerCase();
    this.version = options.version ?? "8.4.6";
    this.areTimeZonesLoaded = options.timeZoneTables ?? true;
    this.store = new RowStore(engine);
    this.transactions = new Transactions(engine, (changes, gtid) => this.logCommit(changes, gtid));
    installFunctions(engine, this.areTimeZonesLoaded);
    createInformationSchema(this.catalog);
  }

  session(options: { database?: string } = {}): SandboxSession {
    if (this.closed) throw errors.sessionClosed();
    const session = new SandboxSession(this, options.database);
    this.sessions.add(session);
    return session;
  }

  tables(database: string): TableSchema[] {
    const found = [...this.catalog.database(database).tables.values()];
    return found.sort((a, b) => (a.name < b.name ? -1 : 1)).map((table) => this.schemaOf(table));
  }

  table(database: string, name: string): TableSchema | undefined {
    const table = this.catalog.find(database, name);
    return table && this.schemaOf(table);
  }

  private schemaOf(table: Table): TableSchema {
    return tableSchema(table, { rowCount: () => this.store.rowCount(table), dataLength: () => dataLength(table) });
  }

  gtidExecuted(): string {
    return formatGtidSet(this.binlog.executed);
  }

  waitForGtid(gtidSet: string, signal: AbortSignal): Promise<void> {
    return this.binlog.waitFor(gtidSet, signal);
  }

  applyTransaction(transaction: BinlogTransaction): void {
    if (this.binlog.has(transaction.gtid)) return;
    const owner = {};
    const applier = new RowApplier(this.catalog, this.store);
    try {
      this.transactions.begin(owner);
      for (const event of transaction.events) {
        if (event.kind === "row") {
          const table = this.catalog.table(event.database, event.table);
          applier.apply(table, event.before, event.after);
          this.transactions.addBytes(table, bytesOf(event.after) - bytesOf(event.before));
          this.transactions.log.row(event.database, event.table, event.before, event.after);
        } else {
          this.applyDdl(event.database, event.sql, owner);
        }
      }
    } catch (error) {
      this.transactions.rollback(owner);
      throw error;
    }
    this.transactions.commit(owner, transaction.gtid);
  }

  /** A session of its own runs the statement; its log entry is made here, under the transaction's GTID. */
  private applyDdl(database: string, sql: string, owner: object): void {
    this.transactions.commit(owner);
    const session = this.session();
    try {
      session.execute("SET sql_log_bin = 0, foreign_key_checks = 0, sql_mode = ''");
      if (database !== "" && this.catalog.databases.has(database)) session.database = database;
      session.execute(sql);
    } finally {
      session.close();
    }
    this.transactions.begin(owner);
    this.transactions.log.ddl(database, sql);
  }

  /** A session that has closed is nobody's any more. */
  forgetSession(session: SandboxSession): void {
    this.sessions.delete(session);
  }

  private logCommit(changes: ChangeBuffer, gtid: string | undefined): void {
    if (changes.count === 0 && gtid === undefined) return;
    const own = gtid ?? `${this.serverUuid}:${this.binlog.last(this.serverUuid) + 1n}`;
    this.binlog.append(own, Math.floor(Date.now() / 1000), changes.pack());
  }

  globalVariable(name: string): VariableValue | undefined {
    switch (name) {
      case "version":
        return this.version;
      case "version_comment":
        return "Sandbox";
      case "server_uuid":
        return this.serverUuid;
      case "gtid_executed":
        return this.gtidExecuted();
      default:
        return this.variables.get(name);
    }
  }

  globalVariables(): Map<string, VariableValue> {
    const computed = ["version", "version_comment", "server_uuid", "gtid_executed"];
    return new Map([
      ...this.variables,
      ...computed.map((name): [string, VariableValue] => [name, this.globalVariable(name) ?? null]),
    ]);
  }

  setGlobalVariable(name: string, value: VariableValue): void {
    this.variables.set(name, value);
  }

  cachedQuery(key: string): CachedQuery | undefined {
    const known = this.queries.get(key);
    if (!known) return undefined;
    // The most recently used stays longest.
    this.queries.delete(key);
    this.queries.set(key, known);
    return known;
  }

  cacheQuery(key: string, query: CachedQuery): void {
    this.queries.set(key, query);
    if (this.queries.size <= CACHED_QUERIES) return;
    const [oldest] = this.queries;
    if (!oldest) return;
    oldest[1].statement.finalize();
    this.queries.delete(oldest[0]);
  }

  forgetQueries(): void {
    for (const { statement } of this.queries.values()) statement.finalize();
    this.queries.clear();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const session of this.sessions) session.close();
    this.engine.close();
  }
}

function bytesOf(image: readonly Value[] | undefined): number {
  return image?.reduce((sum, value) => sum + (value?.length ?? 0), 0) ?? 0;
}
