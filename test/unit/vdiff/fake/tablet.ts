import { FailedError, StillRunningError, UnreachableError } from "../../../../src/errors.js";
import type { CallOptions, Tablet, TabletRecord, VStreamResultsEvent } from "../../../../src/tablet/port.js";
import type { ResultSet } from "../../../../src/wire/result.js";
import { encodedRows } from "../../../support/encoded-rows.js";
import { type FakeMysql, transactionsOf } from "./mysql.js";
import { parseSelect, parseUpdate } from "./select.js";
import { definition, type FakeRow, field } from "./table.js";

/** A row of `_vt.vreplication`. */
export interface FakeStream {
  id: string;
  workflow: string;
  source: string;
  pos: string;
  stop_pos: string | null;
  state: string;
  message: string;
  db_name: string;
}

/** What can go wrong with a tablet. */
export interface Trouble {
  /** Answers nothing from now on. */
  gone?: boolean;
  /** Sends that many rows of each stream, then no more, and doesn't end it. */
  stallAfterRows?: number;
  /** Updates take so long, in milliseconds; a caller who gives up doesn't stop them. */
  slowUpdatesMs?: number;
  /** Characters of four bytes come as question marks, in text that claims this character set. */
  garbledAs?: number;
  /** Streams don't move. */
  stuck?: boolean;
  /** Runs before each call is answered. */
  before?: (call: string) => void | Promise<void>;
}

/**
 * A tablet over a fake MySQL: it keeps positions, obeys `stop_pos`, and shows in a snapshot exactly what was
 * committed at its position. Nothing in it knows what a VDiff is.
 */
export function fakeTablet(record: TabletRecord, mysql: FakeMysql, more: { source?: FakeMysql } = {}) {
  const streams: FakeStream[] = [];
  const copying: { vrepl_id: string; table_name: string }[] = [];
  const vdiffs: { uuid: string; state: string }[] = [];
  const calls: string[] = [];
  const trouble: Trouble = {};

  const enter = async (call: string, options: CallOptions = {}) => {
    calls.push(call);
    await trouble.before?.(call);
    if (options.signal?.aborted) throw options.signal.reason;
    if (trouble.gone) throw new UnreachableError(`tablet ${record.alias} doesn't answer`);
  };

  /** The stream's player: applies what the source has, up to `stop_pos`. */
  const play = () => {
    for (const stream of streams) {
      if (stream.state !== "Running" || trouble.stuck || more.source === undefined) continue;
      const end = stream.stop_pos ? transactionsOf(stream.stop_pos) : more.source.executed;
      for (let at = transactionsOf(stream.pos); at < end; at++) copyTransaction(more.source, mysql, at + 1);
      stream.pos = more.source.position(Math.max(end, transactionsOf(stream.pos)));
      if (stream.stop_pos) {
        stream.state = "Stopped";
        stream.message = `Stopped at position ${stream.stop_pos}`;
      }
    }
  };

  const streamColumns = { columns: ["id", "workflow", "source", "pos", "stop_pos", "state", "message", "db_name"] };
  const asTable = {
    columns: streamColumns.columns.map((name) => ({ name, type: "", fieldType: "VARBINARY" as const })),
  };
  const asRow = (stream: FakeStream): FakeRow => Object.values(orderedStream(stream));

  const tablet: Tablet = {
    record,
    async dial(options) {
      await enter("dial", options);
    },
    async ping(options) {
      await enter("ping", options);
    },
    async getSchema(_tables, options) {
      await enter("getSchema", options);
      const contents = mysql.at(mysql.executed);
      const tables = mysql.tables.map((table) => definition(table, contents.get(table.name)?.length ?? 0));
      return { database_schema: "", table_definitions: tables, version: "" };
    },
    async hasWorkflowRpcs() {
      return true;
    },
    async vreplicationExec(query, options) {
      await enter(query, options);
      play();
      if (query.includes("_vt.copy_state"))
        return result(
          ["vrepl_id", "table_name"],
          copying.map((row) => [row.vrepl_id, row.table_name]),
        );
      if (query.startsWith("select")) {
        const where = parseUpdate(`update x set a=1 ${query.slice(query.indexOf(" where "))}`).matches;
        const rows = streams.map(asRow).filter((row) => where(row, asTable));
        return result(streamColumns.columns, rows);
      }
      const update = parseUpdate(query);
      const apply = async () => {
        await new Promise((resolve) => setTimeout(resolve, trouble.slowUpdatesMs ?? 0));
        const hit = streams.filter((stream) => update.matches(asRow(stream), asTable));
        for (const stream of hit) Object.assign(stream, update.set);
        return { ...result([], []), rowsAffected: hit.length };
      };
      return Promise.race([apply(), never(options?.signal)]);
    },
    async vreplicationWaitForPos(id, position, options) {
      await enter(`vreplicationWaitForPos ${id}`, options);
      await until(() => {
        play();
        const stream = streams.find((candidate) => candidate.id === String(id));
        if (stream === undefined) throw new FailedError(`vreplication stream ${id} not found`);
        return transactionsOf(stream.pos) >= transactionsOf(position);
      }, options);
    },
    async waitForPosition(position, options) {
      await enter("waitForPosition", options);
      await until(() => mysql.executed >= transactionsOf(position), options);
    },
    async primaryPosition(options) {
      await enter("primaryPosition", options);
      return mysql.position();
    },
    async health(options) {
      await enter("health", options);
      return { serving: true, type: record.type, error: "" };
    },
    async *vstreamResults(query, options): AsyncGenerator<VStreamResultsEvent> {
      await enter(query, options);
      const select = parseSelect(query);
      const table = mysql.tables.find(({ name }) => name === select.table);
      if (table === undefined) throw new FailedError(`table ${select.table} not found`);
      const columns = select.columns.map((name) => table.columns.findIndex((column) => column.name === name));
      const { garbledAs } = trouble;
      const fields = columns.map((i) => {
        const type = table.columns[i]?.fieldType ?? "VARBINARY";
        const isText = garbledAs !== undefined && type === "VARCHAR";
        return { ...field(table.columns[i]?.name ?? "", type), ...(isText && { charset: garbledAs }) };
      });
      const shown = (value: string | null) =>
        garbledAs === undefined ? value : (value?.replace(/[\u{10000}-\u{10ffff}]/gu, "?") ?? null);
      const snapshot = mysql.at(mysql.executed).get(select.table) ?? [];
      yield { kind: "start", position: mysql.position(), fields };
      const order = select.orderBy.map((name) => table.columns.findIndex((column) => column.name === name));
      const rows = snapshot.filter((row) => select.matches(row, table)).sort(byColumns(order));
      for (const [n, row] of rows.entries()) {
        await new Promise(setImmediate);
        if (options?.signal?.aborted) throw options.signal.reason;
        if (trouble.gone) throw new UnreachableError(`tablet ${record.alias} doesn't answer`);
        if (trouble.stallAfterRows !== undefined && n >= trouble.stallAfterRows) await never(options?.signal);
        yield { kind: "rows", rows: encodedRows([columns.map((i) => bytes(shown(row[i] ?? null)))]) };
      }
    },
    updateWorkflow: unused,
    applySchema: unused,
    async executeFetchAsApp(query, options) {
      const isVariable = query === "select @@character_set_results";
      await enter(isVariable ? "character set" : query, options);
      if (isVariable) return result([query], [["utf8mb4"]]);
      // Where to cut: nowhere.
      if (!query.includes("count(*)")) return result([], []);
      throw new FailedError("FUNCTION vt_commerce.sha2 does not exist (errno 1305) (sqlstate 42000)");
    },
    executeFetchAsDba: unused,
    refreshState: unused,
    reloadSchema: unused,
    async vdiff({ action }, options) {
      await enter(`vdiff ${action}`, options);
      const columns = ["id", "vdiff_uuid", "workflow", "keyspace", "state"];
      const rows = vdiffs.map(({ uuid, state }, i) => [String(i), uuid, "wf", record.keyspace, state]);
      return { uuid: "", output: result(columns, rows) };
    },
    close: () => {},
  };
  return { tablet, streams, copying, vdiffs, calls, trouble, play };
}

export type FakeTablet = ReturnType<typeof fakeTablet>;

function orderedStream({ id, workflow, source, pos, stop_pos, state, message, db_name }: FakeStream) {
  return { id, workflow, source, pos, stop_pos, state, message, db_name };
}

function copyTransaction(from: FakeMysql, to: FakeMysql, number: number): void {
  const [before, after] = [from.at(number - 1), from.at(number)];
  const changes = from.tables.flatMap(({ name }) => {
    const [old, now] = [before.get(name) ?? [], after.get(name) ?? []];
    return [
      ...old.filter((row) => !now.includes(row)).map((row) => ({ table: name, remove: row })),
      ...now.filter((row) => !old.includes(row)).map((row) => ({ table: name, put: row })),
    ];
  });
  to.commit(...changes);
}

function result(names: string[], rows: FakeRow[]): ResultSet {
  return {
    fields: names.map((name) => field(name, "VARBINARY")),
    rows: rows.map((row) => row.map(bytes)),
    rowsAffected: 0,
    insertId: 0n,
  };
}

function bytes(value: string | null): Buffer | null {
  return value === null ? null : Buffer.from(value);
}

function byColumns(columns: number[]): (a: FakeRow, b: FakeRow) => number {
  return (a, b) => {
    for (const i of columns) {
      const [x, y] = [a[i] ?? "", b[i] ?? ""];
      const order = /^-?\d+$/.test(x) && /^-?\d+$/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
      if (order !== 0) return order;
    }
    return 0;
  };
}

async function until(reached: () => boolean, options: { timeoutMs: number; signal?: AbortSignal }): Promise<void> {
  const endsAt = Date.now() + options.timeoutMs;
  while (!reached()) {
    if (options.signal?.aborted) throw options.signal.reason;
    if (Date.now() >= endsAt) throw new StillRunningError("has not reached the position");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

async function unused(): Promise<never> {
  throw new Error("the fake has no such call");
}
