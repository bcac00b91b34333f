/**
 * Secondary keys that are dropped before a copy and built again behind it: `defer_secondary_keys`
 * (vreplication/vreplicator.go, stashSecondaryKeys and execPostCopyActions; v16).
 */
import { records } from "../../../wire/result.js";
import { quoteIdentifierIfNeeded, sqlString } from "../../../wire/sql.js";
import type { CreateTable, KeyDefinition } from "../../mysql/parse/ddl-ast.js";
import { parseStatement } from "../../mysql/parse/statement.js";
import { StatementError } from "../errors.js";
import type { StreamStore } from "./store.js";

/** `type` of an action that is a statement; `task` is the statement. */
const SQL_ACTION = 1;
const CANT_DROP_KEY = 1091;
const DUPLICATE_KEY_NAME = 1061;

/** binlogdata.VReplicationWorkflowType: MoveTables, Migrate, Reshard. */
const supportedTypes = new Set(["1", "3", "4"]);

/** Other workflow types' wish is passed over without a word. */
export function defersKeys(store: StreamStore, id: number): boolean {
  if (!store.state.profile.sidecar.deferredKeys) return false;
  const row = store.stream(id);
  return row?.defer_secondary_keys === "1" && supportedTypes.has(row.workflow_type ?? "");
}

/**
 * Drops the table's secondary keys, unique ones too, and writes down the ALTER TABLE that brings them back.
 * Each statement commits by itself. A table without such keys (another stream has dropped them) gets no row.
 */
export function stashKeys(store: StreamStore, id: number, table: string): void {
  const keys = secondaryKeys(store, table);
  if (keys.keys.length === 0) return;
  const deferred = keys.keys.filter((key) => key.kind !== "fulltext");
  const name = fullName(store, table);
  const { keepsKeyWords } = store.state.profile.engine;
  const additions = deferred.map((key) => {
    const words = keepsKeyWords ? kindWords[key.kind].toUpperCase() : kindWords[key.kind];
    return ` add ${words}${keyText(key, keys.sql)}`;
  });
  const task = `alter table ${name}${additions.join(",")}`;
  const action = sqlString(JSON.stringify({ type: SQL_ACTION, task }));
  const values = `${id}, ${sqlString(table)}, ${action}`;
  store.execute(`insert into _vt.post_copy_action(vrepl_id, table_name, action) values (${values})`);
  if (deferred.length === 0) return;
  const drops = deferred.map((key) => ` drop key ${quoteIdentifierIfNeeded(key.name ?? "")}`);
  try {
    store.execute(`alter table ${name}${drops.join(",")}`);
  } catch (error) {
    const isGone = error instanceof StatementError && error.cause.errno === CANT_DROP_KEY;
    if (!isGone || secondaryKeys(store, table).keys.length > 0) throw error;
  }
}

/** Brings the table's keys back, unless another stream that still copies the table is going to. Throws StatementError. */
export function runPostCopyActions(store: StreamStore, id: number, table: string): void {
  if (!store.state.profile.sidecar.deferredKeys) return;
  const name = sqlString(table);
  const actions = records(
    store.execute(`select id, action from _vt.post_copy_action where vrepl_id = ${id} and table_name = ${name}`),
  );
  if (actions.length === 0) return;
  store.log(id, "Started Copy Phase", "Copying", `Executing ${actions.length} post copy action(s) for ${table} table`);
  for (const { id: actionId, action } of actions) {
    if (!isOthersTask(store, id, table, action ?? "")) runAction(store, table, action ?? "");
    store.execute(
      `delete from _vt.post_copy_action where vrepl_id = ${id} and table_name = ${name} and id = ${actionId}`,
    );
  }
  store.log(id, "Started Copy Phase", "Copying", `Completed all post copy actions for ${table} table`);
}

function isOthersTask(store: StreamStore, id: number, table: string, action: string): boolean {
  const pending = records(
    store.execute(
      "select pca.vrepl_id as vrepl_id, pca.action as action from _vt.post_copy_action as pca " +
        `inner join _vt.vreplication as vr on (pca.vrepl_id = vr.id) where pca.table_name = ${sqlString(table)}`,
    ),
  );
  return pending.some((other) => Number(other.vrepl_id) !== id && other.action === action);
}

function runAction(store: StreamStore, table: string, action: string): void {
  const { type, task } = JSON.parse(action) as { type: number; task: string };
  if (type !== SQL_ACTION) throw new Error(`unsupported post copy action type: ${type}`);
  // A table whose only keys are fulltext ones has a statement without anything to do.
  if (!task.includes(" add ")) return;
  try {
    store.execute(task);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    // Done before, but the row stayed: the table's keys are what the statement wants.
    if (error.cause.errno === DUPLICATE_KEY_NAME && hasAll(store, table, task)) return;
    throw error.for(`failed to execute post copy actions for table "${table}": `);
  }
}

function hasAll(store: StreamStore, table: string, task: string): boolean {
  const statement = parseStatement(task);
  if (statement.kind !== "ddl" || statement.ddl.kind !== "alterTable") return false;
  const { keys, sql } = secondaryKeys(store, table);
  const present = new Set(keys.map((key) => `${key.kind}${keyText(key, sql)}`));
  return statement.ddl.actions.every(
    (action) => action.kind === "addKey" && present.has(`${action.key.kind}${keyText(action.key, task)}`),
  );
}

function fullName(store: StreamStore, table: string): string {
  return `${quoteIdentifierIfNeeded(store.state.dbName)}.${quoteIdentifierIfNeeded(table)}`;
}

/** Every key but the primary one and, from v22 on, those that a foreign key of the table stands on. */
function secondaryKeys(store: StreamStore, table: string): { keys: KeyDefinition[]; sql: string } {
  const { mysql, dbName, profile } = store.state;
  const sql = mysql.table(dbName, table)?.createTable;
  if (sql === undefined) {
    const text = `unexpected number of table definitions returned from GetSchema call for table "${table}": 0`;
    throw new Error(text);
  }
  const create = parseCreateTable(sql);
  const list = (columns: readonly (string | undefined)[]) => columns.map((name) => name?.toLowerCase()).join(",");
  const foreign = new Set(
    profile.engine.keepsForeignKeyIndexes ? create.foreignKeys.map(({ columns }) => list(columns)) : [],
  );
  const keys = create.keys.filter(
    (key) => key.kind !== "primary" && !foreign.has(list(key.parts.map((part) => part.column))),
  );
  return { keys, sql };
}

function parseCreateTable(sql: string): CreateTable {
  const statement = parseStatement(sql);
  if (statement.kind === "ddl" && statement.ddl.kind === "createTable") return statement.ddl;
  throw new Error(`could not determine CREATE TABLE statement from table schema "${sql}"`);
}

const kindWords = {
  primary: "primary key",
  unique: "unique key",
  plain: "key",
  fulltext: "fulltext key",
  spatial: "spatial key",
} as const;

/** As Vitess's parser prints a key, behind its kind (sqlparser/ast_format.go, IndexDefinition). `sql` is what it was parsed from. */
function keyText(key: KeyDefinition, sql: string): string {
  const parts = key.parts.map(({ column, expr, length, descending }) => {
    const what =
      expr === undefined
        ? `${quoteIdentifierIfNeeded(column ?? "")}${length === undefined ? "" : `(${length})`}`
        : `(${sql.slice(expr.start, expr.end)})`;
    return `${what}${descending ? " desc" : ""}`;
  });
  const options = [
    key.using === undefined ? "" : ` USING ${key.using}`,
    key.comment === "" ? "" : ` COMMENT ${sqlString(key.comment)}`,
    key.invisible ? " INVISIBLE" : "",
  ].join("");
  const name = key.name === undefined ? "" : ` ${quoteIdentifierIfNeeded(key.name)}`;
  return `${name} (${parts.join(", ")})${options}`;
}
