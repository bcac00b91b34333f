/** A tablet with a VDiff engine of its own: its rows are kept in memory, and what becomes of them is done by the test. */
import { ConflictError, NotFoundError } from "../../../../src/errors.js";
import { NoSuchCallError, type TabletRecord, type VDiffCall } from "../../../../src/tablet/port.js";
import { formatBinlogSource } from "../../../../src/wire/binlog-source.js";
import type { ResultSet } from "../../../../src/wire/result.js";
import { FakeMysql } from "../fake/mysql.js";
import { field } from "../fake/table.js";
import { type FakeTablet, fakeTablet } from "../fake/tablet.js";

export interface ToyVdiff {
  state: string;
  last_error: string;
  started_at: string | null;
  completed_at: string | null;
  created_at: string;
  options: VDiffCall["options"];
  tables: ToyVdiffTable[];
}

export interface ToyVdiffTable {
  table_name: string;
  table_state: string;
  table_rows: number;
  rows_compared: number;
  has_mismatch: 0 | 1;
  report: object | null;
}

export interface ToyEngine extends Omit<FakeTablet, "vdiffs"> {
  shard: string;
  vdiffs: Map<string, ToyVdiff>;
  /** Called before each action; what it throws is the answer. */
  onCall: (call: VDiffCall) => void;
  /** "v11" has no VDiff, "v14" neither stop nor delete, "v16" not the workflow RPCs. */
  version: "v11" | "v14" | "v16" | "v22";
}

export function toyEngine(of: TabletRecord, deeds: string[]): ToyEngine {
  const fake = fakeTablet(of, new FakeMysql("0b045f6e-e68d-11f1-b4dc-02fc00000001", []));
  const rules = ["corder", "customer"].map((name) => ({ match: name, filter: `select * from ${name}` }));
  fake.streams.push({
    id: String(of.uid + 5),
    workflow: "wf",
    source: formatBinlogSource({
      keyspace: "shop",
      shard: "0",
      filter: { rules },
      onDdl: "IGNORE",
      stopAfterCopy: false,
      externalCluster: "ext1",
      sourceTimeZone: "",
      targetTimeZone: "",
    }),
    pos: "MySQL56/0161eb37-e68d-11f1-a320-02fc00000001:1-9",
    stop_pos: null,
    state: "Running",
    message: "",
    db_name: "vt_commerce",
  });
  const engine: ToyEngine = { ...fake, shard: of.shard, vdiffs: new Map(), onCall: () => {}, version: "v22" };
  const { tablet } = engine;
  tablet.hasWorkflowRpcs = async () => engine.version === "v22";
  tablet.vdiff = async (call) => {
    if (engine.version === "v11") throw new NoSuchCallError("no VDiff", "rpc");
    if (engine.trouble.gone) await tablet.ping();
    if (engine.version === "v14" && ["stop", "delete"].includes(call.action)) {
      throw new NoSuchCallError(`action ${call.action} not supported`, "action");
    }
    engine.onCall(call);
    const known = engine.vdiffs.has(call.uuid ?? call.actionArg ?? "") || call.actionArg === "all";
    if (call.action !== "show" && (known || call.action === "create")) {
      deeds.push(`${of.shard} ${call.action} ${call.uuid ?? call.actionArg}`);
    }
    const shown = call.action === "show" && engine.vdiffs.has(call.actionArg ?? "") ? call.actionArg : undefined;
    return { uuid: call.uuid ?? shown ?? "", output: answer(engine, call) };
  };
  return engine;
}

function answer(engine: ToyEngine, { action, actionArg, uuid = "", options }: VDiffCall): ResultSet {
  const { vdiffs, tablet } = engine;
  const { alias } = tablet.record;
  const found = vdiffs.get(uuid);
  switch (action) {
    case "create":
      if (found !== undefined) throw new ConflictError(`vdiff with UUID ${uuid} already exists on tablet ${alias}`);
      vdiffs.set(uuid, newVdiff({ options }));
      break;
    case "resume":
      if (found === undefined) throw new NotFoundError(`vdiff with UUID ${uuid} not found on tablet ${alias}`);
      found.state = "pending";
      break;
    case "stop":
      if (found !== undefined && found.tables.length > 0) found.state = "stopped";
      break;
    case "delete":
      if (actionArg === "all") vdiffs.clear();
      else if (!vdiffs.delete(actionArg ?? "")) {
        throw new NotFoundError(`no vdiff found for UUID ${actionArg} on tablet ${alias}`);
      }
      break;
    case "show":
      return actionArg === "all" ? list(engine) : show(engine, actionArg ?? "");
  }
  return result([], []);
}

export function newVdiff(more: Partial<ToyVdiff> = {}): ToyVdiff {
  const times = { started_at: null, completed_at: null, created_at: "2026-11-22 16:30:00" };
  return { state: "pending", last_error: "", ...times, options: {}, tables: [], ...more };
}

export function toyTable(table_name: string, more: Partial<ToyVdiffTable> = {}): ToyVdiffTable {
  return {
    table_name,
    table_state: "pending",
    table_rows: 100,
    rows_compared: 0,
    has_mismatch: 0,
    report: null,
    ...more,
  };
}

export function report(
  TableName: string,
  [MatchingRows, MismatchedRows, ExtraRowsSource, ExtraRowsTarget]: [number, number, number, number],
): object {
  const ProcessedRows = MatchingRows + MismatchedRows + ExtraRowsSource + ExtraRowsTarget;
  return { TableName, ProcessedRows, MatchingRows, MismatchedRows, ExtraRowsSource, ExtraRowsTarget };
}

function show({ vdiffs, tablet, version }: ToyEngine, uuid: string): ResultSet {
  const found = vdiffs.get(uuid);
  const where = `UUID ${uuid} keyspace commerce and workflow wf on tablet ${tablet.record.alias}`;
  if (found === undefined) throw new NotFoundError(`no vdiff found for ${where}`);
  const { state, last_error, started_at, completed_at } = found;
  const shared = { vdiff_state: state, last_error, uuid, started_at, completed_at };
  if (found.tables.length === 0 && version === "v14") return result([], []);
  if (found.tables.length === 0) return records([{ ...shared, table_name: null, table_state: null, report: null }]);
  return records(
    found.tables.map((table) => ({
      ...shared,
      ...table,
      report: table.report === null ? null : JSON.stringify(table.report),
    })),
  );
}

function list({ vdiffs, shard }: ToyEngine): ResultSet {
  const rows = [...vdiffs].map(([vdiff_uuid, { state, last_error, created_at, options }], i) => ({
    id: i + 1,
    vdiff_uuid,
    workflow: "wf",
    keyspace: "commerce",
    shard,
    state,
    last_error,
    created_at,
    options: storedOptions(options),
  }));
  return records(rows);
}

/** As Go's encoding/json has it: no zeros, and numbers of 64 bits as numbers. */
function storedOptions(options: VDiffCall["options"]): string {
  const text = JSON.stringify(options, (key, value) => (value === false && key !== "auto_start" ? undefined : value));
  return text.replace(/"(\d+)"/g, "$1");
}

function records(rows: Record<string, string | number | null>[]): ResultSet {
  const names = Object.keys(rows[0] ?? {});
  return result(
    names,
    rows.map((row) => names.map((name) => row[name] ?? null)),
  );
}

function result(names: string[], rows: (string | number | null)[][]): ResultSet {
  return {
    fields: names.map((name) => field(name, "VARBINARY")),
    rows: rows.map((row) => row.map((value) => (value === null ? null : Buffer.from(String(value))))),
    rowsAffected: 0,
    insertId: 0n,
  };
}
