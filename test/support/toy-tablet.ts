/**
 * A tablet over gRPC with just enough behind it to plan against: rows of `_vt.vreplication`, tables by name,
 * and failures on demand. What the streams would do, tests do by hand.
 */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { serviceDefinition } from "../../src/wire/proto.js";
import { encodeResult, type ResultSet } from "../../src/wire/result.js";
import { NOTHING_TO_REPLICATE, PROBE_TABLE } from "../../src/workflow/probe.js";

export type ToyRow = Record<string, string | null>;

export interface ToyTable {
  name: string;
  schema: string;
  columns: string[];
  primary_key_columns: string[];
  row_count: number;
}

export interface ToyFailure {
  method: string;
  /** Only requests whose text contains this. */
  text?: string;
  code: number;
  details: string;
  /** The deed is done, and the answer lost. */
  after?: boolean;
}

const COLUMNS = {
  v11: "id workflow source pos stop_pos max_tps max_replication_lag cell tablet_types time_updated transaction_timestamp state message db_name rows_copied",
  v22: "id workflow source pos stop_pos max_tps max_replication_lag cell tablet_types time_updated transaction_timestamp state message db_name rows_copied tags time_heartbeat workflow_type time_throttled component_throttled workflow_sub_type defer_secondary_keys options",
};

export class ToyTablet {
  readonly tables = new Map<string, ToyTable>();
  rows: ToyRow[] = [];
  copyState: { vrepl_id: string; table_name: string; lastpk: string | null }[] = [];
  position = "MySQL56/00000000-0000-0000-0000-000000000001:1-9";
  /** Requests as "<Method> <text>", in order. */
  readonly calls: string[] = [];
  readonly failures: ToyFailure[] = [];
  /** Called after each VReplicationExec: the moment for somebody else to interfere. */
  onExec: (query: string) => unknown = () => {};
  port = 0;
  private nextId = 1;
  private nextProbe = PROBES_FROM;
  private readonly server = new Server();

  constructor(readonly version: "v11" | "v22" = "v22") {}

  async start(): Promise<void> {
    this.server.addService(serviceDefinition("tabletmanagerservice.TabletManager"), {
      ...this.method("GetSchema", (request: { tables: string[] }) => ({
        schema_definition: {
          table_definitions: [...this.tables.values()]
            .filter((table) => request.tables.includes("/.*/") || request.tables.includes(table.name))
            .sort((a, b) => (a.name < b.name ? -1 : 1)),
        },
      })),
      ...this.method("ApplySchema", (request: { sql: string }) => this.applySchema(request.sql)),
      ...this.method("VReplicationExec", async (request: { query: string }) => {
        const result = this.exec(request.query);
        await this.onExec(request.query);
        return { result: encodeResult(result) };
      }),
      ...this.method("VReplicationWaitForPos", () => ({})),
      ...this.method("Ping", (request: { payload: string }) => ({ payload: request.payload })),
      ...this.method("PrimaryPosition", () => ({ position: this.position })),
      ...this.method("RefreshState", () => ({})),
      ...this.method("ExecuteFetchAsDba", (request: { query: Buffer }) => {
        const query = request.query.toString();
        const counted = /^select count\(\*\) from \(select 1 from `[^`]+`\.`([^`]+)` limit/.exec(query)?.[1];
        const count = this.tables.get(counted ?? "")?.row_count;
        if (count !== undefined) return { result: encodeResult(resultOf(["count"], [{ count: String(count) }])) };
        const asked = [...query.matchAll(/exists\(select 1 from `[^`]+`\.`([^`]+)` limit 1\)/g)].map(
          ([, name = ""]) => name,
        );
        if (asked.length === 0) return { result: encodeResult(resultOf(["table_name", "table_type"], [])) };
        const filled = asked.map((name) => [name, (this.tables.get(name)?.row_count ?? 0) > 0 ? "1" : "0"]);
        return { result: encodeResult(resultOf(asked, [Object.fromEntries(filled)])) };
      }),
    });
    this.port = await new Promise((resolve, reject) =>
      this.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      ),
    );
  }

  stop(): void {
    this.server.forceShutdown();
  }

  table(name: string, rows = 0, columns = ["id", "name"]): void {
    const lines = columns.map((column) => `  \`${column}\` bigint NOT NULL,\n`).join("");
    const schema = `CREATE TABLE \`${name}\` (\n${lines}  PRIMARY KEY (\`${columns[0]}\`)\n) ENGINE=InnoDB`;
    this.tables.set(name, { name, schema, columns, primary_key_columns: columns.slice(0, 1), row_count: rows });
  }

  /** Every stream gets a position; tables in `copying` still have rows to copy. */
  run(copying: string[] = []): void {
    for (const row of this.rows) {
      row.pos = this.position;
      row.time_heartbeat = row.time_updated ?? null;
    }
    this.copyState = this.rows.flatMap((row) =>
      copying.map((table_name) => ({ vrepl_id: row.id ?? "", table_name, lastpk: null })),
    );
  }

  private method<Request>(name: string, handle: (request: Request) => object | Promise<object>) {
    return {
      [name]: async (call: ServerUnaryCall<Request, object>, done: sendUnaryData<object>) => {
        const text = JSON.stringify(call.request, (_, value) =>
          value?.type === "Buffer" ? Buffer.from(value.data).toString() : value,
        );
        this.calls.push(`${name} ${text}`);
        const at = this.failures.findIndex((failure) => failure.method === name && text.includes(failure.text ?? ""));
        const [failure] = at >= 0 ? this.failures.splice(at, 1) : [];
        try {
          const answer = failure === undefined || failure.after ? await handle(call.request) : {};
          if (failure === undefined) done(null, answer);
          else done({ code: failure.code, details: failure.details });
        } catch (error) {
          done({ code: status.UNKNOWN, details: `TabletManager.${name} on toy: ${error}` });
        }
      },
    };
  }

  private applySchema(sql: string): object {
    for (const statement of sql.split(";\n")) {
      const created = /^CREATE TABLE `([^`]+)`/.exec(statement)?.[1];
      const dropped = /^drop table if exists `vt_commerce`\.`([^`]+)`/.exec(statement)?.[1];
      if (created !== undefined && this.tables.has(created)) throw new Error(`Table '${created}' already exists`);
      if (created !== undefined) this.table(created);
      if (dropped !== undefined) this.tables.delete(dropped);
    }
    return {};
  }

  private exec(query: string): ResultSet {
    if (/from _vt\.copy_state/.test(query)) {
      const ids = idsIn(query);
      const rows = this.copyState.filter((row) => ids.includes(row.vrepl_id));
      return resultOf(["vrepl_id", "table_name", "lastpk"], rows);
    }
    const columns = COLUMNS[this.version].split(" ");
    if (query.startsWith("insert into _vt.vreplication(")) return this.insert(query, columns);
    const matching = this.rows.filter((row) => matches(row, query));
    if (query.startsWith("select distinct workflow")) {
      const names = [...new Set(matching.map((row) => row.workflow ?? ""))];
      return resultOf(
        ["workflow"],
        names.map((workflow) => ({ workflow })),
      );
    }
    if (query.startsWith("select")) return resultOf(columns, matching);
    if (query.startsWith("delete")) this.rows = this.rows.filter((row) => !matching.includes(row));
    const state = /^update _vt\.vreplication set state = '(\w+)' where/.exec(query)?.[1];
    if (state !== undefined) for (const row of matching) Object.assign(row, isProbe(row) ? FOUND : { state });
    return { fields: [], rows: [], rowsAffected: matching.length, insertId: 0n };
  }

  private insert(query: string, known: string[]): ResultSet {
    const match = /^insert into _vt\.vreplication\(([^)]*)\) values \((.*)\)$/s.exec(query);
    const columns = (match?.[1] ?? "").split(", ");
    const unknown = columns.find((column) => !known.includes(column));
    if (unknown !== undefined) throw new Error(`Unknown column '${unknown}' in 'field list' (errno 1054)`);
    const values = [...(match?.[2] ?? "").matchAll(/'((?:[^'\\]|\\.)*)'|([^,\s]+)/gs)].map(
      ([, text, bare]) => text?.replace(/\\(.)/g, "$1") ?? (bare === "true" ? "1" : (bare ?? "")),
    );
    if (values.length !== columns.length) throw new Error("malformed statement");
    const id = query.includes(PROBE_TABLE) ? this.nextProbe++ : this.nextId++;
    const defaults = Object.fromEntries(known.map((column) => [column, ["stop_pos"].includes(column) ? null : ""]));
    const given = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? ""]));
    this.rows.push({ ...defaults, rows_copied: "0", ...given, id: String(id) });
    return { fields: [], rows: [], rowsAffected: 1, insertId: BigInt(id) };
  }
}

/** Tests count their own streams from 1. */
const PROBES_FROM = 1000;
/** Every probe finds a source tablet. */
const FOUND = { state: "Stopped", message: NOTHING_TO_REPLICATE };

function isProbe(row: ToyRow): boolean {
  return Number(row.id) >= PROBES_FROM;
}

function matches(row: ToyRow, query: string): boolean {
  const where = query.slice(query.indexOf(" where ") + 7);
  return where.split(" and ").every((condition) => {
    if (condition.startsWith("id in (")) return idsIn(condition).includes(row.id ?? "");
    const [, column = "", not, text, bare] = /^(\w+) ?(!)?= ?(?:'([^']*)'|(\d+))$/.exec(condition) ?? [];
    return (row[column] === (text ?? bare)) !== (not === "!");
  });
}

function idsIn(query: string): string[] {
  return (/\bin \(([\d, ]*)\)/.exec(query)?.[1] ?? "").split(", ");
}

function resultOf(columns: string[], rows: Record<string, string | null>[]): ResultSet {
  return {
    fields: columns.map((name) => ({ name }) as ResultSet["fields"][number]),
    rows: rows.map((row) => columns.map((column) => (row[column] == null ? null : Buffer.from(row[column])))),
    rowsAffected: rows.length,
    insertId: 0n,
  };
}
