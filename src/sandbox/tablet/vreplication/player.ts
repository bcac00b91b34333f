/**
 * Follows the source's binary log and applies it; the position is saved in the same transaction as the rows
 * (vreplication/vplayer.go).
 */
import type { FieldEvent__Output } from "../../../wire/generated/binlogdata/FieldEvent.js";
import type { RowEvent__Output } from "../../../wire/generated/binlogdata/RowEvent.js";
import type { VEvent__Output } from "../../../wire/generated/binlogdata/VEvent.js";
import { parsePosition, positionContains } from "../../../wire/position.js";
import { decodeRow } from "../../../wire/result.js";
import { MysqlError } from "../../mysql/port.js";
import { StatementError } from "../errors.js";
import type { Row, TablePlan } from "./apply.js";
import type { CopyState } from "./copy-state.js";
import { planTable, type StreamContext, sentFilter } from "./stream.js";

export interface PlayOptions {
  /** Where to end; "" plays on until the signal aborts. */
  stopPosition: string;
  /** The stream is stopped when it gets there, as opposed to going on with something else. */
  saveStop: boolean;
  /** Tables that aren't copied yet get nothing, one that is being copied what lies before its last key. */
  copyState: CopyState;
}

/** What becomes of a stream when playing ends without an error. */
export type PlayResult = "reached" | "stopped";

const SAVE_MS = 1_000;

export class Player {
  readonly #plans = new Map<string, TablePlan>();
  #pending: VEvent__Output[] = [];
  #savedAt = 0;
  /** The position moved without being saved. */
  #unsaved = false;

  constructor(
    readonly stream: StreamContext,
    public position: string,
    readonly options: PlayOptions,
  ) {}

  async play(signal: AbortSignal): Promise<PlayResult> {
    const { stopPosition, saveStop } = this.options;
    if (stopPosition !== "" && positionContains(this.position, stopPosition)) {
      if (!saveStop) return "reached";
      return this.#stop(`Stop position ${gtids(this.position)} already reached: ${gtids(stopPosition)}`);
    }
    const { source, target } = this.stream;
    const request = { target, position: this.position, filter: sentFilter(this.stream, this.options.copyState) };
    for await (const { events } of source.vstream(request, signal)) {
      // Transactions that came together are applied together, up to a DDL or the stop position.
      const lastCommits = events.map((event, i) => event.type === "COMMIT" && !anotherFollows(events, i));
      for (const [i, event] of events.entries()) {
        const result = this.#take(event, lastCommits[i] === true);
        if (result !== undefined) return result;
      }
    }
    signal.throwIfAborted();
    throw new Error("vstream ended unexpectedly");
  }

  #take(event: VEvent__Output, isLastCommit: boolean): PlayResult | undefined {
    switch (event.type) {
      case "HEARTBEAT":
        this.#beat();
        return undefined;
      case "GTID":
        this.position = event.gtid;
        return undefined;
      case "FIELD":
      case "ROW":
        this.#pending.push(event);
        return undefined;
      case "COMMIT":
        if (!isLastCommit && !this.#isAtStop()) return undefined;
        return this.#commit(Number(event.timestamp));
      case "DDL":
        return this.#ddl(event);
      case "OTHER":
        return this.#skip();
      default:
        return undefined;
    }
  }

  #beat(): void {
    if (Date.now() - this.#savedAt < SAVE_MS) return;
    // An idle source: what was skipped without being saved is saved now.
    this.stream.store.transaction(() => {
      if (this.#unsaved) this.stream.store.savePosition(this.stream.id, this.position);
      this.stream.store.heartbeat(this.stream.id);
    });
    this.#saved();
  }

  #saved(): void {
    this.#unsaved = false;
    this.#savedAt = Date.now();
  }

  #commit(timestamp: number): PlayResult | undefined {
    const events = this.#pending;
    this.#pending = [];
    if (events.length === 0) return this.#skip();
    const { store, id } = this.stream;
    store.transaction(() => {
      for (const event of events) this.#applyEvent(event);
      store.savePosition(id, this.position, timestamp);
    });
    this.#saved();
    return this.#reached();
  }

  #applyEvent({ field_event: field, row_event: row }: VEvent__Output): void {
    try {
      if (field !== null) this.#describe(field);
      if (row !== null) this.#apply(row);
    } catch (error) {
      const { detailedEventErrors, sentAtOnce } = this.stream.store.state.profile.engine;
      if (!(error instanceof StatementError) || !detailedEventErrors) throw error;
      // The refusal comes with the COMMIT, an event that has no table.
      if (sentAtOnce && this.options.copyState.size === 0) throw error.amongOthers("error applying event: ");
      const table = row?.table_name ?? field?.table_name;
      throw error.for(`error applying event for table ${table} while processing position ${gtids(this.position)}: `);
    }
  }

  /** Nothing for us in it: the position is saved once a second, or when somebody waits for it. */
  #skip(): PlayResult | undefined {
    this.#unsaved = true;
    if (this.#isAtStop() || Date.now() - this.#savedAt >= SAVE_MS) {
      this.stream.store.savePosition(this.stream.id, this.position);
      this.#saved();
    }
    return this.#reached();
  }

  #isAtStop(): boolean {
    const { stopPosition } = this.options;
    return stopPosition !== "" && positionContains(this.position, stopPosition);
  }

  #reached(): PlayResult | undefined {
    const { stopPosition, saveStop } = this.options;
    if (!this.#isAtStop()) return undefined;
    if (!saveStop) return "reached";
    return this.#stop(`Stopped at position ${gtids(stopPosition)}`);
  }

  #stop(message: string): PlayResult {
    this.stream.store.setState(this.stream.id, "Stopped", message);
    return "stopped";
  }

  #ddl(event: VEvent__Output): PlayResult | undefined {
    this.#plans.clear();
    const { store, id, onDdl } = this.stream;
    const save = () => store.savePosition(id, this.position, Number(event.timestamp));
    switch (onDdl) {
      case "IGNORE":
        return this.#skip();
      case "STOP":
        store.transaction(save);
        return this.#stop(`Stopped at DDL ${event.statement}`);
      case "EXEC":
        this.#executeDdl(event.statement);
        break;
      case "EXEC_IGNORE":
        try {
          store.execute(event.statement);
        } catch (error) {
          if (!(error instanceof StatementError)) throw error;
        }
    }
    store.transaction(save);
    this.#saved();
    return this.#reached();
  }

  #executeDdl(sql: string): void {
    const { store } = this.stream;
    try {
      store.execute(sql);
    } catch (error) {
      const isDetailed = store.state.profile.engine.detailedEventErrors;
      throw error instanceof StatementError && isDetailed ? error.for("error applying event: ") : error;
    }
  }

  #describe({ table_name: name, fields, enum_set_string_values: named }: FieldEvent__Output): void {
    const { mysql, dbName, profile } = this.stream.store.state;
    const table = mysql.table(dbName, name);
    if (table === undefined) throw new MysqlError(1146, "42S02", `Table '${dbName}.${name}' doesn't exist`);
    const enumNumbers = profile.engine.enumNumbers && !named;
    this.#plans.set(name, planTable(this.stream, table, fields, { enumNumbers }));
  }

  #apply({ table_name: name, row_changes: changes }: RowEvent__Output): void {
    const plan = this.#plans.get(name);
    if (plan === undefined) throw new Error(`unexpected event on table ${name}`);
    const { copyState } = this.options;
    const last = copyState.get(name);
    const { session } = this.stream.store;
    const copied = (row: Row) => last === undefined || plan.isCopied(session, row, last);
    const partly = last !== undefined;
    for (const change of changes) {
      const before = change.before === null ? undefined : decodeRow(change.before);
      const after = change.after === null ? undefined : decodeRow(change.after);
      const statements = statementsFor(
        plan,
        before && copied(before) ? before : undefined,
        after && copied(after) ? after : undefined,
        partly,
      );
      for (const sql of statements) this.stream.store.execute(sql);
    }
  }
}

function statementsFor(plan: TablePlan, before: Row | undefined, after: Row | undefined, partly: boolean): string[] {
  const insert = (row: Row) => (partly ? plan.insertCopied(row) : plan.insert([row]));
  if (before !== undefined && after !== undefined) {
    return plan.changesKey(before, after) ? [plan.delete(before), insert(after)] : [plan.update(before, after)];
  }
  if (after !== undefined) return [insert(after)];
  return before === undefined ? [] : [plan.delete(before)];
}

/** Is the next COMMIT of the list before the next DDL (vplayer.go, hasAnotherCommit)? */
function anotherFollows(events: readonly VEvent__Output[], from: number): boolean {
  const next = events.slice(from + 1).find(({ type }) => type === "COMMIT" || type === "DDL" || type === "OTHER");
  return next?.type === "COMMIT";
}

/** Messages show the set without its flavor, as Go prints a Position. */
function gtids(position: string): string {
  return parsePosition(position).gtidSet;
}
