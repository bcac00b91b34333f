/** One VDiff at work (vdiff/controller.go). */
import { errorText } from "../errors.js";
import type { Engine } from "../vreplication/engine.js";
import { diffWorkflow, PanicError } from "./diff-workflow.js";
import type { OneAtATime } from "./one-at-a-time.js";
import { parseOptions } from "./options.js";
import type { VDiffRow, VDiffStore } from "./store.js";
import { describeStreams, workflowFilter } from "./workflow-run.js";

export interface ControllerContext {
  store: VDiffStore;
  streams: Engine;
  snapshots: OneAtATime;
  /** Ends the tablet, as a panic ends a vttablet. */
  crash: () => void;
}

/** An RPC that has started a VDiff is answered before this one's goroutine gets far. */
const CRASH_AFTER_MS = 50;

export class VDiffController {
  readonly id: string;
  readonly uuid: string;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    readonly context: ControllerContext,
    row: VDiffRow,
  ) {
    this.id = row.id ?? "";
    this.uuid = row.vdiff_uuid ?? "";
    this.#done = this.#run().catch(() => {});
  }

  /** Resolves when nothing of it runs any more; its streams run again by then. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error("context canceled"));
    await this.#done;
  }

  async #run(): Promise<void> {
    const { store } = this.context;
    const row = await store.byId(this.id);
    const runnable = store.state.profile.vdiff.lifecycle ? ["pending", "started"] : ["pending"];
    if (row === undefined || !runnable.includes(row.state ?? "")) return;
    try {
      await this.#diff(row);
    } catch (error) {
      // Of a tablet that closes its engine nothing can be written: the VDiff stays started, and starts with the next.
      if (store.closing.aborted) return;
      if (error instanceof PanicError) {
        setTimeout(this.context.crash, CRASH_AFTER_MS);
        return;
      }
      await store.setState(this.id, "error", errorText(error));
      await store.log(this.id, `Error: ${errorText(error)}`);
    }
  }

  async #diff(row: VDiffRow): Promise<void> {
    const { store } = this.context;
    const { state } = store;
    const workflow = row.workflow ?? "";
    const sql = `select * from _vt.vreplication ${workflowFilter({ state, workflow })}`;
    const described = describeStreams(state, await store.run((execute) => execute(sql)));
    await store.setState(this.id, "started");
    const options = parseOptions(row.options ?? "{}");
    await diffWorkflow({ ...this.context, ...described, id: this.id, workflow, options, state }, this.#abort.signal);
  }
}
