/**
 * What the actions make of a VDiff's rows. Vitess's statements join vdiff and vdiff_table: what happens to a VDiff
 * hangs on there being tables of it (vdiff/schema.go).
 */
import { records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import { log, type VDiffStateName, type VDiffStore } from "./store.js";

export interface NewVDiff {
  uuid: string;
  keyspace: string;
  workflow: string;
  state: VDiffStateName;
  /** JSON. */
  options: string;
}

/** Resolves with its id. */
export function insertVDiff(store: VDiffStore, vdiff: NewVDiff): Promise<string> {
  const { identity, dbName } = store.state;
  const values = [vdiff.keyspace, vdiff.workflow, vdiff.state, vdiff.options, identity.shard, dbName, vdiff.uuid];
  const sql =
    "insert into _vt.vdiff(keyspace, workflow, state, options, shard, db_name, vdiff_uuid) " +
    `values (${values.map(sqlString).join(", ")})`;
  return store.run((execute) => String(execute(sql).insertId));
}

/** Sets a VDiff going again behind its last keys; false when it isn't one that can be. `options` replace those it has. */
export function resumeVDiff(store: VDiffStore, id: string, options: string | undefined): Promise<boolean> {
  const { lifecycle } = store.state.profile.vdiff;
  // v14 asks for no state, and counts the rows anew.
  const ended = (column: string) => (lifecycle ? ` and ${column} in ('completed', 'stopped')` : "");
  const count = lifecycle ? "" : ", rows_compared = 0";
  const set = options === undefined ? "" : `, options = ${sqlString(options)}`;
  return store.run((execute) => {
    const vdiffs = execute(`select id from _vt.vdiff where id = ${id}${ended("state")}`);
    const tables = execute(`select table_name from _vt.vdiff_table where vdiff_id = ${id}${ended("state")}`);
    if (vdiffs.rows.length === 0 || tables.rows.length === 0) return false;
    execute(`update _vt.vdiff_table set state = 'pending'${count} where vdiff_id = ${id}${ended("state")}`);
    execute(`update _vt.vdiff set started_at = null, completed_at = null, state = 'pending'${set} where id = ${id}`);
    return true;
  });
}

/** Starts one that was created stopped; false when it isn't such a one. */
export function startVDiff(store: VDiffStore, id: string): Promise<boolean> {
  return store.run((execute) => {
    if (execute(`select table_name from _vt.vdiff_table where vdiff_id = ${id}`).rows.length > 0) return false;
    const { rowsAffected } = execute(
      `update _vt.vdiff set state = 'pending' where id = ${id} and state = 'stopped' ` +
        "and started_at is null and completed_at is null",
    );
    return rowsAffected > 0;
  });
}

/** After an error: every table begins again behind its last key, completed ones too. */
export function retryVDiff(store: VDiffStore, id: string): Promise<void> {
  return store.run((execute) => {
    execute(`update _vt.vdiff set state = 'pending', last_error = '' where id = ${id}`);
    execute(`update _vt.vdiff_table set state = 'pending' where vdiff_id = ${id}`);
  });
}

/** One that has no tables yet stays as it is. */
export function markStopped(store: VDiffStore, id: string): Promise<void> {
  return store.run((execute) => {
    const vdiffs = execute(`select id from _vt.vdiff where id = ${id} and state != 'completed'`);
    const tables = execute(`select table_name from _vt.vdiff_table where vdiff_id = ${id}`);
    if (vdiffs.rows.length === 0 || tables.rows.length === 0) return;
    execute(`update _vt.vdiff set state = 'stopped', last_error = '' where id = ${id}`);
    execute(`update _vt.vdiff_table set state = 'stopped' where vdiff_id = ${id}`);
    log(execute, id, "State changed to: stopped (by user request)");
  });
}

/** `where` chooses rows of `_vt.vdiff`. */
export function deleteVDiffs(store: VDiffStore, where: string, logToo: boolean): Promise<void> {
  return store.run((execute) => {
    const ids = records(execute(`select id from _vt.vdiff where ${where}`)).map(({ id }) => id);
    if (ids.length === 0) return;
    const list = ids.join(", ");
    execute(`delete from _vt.vdiff_table where vdiff_id in (${list})`);
    if (logToo) execute(`delete from _vt.vdiff_log where vdiff_id in (${list})`);
    execute(`delete from _vt.vdiff where id in (${list})`);
  });
}
