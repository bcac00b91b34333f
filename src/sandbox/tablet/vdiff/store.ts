/** The rows of `_vt.vdiff`, `vdiff_table` and `vdiff_log`, read and written with SQL (vdiff/schema.go). */
import { type ResultSet, records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { Session } from "../../mysql/port.js";
import type { TabletState } from "../state.js";
import { whenFree } from "../when-free.js";

/** A row of `_vt.vdiff`; v14 has no last_error. */
export type VDiffRow = Record<string, string | null>;

export type VDiffStateName = "pending" | "started" | "stopped" | "completed" | "error";

export interface TableProgress {
  /** "" before the first row. */
  lastKey: string;
  mismatch: boolean;
  /** JSON; "" before the first save. */
  report: string;
}

/** Every method waits until no other session's transaction shuts it out, and its statements run in one turn. */
export class VDiffStore {
  readonly #session: Session;

  constructor(
    readonly state: TabletState,
    /** Ends the waiting: from then on nothing is read or written. */
    readonly closing: AbortSignal,
  ) {
    this.#session = state.mysql.session({ database: state.dbName });
  }

  close(): void {
    this.#session.close();
  }

  /** Statements in one turn. */
  run<T>(body: (execute: (sql: string) => ResultSet) => T): Promise<T> {
    return whenFree(this.state.mysql, this.closing, () => body((sql) => this.#session.execute(sql)));
  }

  select(where: string): Promise<VDiffRow[]> {
    return this.run((execute) => records(execute(`select * from _vt.vdiff where ${where}`)));
  }

  async byId(id: string): Promise<VDiffRow | undefined> {
    return (await this.select(`id = ${id}`))[0];
  }

  setState(id: string, state: VDiffStateName, error = ""): Promise<void> {
    const { lifecycle } = this.state.profile.vdiff;
    const at = { started: ", started_at = utc_timestamp()", completed: ", completed_at = utc_timestamp()" }[
      state as string
    ];
    const lastError = lifecycle ? `, last_error = left(${sqlString(error)}, 1024)` : "";
    return this.run((execute) => {
      execute(`update _vt.vdiff set state = '${state}'${lastError}${at ?? ""} where id = ${id}`);
      log(execute, id, `State changed to: ${state}`);
    });
  }

  log(id: string, message: string): Promise<void> {
    return this.run((execute) => log(execute, id, message));
  }

  /** Registers tables that are new, and refreshes the estimates of all. */
  registerTables(id: string, tables: readonly string[]): Promise<void> {
    const names = tables.map(sqlString).join(", ");
    return this.run((execute) => {
      const estimates = records(
        execute(
          "select table_name as table_name, table_rows as table_rows from information_schema.tables " +
            `where table_schema = ${sqlString(this.state.dbName)} and table_name in (${names}) order by table_name`,
        ),
      );
      for (const { table_name: name, table_rows: rows } of estimates) {
        const known = records(execute(`select table_name from ${tableRow(id, name ?? "")}`)).length > 0;
        execute(
          known
            ? `update _vt.vdiff_table set table_rows = ${rows} where ${tableIs(id, name ?? "")}`
            : "insert into _vt.vdiff_table(vdiff_id, table_name, state, table_rows) " +
                `values (${id}, ${sqlString(name ?? "")}, 'pending', ${rows})`,
        );
      }
    });
  }

  async progress(id: string, table: string): Promise<TableProgress | undefined> {
    const [row] = await this.run((execute) =>
      records(execute(`select lastpk, mismatch, report from ${tableRow(id, table)}`)),
    );
    if (row === undefined) return undefined;
    return { lastKey: row.lastpk ?? "", mismatch: row.mismatch === "1", report: row.report ?? "" };
  }

  setTableState(id: string, table: string, state: VDiffStateName): Promise<void> {
    // v14 throws away the report of a table that it begins, or gives up.
    const report = this.state.profile.vdiff.lifecycle ? "" : ", report = '{}'";
    return this.#updateTable(id, table, `state = '${state}'${report}`, `${state}: table ${sqlString(table)}`);
  }

  completeTable(id: string, table: string, report: string, rows: number): Promise<void> {
    const set = `state = 'completed', rows_compared = ${rows}, report = ${sqlString(report)}`;
    return this.#updateTable(id, table, set, `completed: table ${sqlString(table)}`);
  }

  /** `lastKey` undefined: no row was processed, and an earlier key stays. */
  saveProgress(id: string, table: string, report: string, rows: number, lastKey: string | undefined): Promise<void> {
    const key = lastKey === undefined ? "" : `lastpk = ${sqlString(lastKey)}, `;
    return this.#updateTable(id, table, `${key}rows_compared = ${rows}, report = ${sqlString(report)}`);
  }

  flagMismatch(id: string, table: string): Promise<void> {
    return this.#updateTable(id, table, "mismatch = true");
  }

  /** Tables that aren't completed. */
  incomplete(id: string): Promise<string[]> {
    const sql = `select table_name from _vt.vdiff_table where vdiff_id = ${id} and state != 'completed'`;
    return this.run((execute) => records(execute(sql)).map(({ table_name: name }) => name ?? ""));
  }

  #updateTable(id: string, table: string, set: string, message?: string): Promise<void> {
    return this.run((execute) => {
      execute(`update _vt.vdiff_table set ${set} where ${tableIs(id, table)}`);
      if (message !== undefined) log(execute, id, message);
    });
  }
}

function tableIs(id: string, table: string): string {
  return `vdiff_id = ${id} and table_name = ${sqlString(table)}`;
}

function tableRow(id: string, table: string): string {
  return `_vt.vdiff_table where ${tableIs(id, table)}`;
}

export function log(execute: (sql: string) => unknown, id: string, message: string): void {
  execute(`insert into _vt.vdiff_log(vdiff_id, message) values (${id}, ${sqlString(message)})`);
}
