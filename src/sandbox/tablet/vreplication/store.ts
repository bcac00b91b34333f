/** The rows of `_vt` that describe one tablet's streams, read and written with SQL. */
import { type ResultSet, records, type Value } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import { MysqlError, type Session } from "../../mysql/port.js";
import { StatementError } from "../errors.js";
import { nowSeconds, type TabletState } from "../state.js";

/** A row of `_vt.vreplication`; columns that the version lacks are absent. */
export type StreamRow = Record<string, string | null>;

export type StreamStateName = "Init" | "Stopped" | "Copying" | "Running" | "Error";

/** vreplication_log.message is a TEXT (vreplication/utils.go). */
const LOG_BYTES = 65_535;
/** binlogplayer.MessageTruncate; the column holds 1000. */
const MESSAGE_BYTES = 950;

export class StreamStore {
  readonly session: Session;
  /** The state that this run of a stream has reported last; "Unknown" before, and in versions that hold it as a text "". */
  reported = "";

  constructor(readonly state: TabletState) {
    this.session = state.mysql.session({ database: state.dbName });
    this.forgetReported();
  }

  /** A new run of the stream begins (vreplication/vreplicator.go, newVReplicator). */
  forgetReported(): void {
    this.reported = this.state.profile.engine.namedStates ? "Unknown" : "";
  }

  /**
   * The connection of one stream: UTC, zeros stay zeros in AUTO_INCREMENT columns, and from v14 on no strict mode
   * (vreplication/controller.go, vreplicator.go setSQLMode). Whoever asked closes it.
   */
  forStream(): StreamStore {
    const store = new StreamStore(this.state);
    const strict = "concat(@@session.sql_mode, ',NO_AUTO_VALUE_ON_ZERO')";
    const mode = this.state.profile.engine.strictMode ? strict : "'NO_AUTO_VALUE_ON_ZERO'";
    store.execute(`set @@session.time_zone = '+00:00', @@session.sql_mode = ${mode}`);
    return store;
  }

  /** Throws StatementError. */
  execute(sql: string): ResultSet {
    try {
      return this.session.execute(sql);
    } catch (error) {
      throw error instanceof MysqlError ? new StatementError(error, sql) : error;
    }
  }

  /** Statements that commit together. */
  transaction(body: () => void): void {
    this.session.execute("begin");
    try {
      body();
      this.session.execute("commit");
    } catch (error) {
      if (this.session.inTransaction) this.session.execute("rollback");
      throw error;
    }
  }

  stream(id: number): StreamRow | undefined {
    return records(this.execute(`select * from _vt.vreplication where id = ${id}`))[0];
  }

  /** The streams of the tablet's own database. */
  streams(): StreamRow[] {
    return records(this.execute(`select * from _vt.vreplication where db_name = ${sqlString(this.state.dbName)}`));
  }

  ids(where: string): number[] {
    return this.execute(`select id from _vt.vreplication${where}`).rows.map(([id]) => Number(id?.toString()));
  }

  setState(id: number, state: StreamStateName, message: string): void {
    const text = sqlString(this.#cut(message, MESSAGE_BYTES));
    this.execute(`update _vt.vreplication set state = '${state}', message = ${text} where id = ${id}`);
    if (state === this.reported) return;
    this.log(id, "State Changed", state, message);
    this.reported = state;
  }

  /** What a run of the stream failed with, before anything is made of it. */
  reportFailure(id: number, text: string): void {
    this.setMessage(id, text);
    this.log(id, "Message", this.reported, this.#cut(text, MESSAGE_BYTES));
  }

  setMessage(id: number, message: string): void {
    const text = sqlString(this.#cut(message, MESSAGE_BYTES));
    this.execute(`update _vt.vreplication set message = ${text} where id = ${id}`);
  }

  /** `timestamp` is the applied transaction's commit time in seconds; undefined leaves the column alone. */
  savePosition(id: number, position: string, timestamp?: number): void {
    const committed = timestamp === undefined ? "" : `, transaction_timestamp = ${timestamp}`;
    this.execute(
      `update _vt.vreplication set pos = ${sqlString(position)}, time_updated = ${nowSeconds()}${committed}, ` +
        `message = '' where id = ${id}`,
    );
  }

  heartbeat(id: number): void {
    const now = nowSeconds();
    const heartbeat = this.state.profile.engine.timeHeartbeat ? `, time_heartbeat = ${now}` : "";
    this.execute(`update _vt.vreplication set time_updated = ${now}${heartbeat} where id = ${id}`);
  }

  /**
   * A change to the state that the last row tells is passed over, and whatever has the last row's message, the empty one
   * too, only raises its count (vreplication/utils.go, insertLog).
   */
  log(id: number, type: string, state: string, message: string): void {
    const [last] = records(
      this.execute(
        `select id, state, message from _vt.vreplication_log where vrepl_id = ${id} order by id desc limit 1`,
      ),
    );
    if (type === "State Changed" && last?.state === state) return;
    if (last?.message === message) {
      this.execute(`update _vt.vreplication_log set count = count + 1 where id = ${last.id}`);
      return;
    }
    // Until v18 a text that the column doesn't hold is an error for whoever caused the row.
    const text = this.state.profile.engine.cutsInTheMiddle ? this.#cut(message, LOG_BYTES) : message;
    const values = [type, state, text].map(sqlString).join(", ");
    const sql = `insert into _vt.vreplication_log(vrepl_id, type, state, message) values (${id}, ${values})`;
    try {
      this.execute(sql);
    } catch (error) {
      throw error instanceof StatementError ? error.for(`could not insert into log table: ${sql}: `) : error;
    }
  }

  #cut(text: string, limit: number): string {
    return (this.state.profile.engine.cutsInTheMiddle ? cutInTheMiddle : cutOff)(text, limit);
  }

  /** Keys in alphabetical order, NULLs left out, <, > and & escaped: what Go makes of the row as a map. */
  logRow(id: number, type: string, row: StreamRow): void {
    const entries = Object.entries(row).filter(([, value]) => value !== null);
    const sorted = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    const text = JSON.stringify(sorted).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
    this.log(id, type, row.state ?? "", text);
  }

  close(): void {
    this.session.close();
  }
}

// Go cuts between bytes; here a character that is cut goes.
const whole = (part: Buffer) => part.toString("utf8").replaceAll("\ufffd", "");

function cutOff(text: string, limit: number): string {
  const bytes = Buffer.from(text, "utf8");
  return bytes.length <= limit ? text : whole(bytes.subarray(0, limit));
}

/** textutil.TruncateText (v22). */
function cutInTheMiddle(text: string, limit: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= limit) return text;
  const indicator = " ... [TRUNCATED] ... ";
  const head = Math.floor(limit / 2) - indicator.length;
  const tail = bytes.length - (head + indicator.length) + 1;
  return `${whole(bytes.subarray(0, head))}${indicator}${whole(bytes.subarray(tail))}`;
}

/** The single value of a single row. */
export function onlyValue(result: ResultSet): Value {
  return result.rows[0]?.[0] ?? null;
}
