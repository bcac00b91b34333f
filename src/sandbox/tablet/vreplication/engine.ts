/**
 * The vreplication engine of a primary: executes VReplicationExec statements one at a time and keeps a
 * controller for every stream of the tablet's database (vreplication/engine.go).
 */
import { parsePosition, positionContains } from "../../../wire/position.js";
import type { ResultSet } from "../../../wire/result.js";
import { decodePosition } from "../decode-position.js";
import { sleep } from "../gate.js";
import type { TabletState } from "../state.js";
import { Controller } from "./controller.js";
import { type ControllerPlan, planStatement } from "./statements.js";
import { StreamStore } from "./store.js";

const MAX_ROWS = 10_000;
const WAIT_POLL_MS = 100;

export class Engine {
  readonly #controllers = new Map<number, Controller>();
  #store: StreamStore | undefined;
  /** Statements wait for each other, long ones included: the engine has one mutex. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly state: TabletState) {}

  /** Takes up the streams that the tables hold. One that can't start leaves the others alone. */
  async open(): Promise<void> {
    const store = new StreamStore(this.state);
    this.#store = store;
    for (const row of store.streams()) {
      await this.#start(store, Number(row.id)).catch(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#controllers.values()].map((controller) => controller.stop()));
    this.#controllers.clear();
    this.#store?.close();
    this.#store = undefined;
  }

  execute(sql: string): Promise<ResultSet> {
    const run = this.#last.then(() => this.#execute(sql));
    this.#last = run.catch(() => {});
    return run;
  }

  /** Resolves when stream `id` has reached `position`. */
  async waitForPosition(id: number, position: string, signal: AbortSignal): Promise<void> {
    const wanted = decodePosition(position);
    for (;;) {
      const row = this.#opened().stream(id);
      if (row === undefined) throw new Error(`vreplication stream ${id} not found`);
      const current = row.pos ?? "";
      if (positionContains(current, position)) return;
      if (row.state === "Stopped") {
        const reached = parsePosition(current).gtidSet;
        const message = row.message ?? "";
        throw new Error(
          `replication has stopped at ${reached} before reaching position ${wanted.gtidSet}, message: ${message}`,
        );
      }
      await sleep(WAIT_POLL_MS, signal);
    }
  }

  #opened(): StreamStore {
    if (this.#store === undefined) throw new Error("vreplication engine is closed");
    return this.#store;
  }

  async #execute(sql: string): Promise<ResultSet> {
    const store = this.#opened();
    const plan = planStatement(sql, this.state.profile);
    switch (plan.kind) {
      case "select":
      case "other":
        return limited(store.execute(sql));
      case "insert":
        return this.#insert(store, sql);
      case "update":
        return this.#update(store, plan);
      case "delete":
        return this.#delete(store, plan);
    }
  }

  async #insert(store: StreamStore, sql: string): Promise<ResultSet> {
    const result = store.execute(sql);
    if (result.insertId === 0n) throw new Error("insert failed to generate an id");
    for (let i = 0; i < result.rowsAffected; i++) {
      const id = Number(result.insertId) + i;
      const row = store.stream(id);
      await this.#start(store, id);
      if (row !== undefined) store.logRow(id, "Stream Created", row);
    }
    return result;
  }

  async #update(store: StreamStore, plan: ControllerPlan & { kind: "update" }): Promise<ResultSet> {
    const ids = store.ids(plan.where);
    if (ids.length === 0) return nothing;
    await this.#stop(ids);
    const result = store.execute(`${plan.set} where id in (${ids.join(", ")})`);
    for (const id of ids) {
      await this.#start(store, id);
      store.log(id, "State Changed", store.stream(id)?.state ?? "", "");
    }
    return result;
  }

  async #delete(store: StreamStore, plan: ControllerPlan & { kind: "delete" }): Promise<ResultSet> {
    const ids = store.ids(plan.where);
    if (ids.length === 0) return nothing;
    await this.#stop(ids);
    for (const id of ids) store.log(id, "Stream Deleted", "", "");
    const list = ids.join(", ");
    let result = nothing;
    store.transaction(() => {
      result = store.execute(`delete from _vt.vreplication where id in (${list})`);
      store.execute(`delete from _vt.copy_state where vrepl_id in (${list})`);
      if (this.state.profile.sidecar.deferredKeys) {
        store.execute(`delete from _vt.post_copy_action where vrepl_id in (${list})`);
      }
    });
    return result;
  }

  async #stop(ids: number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#controllers.get(id)?.stop()));
    for (const id of ids) this.#controllers.delete(id);
  }

  async #start(store: StreamStore, id: number): Promise<void> {
    const row = store.stream(id);
    if (row === undefined) return;
    const controller = await Controller.start(id, store, row);
    if (controller !== undefined) this.#controllers.set(id, controller);
  }
}

const nothing: ResultSet = { fields: [], rows: [], rowsAffected: 0, insertId: 0n };

function limited(result: ResultSet): ResultSet {
  if (result.rows.length > MAX_ROWS) throw new Error(`Row count exceeded ${MAX_ROWS}`);
  return result;
}
