/** Binary log transactions as the events of a VStream (go/vt/vttablet/tabletserver/vstreamer/vstreamer.go). */
import type { VEvent } from "../../../wire/generated/binlogdata/VEvent.js";
import { positionUnion } from "../../../wire/position.js";
import { encodeRow, type Value } from "../../../wire/result.js";
import type { BinlogEvent, BinlogTransaction } from "../../mysql/port.js";
import { tablesOf } from "../sql.js";
import type { TabletState } from "../state.js";
import { planQuery, type StreamPlan } from "./plan.js";
import { isInternalTable, queryFor, type Rule } from "./rules.js";

export class EventBuilder {
  /** By table: its plan, or undefined for tables that no rule wants. */
  readonly #plans = new Map<string, StreamPlan | undefined>();
  /** Tables whose FIELD event was sent. */
  readonly #described = new Set<string>();

  constructor(
    readonly state: TabletState,
    readonly rules: readonly Rule[],
    public position: string,
  ) {}

  /** BEGIN, FIELD and ROW events, GTID, COMMIT; a DDL stands alone. */
  async transaction(transaction: BinlogTransaction): Promise<VEvent[]> {
    this.position = positionUnion(this.position, `MySQL56/${transaction.gtid}`);
    const stamp = (event: VEvent): VEvent => ({
      ...event,
      timestamp: transaction.timestamp,
      current_time: now(),
    });
    const gtid: VEvent = { type: "GTID", gtid: this.position };
    const ddl = transaction.events.find((event) => event.kind === "ddl");
    if (ddl !== undefined) return [gtid, this.#ddl(ddl)].map(stamp);
    const events: VEvent[] = [{ type: "BEGIN" }];
    for (const event of transaction.events) events.push(...(await this.#row(event)));
    return [...events, gtid, { type: "COMMIT" } as const].map(stamp);
  }

  heartbeat(): VEvent {
    return { type: "HEARTBEAT", timestamp: Math.floor(Date.now() / 1000), current_time: now() };
  }

  #ddl(event: Extract<BinlogEvent, { kind: "ddl" }>): VEvent {
    this.#plans.clear();
    this.#described.clear();
    const wanted = event.database === this.state.dbName && touched(event.sql, this.rules);
    return wanted ? { type: "DDL", statement: event.sql } : { type: "OTHER" };
  }

  async #row(event: BinlogEvent): Promise<VEvent[]> {
    if (event.kind !== "row" || event.database !== this.state.dbName) return [];
    const plan = await this.#plan(event.table);
    if (plan === undefined) return [];
    const change = {
      before: this.#image(plan, event.before),
      after: this.#image(plan, event.after),
    };
    if (change.before === null && change.after === null) return [];
    const { keyspace, shard } = this.state.identity;
    const row: VEvent = {
      type: "ROW",
      row_event: { table_name: event.table, row_changes: [change], keyspace, shard },
    };
    if (this.#described.has(event.table)) return [row];
    this.#described.add(event.table);
    const { fields } = plan;
    const namesMembers =
      this.state.profile.streams.namedMembers && fields.some(({ type }) => type === "ENUM" || type === "SET");
    const field_event = { table_name: event.table, fields, keyspace, shard, enum_set_string_values: namesMembers };
    return [{ type: "FIELD", field_event }, row];
  }

  #image(plan: StreamPlan, row: Value[] | undefined) {
    if (row === undefined) return null;
    if (row.length !== plan.table.columns.length) {
      const counts = `event has ${row.length} columns, schema has ${plan.table.columns.length}`;
      throw new Error(`cannot determine table columns for ${plan.table.name}: ${counts}`);
    }
    return plan.accepts(row) ? encodeRow(plan.projectEvent(row)) : null;
  }

  async #plan(table: string): Promise<StreamPlan | undefined> {
    if (!this.#plans.has(table)) {
      const query = isInternalTable(table) ? undefined : queryFor(this.rules, table);
      this.#plans.set(table, query === undefined ? undefined : await planQuery(this.state, query));
    }
    return this.#plans.get(table);
  }
}

function touched(sql: string, rules: readonly Rule[]): boolean {
  try {
    return tablesOf(sql).some(({ name }) => queryFor(rules, name) !== undefined);
  } catch {
    // What the parser doesn't know is sent on: the reader decides by its on_ddl.
    return true;
  }
}

/** Nanoseconds since the epoch. */
function now(): string {
  return `${Date.now()}000000`;
}
