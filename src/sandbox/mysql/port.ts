/**
 * What the sandbox's tablets need of a MySQL server: sessions that run SQL, the schema, and a binary
 * log with GTIDs. One server belongs to one tablet.
 */
import type { Field } from "../../wire/generated/query/Field.js";
import type { ResultSet, Value } from "../../wire/result.js";

export interface MysqlServer {
  readonly serverUuid: string;
  session(options?: { database?: string }): Session;
  /** Tables of a database, sorted by name; views left out. */
  tables(database: string): TableSchema[];
  table(database: string, name: string): TableSchema | undefined;
  /** "<uuid>:1-5[,<uuid>:...]", without flavor; "" when nothing was executed. */
  gtidExecuted(): string;
  /** Resolves once every transaction of `gtidSet` is executed; rejects with the signal's reason. */
  waitForGtid(gtidSet: string, signal: AbortSignal): Promise<void>;
  readonly binlog: Binlog;
  /** Applies another server's transaction under its own GTID (a replica's SQL thread). Already executed: nothing happens. */
  applyTransaction(transaction: BinlogTransaction): void;
  close(): void;
}

export interface Session {
  /** One statement, MySQL's dialect. SQLite is synchronous, and so is this. Throws MysqlError. */
  execute(sql: string): ResultSet;
  /**
   * Like `execute`, but first waits for another session's open transaction to end. One connection to
   * the rows serves all sessions, so a transaction that has written shuts the others out, reads
   * included: `execute` then throws MysqlError 1205 at once, this one after innodb_lock_wait_timeout
   * (50 s). Rejects with the signal's reason.
   */
  executeWhenFree(sql: string, signal: AbortSignal): Promise<ResultSet>;
  /** A script, statements separated by semicolons; stops at the first failing one. */
  executeScript(sql: string): ResultSet[];
  readonly inTransaction: boolean;
  /** Rolls back what is open. */
  close(): void;
}

/** As MySQL reports it: "... (errno 1062) (sqlstate 23000)" is added by tablets. */
export class MysqlError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
    this.name = "MysqlError";
  }
}

export interface TableSchema {
  database: string;
  name: string;
  /** SHOW CREATE TABLE's text, as MySQL 8 prints it. */
  createTable: string;
  columns: ColumnSchema[];
  primaryKey: string[];
  /** The cheapest unique key over columns that can't be NULL, when there is no primary key. */
  primaryKeyEquivalent: string[];
  rowCount(): number;
  dataLength(): number;
}

export interface ColumnSchema {
  name: string;
  /** As in SHOW CREATE TABLE: "bigint unsigned", "enum('a','b')". */
  columnType: string;
  nullable: boolean;
  generated: boolean;
  /** "utf8mb4_0900_ai_ci"; undefined for columns that hold no text. */
  collation: string | undefined;
  /** The field MySQL describes it with in results. */
  field: Field;
}

export interface BinlogTransaction {
  /** "<uuid>:<n>" */
  gtid: string;
  /** Commit time, seconds since the epoch. */
  timestamp: number;
  /** Unpacked anew by every access: read it once. */
  events: BinlogEvent[];
}

export type BinlogEvent =
  | {
      kind: "row";
      database: string;
      table: string;
      /** Column values in table order as the text protocol prints them; before undefined: insert, after undefined: delete. */
      before: Value[] | undefined;
      after: Value[] | undefined;
    }
  | { kind: "ddl"; database: string; sql: string };

export interface Binlog {
  /** Every transaction that is not in `gtidSet`, in commit order, then new ones as they commit, until the signal aborts (ends quietly). */
  from(gtidSet: string, signal: AbortSignal): AsyncIterable<BinlogTransaction>;
}
