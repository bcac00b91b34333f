import { randomInt } from "node:crypto";
import type { ResultSet } from "../../../wire/result.js";
import type { Table } from "../catalog.js";
import { runDdl } from "../ddl/run-ddl.js";
import { SqliteError } from "../engine.js";
import { errors } from "../errors.js";
import { outputField } from "../fields.js";
import { fillInformationSchema, INFORMATION_SCHEMA } from "../information-schema.js";
import type { Dml, Query, TableName } from "../parse/ast.js";
import type { Ddl } from "../parse/ddl-ast.js";
import { type Statement as Parsed, parseStatement, type SetVariable, splitScript } from "../parse/statement.js";
import { MysqlError, type Session } from "../port.js";
import type { ServerState } from "../server.js";
import { translate } from "../translate/expression.js";
import { Scope, type TranslateContext } from "../translate/scope.js";
import { literal } from "../translate/typed.js";
import { fromEpochMicroseconds } from "../types/temporal.js";
import { runInsert, type WriteResult } from "./insert.js";
import { runQuery } from "./query.js";
import { inResultsCharset } from "./results-charset.js";
import { SessionVariables } from "./session-variables.js";
import { runShow } from "./show.js";
import { StatementContext } from "./statement-context.js";
import { firstTable, runDelete, runUpdate } from "./update-delete.js";

const EMPTY: ResultSet = { fields: [], rows: [], rowsAffected: 0, insertId: 0n };

export class SandboxSession implements Session {
  database: string | undefined;
  private readonly variables: SessionVariables;
  private readonly connectionId = randomInt(1, 2 ** 31);
  private lastInsertId = 0n;
  private rowCount = -1;
  private warnings: MysqlError[] = [];
  private begun = false;
  private closed = false;
  private savepoints: string[] = [];

  constructor(
    private readonly server: ServerState,
    database: string | undefined,
  ) {
    this.variables = new SessionVariables(server, () => ({
      connectionId: this.connectionId,
      lastInsertId: this.lastInsertId,
      warningCount: this.warnings.length,
    }));
    if (database !== undefined) this.use(database);
  }

  get inTransaction(): boolean {
    return this.begun;
  }

  execute(sql: string): ResultSet {
    if (this.closed) throw errors.sessionClosed();
    try {
      const result = this.run(parseStatement(sql), sql);
      this.rowCount = result.fields.length > 0 ? -1 : result.rowsAffected;
      return result;
    } catch (error) {
      this.rowCount = -1;
      if (error instanceof SqliteError) throw new MysqlError(1105, "HY000", `Unknown error: ${error.message}`);
      throw error;
    }
  }

  executeScript(sql: string): ResultSet[] {
    return splitScript(sql).map((statement) => this.execute(statement));
  }

  async executeWhenFree(sql: string, signal: AbortSignal): Promise<ResultSet> {
    const { transactions } = this.server;
    let deadline: AbortSignal | undefined;
    signal.throwIfAborted();
    // Between the last look and the statement nobody else may run: no await stands there.
    while (!transactions.isFree(this)) {
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(this.patience)]);
      await transactions.nextEnd(deadline);
      signal.throwIfAborted();
      if (deadline.aborted) throw errors.lockWait();
    }
    return this.execute(sql);
  }

  /** Milliseconds. */
  private get patience(): number {
    return Number(this.variables.get("innodb_lock_wait_timeout") ?? 50n) * 1000;
  }

  close(): void {
    if (this.closed) return;
    this.rollback();
    this.closed = true;
    this.server.forgetSession(this);
  }

  private run(parsed: Parsed, sql: string): ResultSet {
    if (parsed.kind !== "show" || parsed.show.what !== "warnings") this.warnings = [];
    switch (parsed.kind) {
      case "query":
        this.server.transactions.check(this);
        return this.query(parsed.query, sql);
      case "dml":
        return this.write(parsed.dml, sql);
      case "ddl":
        return this.define(parsed.ddl, sql);
      case "show":
        this.server.transactions.check(this);
        return this.show(parsed, sql);
      case "use":
        this.use(parsed.database);
        return EMPTY;
      case "set":
        for (const variable of parsed.variables) this.set(variable, sql);
        return EMPTY;
      case "begin":
        this.commit();
        this.begun = true;
        return EMPTY;
      case "commit":
        this.commit();
        return EMPTY;
      case "rollback":
        this.rollbackTo(parsed.savepoint);
        return EMPTY;
      case "savepoint":
        this.savepoint(parsed.name);
        return EMPTY;
      case "release":
        this.releaseSavepoint(parsed.name);
        return EMPTY;
      case "tableMaintenance":
        return this.maintain(parsed.verb, parsed.tables);
      case "do":
        for (const expr of parsed.exprs) {
          const context = this.statement(sql);
          context.valueOf(translate(expr, new Scope(context.translation)));
        }
        return EMPTY;
      case "nothing":
        return EMPTY;
    }
  }

  // ---- transactions ----

  private get autocommit(): boolean {
    return this.variables.get("autocommit") !== 0n;
  }

  private commit(): void {
    this.server.transactions.commit(this);
    this.begun = false;
    this.savepoints = [];
  }

  private rollback(): void {
    this.server.transactions.rollback(this);
    this.begun = false;
    this.savepoints = [];
  }

  private savepoint(name: string): void {
    if (!this.begun && this.autocommit) return;
    this.server.transactions.begin(this);
    this.savepoints = this.savepoints.filter((each) => each !== name.toLowerCase());
    this.savepoints.push(name.toLowerCase());
    this.server.transactions.mark(name.toLowerCase());
  }

  private rollbackTo(name: string | undefined): void {
    if (name === undefined) {
      this.rollback();
      return;
    }
    const at = this.savepoints.indexOf(name.toLowerCase());
    if (at < 0) throw errors.savepointMissing(name);
    this.server.transactions.rollbackTo(name.toLowerCase());
    this.savepoints = this.savepoints.slice(0, at + 1);
  }

  private releaseSavepoint(name: string): void {
    const at = this.savepoints.indexOf(name.toLowerCase());
    if (at < 0) throw errors.savepointMissing(name);
    this.savepoints = this.savepoints.slice(0, at);
  }

  // ---- statements ----

  private query(query: Query, sql: string): ResultSet {
    // Everything that a translation depends on, besides the catalog.
    const settings = ["time_zone", "sql_mode", "collation_connection"].map((name) => this.variables.text(name));
    const key = [this.database ?? "", ...settings, sql].join("\0");
    const result = runQuery(this.server, key, query, (markVolatile) => this.statement(sql, markVolatile).translation);
    return inResultsCharset(result, this.variables.text("character_set_results"));
  }

  private write(dml: Dml, sql: string): ResultSet {
    const context = this.statement(sql);
    const result = this.server.transactions.statement(this, () => this.writeRows(dml, context));
    if (!this.begun) {
      if (this.autocommit) this.server.transactions.commit(this);
      else this.begun = true;
    }
    this.warnings = context.warnings;
    if (result.insertId !== 0n) this.lastInsertId = result.insertId;
    return { ...EMPTY, rowsAffected: result.rowsAffected, insertId: result.insertId };
  }

  private writeRows(dml: Dml, context: StatementContext): WriteResult {
    switch (dml.kind) {
      case "insert":
        return runInsert(dml, this.tableFor(dml.table), context);
      case "update": {
        const name = firstTable(dml.table);
        if (name) this.tableFor(name);
        return runUpdate(dml, context);
      }
      case "delete": {
        const name = firstTable(dml.from);
        if (name) this.tableFor(name);
        return runDelete(dml, context);
      }
    }
  }

  private tableFor({ database, name }: TableName): Table {
    const where = database ?? this.database;
    if (where === undefined) throw errors.noDatabase();
    if (where.toLowerCase() === INFORMATION_SCHEMA) {
      throw new MysqlError(
        1044,
        "42000",
        "Access denied for user 'vt_app'@'localhost' to database 'information_schema'",
      );
    }
    if (this.server.catalog.findView(where, name))
      throw new MysqlError(1288, "HY000", `The target table ${name} of the statement is not updatable`);
    return this.server.catalog.table(where, name);
  }

  private define(ddl: Ddl, sql: string): ResultSet {
    this.commit();
    const context = this.statement(sql);
    const { transactions } = this.server;
    transactions.statement(this, () => {
      // Statements kept from before would hold on to tables that go.
      this.server.forgetQueries();
      try {
        runDdl(ddl, {
          statement: context,
          database: this.database,
          checkForeignKeys: this.variables.get("foreign_key_checks") !== 0n,
          serverCollation: this.variables.text("collation_server"),
        });
      } finally {
        this.server.catalog.changed();
      }
      if (this.variables.get("sql_log_bin") !== 0n)
        transactions.log.ddl(this.database ?? databaseNamed(ddl) ?? "", sql.trim());
    });
    transactions.commit(this);
    this.warnings = context.warnings;
    if (ddl.kind === "dropDatabase" && ddl.name === this.database) this.database = undefined;
    return EMPTY;
  }

  private show(parsed: Extract<Parsed, { kind: "show" }>, sql: string): ResultSet {
    const { translation, store } = this.statement(sql);
    return runShow(parsed.show, {
      translation,
      store,
      catalog: this.server.catalog,
      database: this.database,
      variables: () => this.variables.all(),
      warnings: this.warnings,
      gtidExecuted: this.server.gtidExecuted(),
    });
  }

  private maintain(verb: string, tables: readonly TableName[]): ResultSet {
    const columns = ["Table", "Op", "Msg_type", "Msg_text"];
    const rows = tables.map((table) => {
      const { database, name } = this.tableFor(table);
      return [`${database}.${name}`, verb, "status", "OK"].map((cell) => Buffer.from(cell));
    });
    return {
      fields: columns.map((name) => outputField({ name, typed: literal("") })),
      rows,
      rowsAffected: 0,
      insertId: 0n,
    };
  }

  private use(name: string): void {
    this.database = this.server.catalog.database(name).name;
  }

  private set(variable: SetVariable, sql: string): void {
    const context = this.statement(sql);
    const { value } = variable;
    const datum = value === undefined ? undefined : context.valueOf(translate(value, new Scope(context.translation)));
    const wasOff = !this.autocommit;
    this.variables.set(variable, datum);
    // Switching it on ends what was open.
    if (wasOff && this.autocommit) this.commit();
  }

  private statement(sql: string, markVolatile: () => void = () => undefined): StatementContext {
    const { server } = this;
    let aliases = 0;
    const modes = new Set(this.variables.text("sql_mode").split(","));
    const translation: TranslateContext = {
      sql,
      catalog: server.catalog,
      database: this.database,
      now: fromEpochMicroseconds(BigInt(Date.now()) * 1000n),
      timeZone: this.variables.text("time_zone"),
      version: server.version,
      connectionId: this.connectionId,
      lastInsertId: this.lastInsertId,
      rowCount: this.rowCount,
      collation: this.variables.text("collation_connection"),
      markVolatile,
      mode: (name) => modes.has(name),
      variable: (scope, name) => {
        markVolatile();
        return this.variables.read(scope, name);
      },
      prepareTable: (database, name) => {
        if (server.catalog.canonical(database) !== INFORMATION_SCHEMA) return;
        markVolatile();
        fillInformationSchema(name, server.catalog, server.store);
      },
      nextAlias: () => `a${++aliases}`,
    };
    const isLogged = this.variables.get("sql_log_bin") !== 0n;
    return new StatementContext(translation, server.store, {
      row: (table, before, after) => {
        server.transactions.addBytes(table, imageBytes(after) - imageBytes(before));
        if (isLogged) server.transactions.log.row(table.database, table.name, before, after);
      },
    });
  }
}

function imageBytes(image: readonly (Buffer | null)[] | undefined): number {
  return image?.reduce((sum, value) => sum + (value?.length ?? 0), 0) ?? 0;
}

function databaseNamed(ddl: Ddl): string | undefined {
  if ("table" in ddl) return ddl.table.database;
  if (ddl.kind === "createDatabase" || ddl.kind === "dropDatabase") return ddl.name;
  if (ddl.kind === "dropTable") return ddl.tables[0]?.database;
  return undefined;
}
