/** One stream: picks a source tablet, replicates, and tries again after failures (vreplication/controller.go). */
import { status } from "@grpc/grpc-js";
import { type BinlogSource, parseBinlogSource } from "../../../wire/binlog-source.js";
import { MysqlError } from "../../mysql/port.js";
import type { SandboxTopo } from "../../topo.js";
import { errorText, StatementError } from "../errors.js";
import { sleep } from "../gate.js";
import { openMount } from "../mount.js";
import { parseTabletTypes, pickTablet, type SourceTablet, type TabletTypes } from "./picker.js";
import { SourceClient, SourceError } from "./source.js";
import type { StreamRow, StreamStore } from "./store.js";
import { ATOMIC_COPY, replicate } from "./stream.js";

export class Controller {
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  private constructor(
    readonly id: number,
    readonly store: StreamStore,
    readonly source: BinlogSource,
    readonly topo: SandboxTopo,
    readonly ownsTopo: boolean,
    readonly cells: string[],
    readonly tabletTypes: TabletTypes,
  ) {
    this.#done = this.#run();
  }

  /**
   * Starts a stream as its row says; undefined for one that is stopped. An error of parsing or of the mount is
   * thrown to whoever changed the row, and leaves the row as it is.
   */
  static async start(id: number, store: StreamStore, row: StreamRow): Promise<Controller | undefined> {
    const { profile, topo } = store.state;
    const stopped = row.state === "Stopped" || (profile.engine.errorIsStopped && row.state === "Error");
    if (stopped && !profile.engine.parsesStopped) return undefined;
    if ("options" in row) JSON.parse(row.options ?? "");
    const source = parseSource(row.source ?? "", profile.engine.unknownSourceFields);
    if (stopped) return undefined;
    const types = parseTabletTypes(row.tablet_types || profile.picker.defaultTypes, profile);
    const cells = (row.cell ?? "").split(",").flatMap((cell) => cell.trim() || []);
    const mounted = source.externalCluster === "" ? topo : await openMount(topo, source.externalCluster);
    return new Controller(id, store.forStream(), source, mounted, mounted !== topo, cells, types);
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error("context canceled"));
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    try {
      while (!signal.aborted) {
        try {
          await this.#replicate(signal);
          return;
        } catch (error) {
          if (signal.aborted || this.#fail(error)) return;
        }
        await sleep(this.store.state.timings.streamRetryMs, signal).catch(() => {});
      }
    } finally {
      if (this.ownsTopo) this.topo.close();
      this.store.close();
    }
  }

  async #replicate(signal: AbortSignal): Promise<void> {
    const tablet = await this.#pick(signal);
    this.store.setMessage(this.id, `Picked source tablet: cell:"${tablet.alias.cell}" uid:${tablet.alias.uid}`);
    const client = new SourceClient(tablet.address, this.store.state.peers);
    this.store.forgetReported();
    try {
      await replicate(this.id, this.store, this.source, tablet, client, signal);
    } finally {
      client.close();
    }
  }

  async #pick(signal: AbortSignal): Promise<SourceTablet> {
    const { state } = this.store;
    try {
      return await pickTablet(
        {
          topo: this.topo,
          keyspace: this.source.keyspace,
          shard: this.source.shard,
          cells: this.cells,
          localCell: state.identity.cell,
          tabletTypes: this.tabletTypes,
          profile: state.profile,
          security: state.peers,
          retryMs: state.timings.pickerRetryMs,
          rounds: state.profile.picker.rounds,
        },
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      throw new PickingError(`Error picking tablet: ${errorText(error)}`);
    }
  }

  /** Of one snapshot nothing is left to go on with. */
  #endsAtomicCopy(): boolean {
    const { engine } = this.store.state.profile;
    const row = this.store.stream(this.id);
    if (!engine.atomicCopy || row?.workflow_sub_type !== ATOMIC_COPY) return false;
    return engine.atomicErrorsAreFinal === "always" || row.state === "Copying";
  }

  /** Writes the error down; true when no retry can cure it. */
  #fail(error: unknown): boolean {
    const { engine } = this.store.state.profile;
    const text = errorText(error);
    if (error instanceof PickingError) {
      this.store.setMessage(this.id, text);
      return false;
    }
    try {
      this.store.reportFailure(this.id, text);
      if (!isFinal(error, engine) && !this.#endsAtomicCopy()) return false;
      this.store.setState(this.id, "Error", `${engine.terminalPrefix}${text}`);
      return true;
    } catch (failure) {
      // A log that can't take the text is let go; without the tablet's own MySQL there is nothing to retry.
      return !(failure instanceof StatementError);
    }
  }
}

/** No source tablet was found. The row says so, the log doesn't. */
class PickingError extends Error {}

/** What the version's prototext parser says to fields that it doesn't know (google.golang.org/protobuf). */
function parseSource(text: string, unknownFields: readonly string[]): BinlogSource {
  for (const field of unknownFields) {
    const at = text.search(new RegExp(`(?<![\\w"])${field}\\s*:`));
    if (at >= 0) throw new Error(`proto: (line 1:${[...text.slice(0, at)].length + 1}): unknown field: ${field}`);
  }
  return parseBinlogSource(text);
}

function isFinal(
  error: unknown,
  engine: { unrecoverable: readonly number[]; preconditionsAreFinal: boolean },
): boolean {
  if (error instanceof MysqlError) return engine.unrecoverable.includes(error.errno);
  if (error instanceof StatementError) return engine.unrecoverable.includes(error.cause.errno);
  if (!(error instanceof SourceError) || !engine.preconditionsAreFinal) return false;
  return error.code === status.FAILED_PRECONDITION && !error.message.includes("wrong tablet type");
}
