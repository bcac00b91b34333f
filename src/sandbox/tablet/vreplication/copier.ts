/** The copy phase: table after table, each from a snapshot, each batch with its key (vreplication/vcopier.go). */
import { parsePosition, positionContains } from "../../../wire/position.js";
import { decodeRow, encodeRow } from "../../../wire/result.js";
import { StatementError } from "../errors.js";
import { queryFor } from "../vstream/rules.js";
import type { Row, TablePlan } from "./apply.js";
import { addTables, type LastKey, readCopyState, removeTable, saveLastKey } from "./copy-state.js";
import { defersKeys, runPostCopyActions, stashKeys } from "./deferred-keys.js";
import { Player } from "./player.js";
import { planTable, type StreamContext } from "./stream.js";

const ROWS_PER_INSERT = 500;

/** Puts the target's tables that a rule matches on the list; false when there is none. */
export function beginCopy({ store, id, rules }: StreamContext): boolean {
  const { mysql, dbName } = store.state;
  const tables = mysql
    .tables(dbName)
    .map((table) => table.name)
    .filter((name) => queryFor(rules, name) !== undefined);
  if (tables.length === 0) {
    store.setState(id, "Stopped", "There is nothing to replicate");
    return false;
  }
  const deferred = defersKeys(store, id);
  // These statements commit by themselves: when one fails, those before it stay.
  if (deferred) for (const table of tables) stashKeys(store, id, table);
  const log = (text: string) => store.log(id, "Started Copy Phase", "Copying", `Copy phase ${text}`);
  const count = `for ${tables.length} table(s)`;
  store.transaction(() => {
    addTables(store, id, tables);
    store.setState(id, "Copying", "");
    log(`started ${count}`);
    if (!deferred) return;
    log(`temporarily dropping secondary keys ${count}`);
    log(`finished dropping secondary keys and saving post copy actions to restore them ${count}`);
  });
  return true;
}

/** Copies what is on the list; resolves when the list is empty. */
export async function copyTables(stream: StreamContext, signal: AbortSignal): Promise<void> {
  const { store, id } = stream;
  for (;;) {
    const [next] = readCopyState(store, id);
    if (next === undefined) break;
    await copyTable(stream, next[0], next[1], signal);
  }
  const { gtidSet } = parsePosition(stream.position());
  store.log(id, "Ended Copy Phase", "Copying", `Copy phase completed at gtid ${gtidSet}`);
}

async function copyTable(
  stream: StreamContext,
  name: string,
  after: LastKey | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { store, id, source, target, rules } = stream;
  const table = store.state.mysql.table(store.state.dbName, name);
  const query = queryFor(rules, name);
  if (table === undefined || query === undefined) throw new Error(`plan not found for table: ${name}`);
  let plan: TablePlan | undefined;
  let keyFields: LastKey["fields"] = [];
  const lastpk = after === undefined ? null : encodeLastKey(after);
  for await (const message of source.vstreamRows({ target, query, lastpk }, signal)) {
    if (message.fields.length > 0) {
      plan = planTable(stream, table, message.fields);
      keyFields = message.pkfields;
      await fastForward(stream, message.gtid, signal);
    }
    if (message.rows.length === 0 || plan === undefined) continue;
    if (message.lastpk === null) throw new Error("rows without lastpk");
    const key = { fields: keyFields, row: decodeRow(message.lastpk) };
    writeBatch(stream, plan, message.rows.map(decodeRow), key);
  }
  signal.throwIfAborted();
  if (plan === undefined) throw new Error(`no snapshot of table ${name}`);
  runPostCopyActions(store, id, name);
  removeTable(store, id, name);
}

/** Before rows of a snapshot are written, the tables that were copied are brought to the snapshot's position. */
async function fastForward(stream: StreamContext, snapshot: string, signal: AbortSignal): Promise<void> {
  const position = stream.position();
  if (position === "") {
    stream.store.savePosition(stream.id, snapshot);
    return;
  }
  if (positionContains(position, snapshot)) return;
  const copyState = readCopyState(stream.store, stream.id);
  await new Player(stream, position, { stopPosition: snapshot, saveStop: false, copyState }).play(signal);
}

/** Rows and the key that they end with commit together. */
export function writeBatch(stream: StreamContext, plan: TablePlan, rows: Row[], last: LastKey): void {
  const { store, id, rowsCopied } = stream;
  store.transaction(() => {
    for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
      insertRows(stream, plan.insert(rows.slice(at, at + ROWS_PER_INSERT)));
    }
    saveLastKey(store, id, plan.table.name, last);
    store.heartbeat(id);
  });
  rowsCopied.count += rows.length;
  if (Date.now() - rowsCopied.savedAt < store.state.timings.rowsCopiedMs) return;
  store.execute(`update _vt.vreplication set rows_copied = ${rowsCopied.count} where id = ${id}`);
  rowsCopied.savedAt = Date.now();
}

function insertRows({ store }: StreamContext, sql: string): void {
  try {
    store.execute(sql);
  } catch (error) {
    if (!(error instanceof StatementError) || !store.state.profile.engine.copyTasks) throw error;
    throw error.for("task error: failed inserting rows: ");
  }
}

function encodeLastKey({ fields, row }: LastKey) {
  return { fields, rows: [encodeRow(row)] };
}
