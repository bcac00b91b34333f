import { randomUUID } from "node:crypto";
import { type ServiceError, status } from "@grpc/grpc-js";
import { quoteIdentifier, sqlString } from "../../wire/sql.js";
import type { SetVariable } from "../mysql/parse/statement.js";
import { type Answer, done } from "./answer.js";
import { SqlError, unknownDatabase } from "./errors.js";
import { parseStatement } from "./parse.js";
import { type Plan, planQuery } from "./plan.js";
import { type Routed, route, type ShardTarget } from "./route.js";
import { show, vitessShow } from "./show.js";
import { splice } from "./splice.js";
import type { QueryStatement, SessionCall, Statement } from "./statement.js";
import type { TabletClient } from "./tablet-client.js";
import { formatTarget, parseTarget, type TargetString } from "./target.js";
import type { Topology } from "./topology.js";
import { Transaction } from "./transaction.js";
import { SessionVariables } from "./variables.js";

export interface SessionOptions {
  topology: Topology;
  tablets: TabletClient;
  version: { version: string; versionComment: string };
  connectionId: number;
  user: string;
  clientFoundRows: boolean;
}

/** One client's session (vtgate.Session): its database, its transaction, its variables. */
export class Session {
  readonly #options: SessionOptions;
  readonly #variables: SessionVariables;
  #target: TargetString = { keyspace: "", shard: undefined, tabletType: "PRIMARY" };
  #transaction: Transaction | undefined;
  #lastInsertId = 0n;
  #rowCount = -1;
  #foundRows = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#variables = new SessionVariables(options.version);
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  get autocommit(): boolean {
    return Number(this.#variables.get("autocommit")) === 1;
  }

  /** Chooses the database; SqlError 1049 when the VSchema has no such keyspace. */
  use(database: string): void {
    const target = parseTarget(database);
    if (target.keyspace !== "" && !this.#options.topology.vschema.has(target.keyspace)) {
      throw unknownDatabase(target.keyspace);
    }
    this.#target = target;
  }

  /** Runs one statement. Throws SqlError. */
  async execute(sql: string): Promise<Answer> {
    const answer = await this.#dispatch(parseStatement(sql));
    this.#rowCount = answer.fields.length > 0 ? -1 : answer.rowsAffected;
    if (answer.fields.length > 0) this.#foundRows = answer.rows.length;
    if (answer.insertId !== 0n) this.#lastInsertId = answer.insertId;
    return answer;
  }

  async #dispatch(statement: Statement): Promise<Answer> {
    switch (statement.kind) {
      case "use":
        this.use(statement.database);
        return done;
      case "set":
        for (const variable of statement.variables) await this.#assign(variable);
        return done;
      case "begin":
        await this.#end("commit");
        this.#transaction = this.#newTransaction();
        return done;
      case "commit":
        await this.#end("commit");
        return done;
      case "rollback":
        if (statement.savepoint === undefined) await this.#end("rollback");
        else await this.#transaction?.savepoint("rollback", quoteIdentifier(statement.savepoint));
        return done;
      case "savepoint":
      case "release":
        await this.#transaction?.savepoint(statement.kind, quoteIdentifier(statement.name));
        return done;
      case "show":
        return show(statement.show, {
          session: this.#target,
          topology: this.#options.topology,
          variables: this.#variables.all(),
          run: (plan) => this.#send(plan),
        });
      case "vitessShow":
        return vitessShow(statement.what, this.#target, this.#options.topology);
      case "nothing":
        return done;
      case "query":
        return this.#query(statement);
    }
  }

  async #query(statement: QueryStatement): Promise<Answer> {
    const plan = planQuery(this.#fillIn(statement), this.#target, this.#options.topology.vschema);
    // MySQL commits implicitly before DDL.
    if (plan.verb === "ddl") await this.#end("commit");
    else if (!this.autocommit && !plan.anyShard) this.#transaction ??= this.#newTransaction();
    return this.#send(plan);
  }

  async #send(plan: Plan): Promise<Answer> {
    const routed = route(plan, this.#options.topology);
    const severalWrites = plan.verb === "write" && routed.parts.length > 1;
    try {
      if (!severalWrites) return await this.#run(plan, routed, this.#transaction);
      return await (this.#transaction === undefined
        ? this.#inOwnTransaction(plan, routed)
        : this.#asAWhole(plan, routed, this.#transaction));
    } catch (error) {
      if (isAborted(error)) await this.#end("rollback");
      throw error;
    }
  }

  /** A write to several shards outside of transactions: none keeps its part unless all have done theirs. */
  async #inOwnTransaction(plan: Plan, routed: Routed): Promise<Answer> {
    const transaction = this.#newTransaction();
    try {
      const answer = await this.#run(plan, routed, transaction);
      await transaction.commit();
      return answer;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /** A write to several shards in a transaction (go/vt/vtgate/plan_execute.go, rollbackPartialExec). */
  async #asAWhole(plan: Plan, routed: Routed, transaction: Transaction): Promise<Answer> {
    const savepoint = quoteIdentifier(`_vt${randomUUID().replaceAll("-", "_")}`);
    await transaction.savepoint("savepoint", savepoint);
    try {
      return await this.#run(plan, routed, transaction);
    } catch (error) {
      if (!(error instanceof SqlError) || isAborted(error)) throw error;
      await transaction.savepoint("rollback", savepoint);
      const { errno, sqlState, message, cause } = error;
      throw new SqlError(errno, sqlState, `reverted partial DML execution failure: ${message}`, { cause });
    }
  }

  async #run(plan: Plan, { parts, merge }: Routed, transaction: Transaction | undefined): Promise<Answer> {
    const { tablets, clientFoundRows } = this.#options;
    const asked = parts.map(async ({ target, sql }) => {
      const transactionId = await transactionIdFor(plan, target, transaction);
      return tablets.execute(target, { sql, transactionId, clientFoundRows });
    });
    // Every shard has answered before anything is rolled back or committed.
    const outcomes = await Promise.allSettled(asked);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return merge(outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])));
  }

  async #assign({ scope, name, value }: SetVariable): Promise<void> {
    if (scope === "user") return this.#variables.setUser(name, value);
    if (scope === "global") throw new SqlError(1235, "42000", `VT12001: unsupported: global scope in set: ${name}`);
    this.#variables.set(name, value);
    // Switching autocommit on commits what is open, as in MySQL.
    if (name === "autocommit" && this.autocommit) await this.#end("commit");
  }

  #newTransaction(): Transaction {
    return new Transaction(this.#options.tablets, this.#options.clientFoundRows);
  }

  async #end(how: "commit" | "rollback"): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.[how]();
  }

  /** Puts values in the place of what only the vtgate knows; select columns keep their names. */
  #fillIn(statement: QueryStatement): QueryStatement {
    if (statement.sessionCalls.length === 0) return statement;
    const edits = statement.sessionCalls.map((call) => {
      const { start, end } = call;
      const alias = call.needsAlias ? ` as ${quoteIdentifier(statement.sql.slice(start, end))}` : "";
      return { start, end, text: this.#literal(call) + alias };
    });
    return { ...statement, sql: splice(statement.sql, edits) };
  }

  #literal(call: SessionCall): string {
    const value = call.kind === "variable" ? this.#variables.get(call.name) : this.#function(call.name);
    if (value === null) return "null";
    return typeof value === "string" ? sqlString(value) : String(value);
  }

  #function(name: string): string | number | bigint | null {
    switch (name) {
      case "database":
        return this.#target.keyspace === "" ? null : formatTarget(this.#target);
      case "last_insert_id":
        return this.#lastInsertId;
      case "row_count":
        return this.#rowCount;
      case "found_rows":
        return this.#foundRows;
      case "connection_id":
        return this.#options.connectionId;
      default:
        return `${this.#options.user}@localhost`;
    }
  }

  /** Rolls back what is open. */
  async close(): Promise<void> {
    await this.#end("rollback");
  }
}

/** Queries without tables begin nothing, but must not stand outside of what is open. */
async function transactionIdFor(plan: Plan, target: ShardTarget, transaction?: Transaction): Promise<string> {
  if (plan.verb === "ddl" || transaction === undefined) return "0";
  return plan.anyShard ? (transaction.openIdFor(target) ?? "0") : transaction.idFor(target);
}

/** The tablet has ended the transaction itself (deadlock, timeout). */
function isAborted(error: unknown): boolean {
  const cause = error instanceof SqlError ? (error.cause as ServiceError | undefined) : undefined;
  return cause?.code === status.ABORTED;
}
