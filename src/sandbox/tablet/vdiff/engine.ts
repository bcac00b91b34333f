/** The VDiff engine of a primary: a controller for every VDiff that runs, and retries (vdiff/engine.go). */
import type { TabletState } from "../state.js";
import type { Engine } from "../vreplication/engine.js";
import { VDiffController } from "./controller.js";
import { isEphemeral } from "./ephemeral.js";
import { OneAtATime } from "./one-at-a-time.js";
import { parseOptions } from "./options.js";
import { type VDiffRow, VDiffStore } from "./store.js";
import { deleteVDiffs, markStopped, retryVDiff } from "./transitions.js";

interface OpenEngine {
  store: VDiffStore;
  closing: AbortController;
  retries: NodeJS.Timeout | undefined;
}

export class VDiffEngine {
  readonly #controllers = new Map<string, VDiffController>();
  readonly #snapshots = new OneAtATime();
  /** What changes the set of controllers: the engine has one mutex for it. */
  readonly #changes = new OneAtATime();
  #open: OpenEngine | undefined;

  constructor(
    readonly state: TabletState,
    readonly streams: Engine,
    /**
     * A VDiff of a workflow without streams ends the whole tablet, and every one that is started in its stead, until its
     * row is deleted (measured on v18.0.8).
     */
    readonly crash: () => void,
  ) {}

  /** Takes up the VDiffs that were pending or under way, also those that another tablet had begun as primary. */
  async open(): Promise<void> {
    const { sidecar, vdiff } = this.state.profile;
    if (!sidecar.vdiff) return;
    const closing = new AbortController();
    const store = new VDiffStore(this.state, closing.signal);
    const retries = vdiff.lifecycle
      ? setInterval(() => this.#retry().catch(() => {}), this.state.timings.vdiffRetryMs)
      : undefined;
    this.#open = { store, closing, retries };
    const runnable = vdiff.lifecycle ? "state in ('started', 'pending')" : "state = 'pending'";
    for (const row of await store.select(runnable)) this.#add(row);
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    clearInterval(open.retries);
    open.closing.abort(new Error("vdiff engine is closed"));
    await Promise.all([...this.#controllers.values()].map((controller) => controller.stop()));
    this.#controllers.clear();
    open.store.close();
  }

  /** Throws when the tablet is no primary. */
  get store(): VDiffStore {
    if (this.#open !== undefined) return this.#open.store;
    throw new Error("vdiff engine is closed");
  }

  /** Begins with what its row says. */
  async start(id: string): Promise<void> {
    const row = await this.store.byId(id);
    if (row === undefined) throw new Error(`no vdiff found for id ${id} on tablet ${this.state.alias}`);
    await this.#changes.run(async () => this.#add(row));
  }

  /** Nothing happens to a VDiff that has no controller. */
  stop(uuid: string): Promise<void> {
    return this.#changes.run(async () => {
      const controller = [...this.#controllers.values()].find((candidate) => candidate.uuid === uuid);
      if (controller === undefined) return;
      await controller.stop();
      await markStopped(this.store, controller.id);
    });
  }

  /** `where` chooses rows of `_vt.vdiff`. */
  delete(where: string, logToo: boolean): Promise<void> {
    return this.#changes.run(async () => {
      for (const { id } of await this.store.select(where)) {
        await this.#controllers.get(id ?? "")?.stop();
        this.#controllers.delete(id ?? "");
      }
      await deleteVDiffs(this.store, where, logToo);
    });
  }

  #add(row: VDiffRow): void {
    const { store, streams, crash } = this;
    const context = { store, streams, crash, snapshots: this.#snapshots };
    this.#controllers.set(row.id ?? "", new VDiffController(context, row));
  }

  /** VDiffs whose error may pass, and whose options want it. */
  #retry(): Promise<void> {
    return this.#changes.run(async () => {
      for (const row of await this.store.select("state = 'error'")) {
        if (!parseOptions(row.options ?? "{}").autoRetry || !isEphemeral(row.last_error ?? "")) continue;
        await retryVDiff(this.store, row.id ?? "");
        this.#add(row);
      }
    });
  }
}
