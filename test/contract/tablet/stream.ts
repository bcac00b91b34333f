/** One stream of the target over some of its tables: begun, looked at, ended. */
import { sqlString } from "../../../src/wire/sql.js";
import { type Place, type Row, until } from "./place.js";

export interface StreamWanted {
  /** The rules of its filter as prototext; default: one for each of `tables`. */
  rules?: string;
  tables?: readonly string[];
  /** More of the BinlogSource: "stop_after_copy:true". */
  more?: string;
  cells?: string;
  tabletTypes?: string;
  mount?: string;
  state?: string;
  /** Further columns of the row, as SQL. */
  columns?: Record<string, string>;
}

export class Stream {
  constructor(
    readonly place: Place,
    readonly id: number,
    readonly workflow: string,
  ) {}

  /** Inserts a stopped stream. */
  static async insert(place: Place, wanted: StreamWanted): Promise<Stream> {
    const workflow = place.name("wf");
    const { insertId } = await place.target.vreplicationExec(insertStatement(place, workflow, wanted));
    return new Stream(place, Number(insertId), workflow);
  }

  static async start(place: Place, wanted: StreamWanted): Promise<Stream> {
    const stream = await Stream.insert(place, wanted);
    await stream.setState("Running");
    return stream;
  }

  async setState(state: string, more = ""): Promise<void> {
    await this.place.exec(`update _vt.vreplication set state='${state}'${more} where id=${this.id}`);
  }

  async row(): Promise<Row> {
    const [row] = await this.place.exec(`select * from _vt.vreplication where id=${this.id}`);
    return row ?? {};
  }

  until(check: (row: Row) => boolean, timeoutMs?: number): Promise<Row> {
    return until(() => this.row(), check, timeoutMs);
  }

  /** It has copied everything and follows. */
  following(): Promise<Row> {
    return until(
      async (): Promise<Row> => ({ ...(await this.row()), left: String((await this.copyState()).length) }),
      (row) => row.state === "Running" && row.pos !== "" && row.message === "" && row.left === "0",
    );
  }

  copyState(): Promise<Row[]> {
    return this.place.exec(`select table_name, lastpk from _vt.copy_state where vrepl_id=${this.id}`);
  }

  log(): Promise<Row[]> {
    return this.place.exec(
      `select type, state, message, count from _vt.vreplication_log where vrepl_id=${this.id} order by id`,
    );
  }

  async delete(): Promise<void> {
    await this.place.exec(`delete from _vt.vreplication where id=${this.id}`);
  }
}

/** The INSERT of one stream, with the columns that every release has, and those that must have a value. */
export function insertStatement(place: Place, workflow: string, wanted: StreamWanted): string {
  const { tables = [], more = "", cells = place.cell, mount = place.under.mount, state = "Stopped" } = wanted;
  const { tabletTypes = place.since([11, "master"], [14, "in_order:primary,replica"]) } = wanted;
  const rules =
    wanted.rules ?? tables.map((name) => `rules:{match:"${name}" filter:"select * from ${name}"}`).join(" ");
  const source = `keyspace:"commerce" shard:"0" filter:{${rules}} ${more} external_cluster:"${mount}"`;
  const values: Record<string, string> = {
    workflow: sqlString(workflow),
    source: sqlString(source),
    pos: "''",
    max_tps: "9223372036854775807",
    max_replication_lag: "9223372036854775807",
    cell: sqlString(cells),
    tablet_types: sqlString(tabletTypes),
    time_updated: "1",
    transaction_timestamp: "0",
    state: sqlString(state),
    db_name: "'vt_commerce'",
    ...place.since<Record<string, string>>([11, {}], [22, { options: "'{}'" }]),
    ...wanted.columns,
  };
  return `insert into _vt.vreplication(${Object.keys(values).join(", ")}) values (${Object.values(values).join(", ")})`;
}
