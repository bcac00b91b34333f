import { setTimeout as sleep } from "node:timers/promises";
import { Etcd3, type IWatchRequest, type IWatchResponse } from "etcd3";
import type { Tls } from "../../net/security.js";
import { etcdConnection } from "../etcd-connection.js";
import type { TopoAddress } from "../topo.js";

const readTimeoutMs = 5_000;
const reopenMs = 200;

interface WatchStream {
  on(event: "data", listener: (response: IWatchResponse) => void): this;
  on(event: "error" | "end", listener: () => void): this;
  write(request: IWatchRequest): void;
  cancel(): void;
}

/**
 * A copy in memory of every key below a prefix, kept up to date by a watch. A vtgate asks its topology
 * on every query; this way it asks its own memory, and hears of changes as they happen.
 */
export class Mirror {
  readonly #client: Etcd3;
  readonly #prefix: string;
  readonly #onChange: (path: string) => void;
  #files = new Map<string, Buffer>();
  #stream: WatchStream | undefined;
  readonly #closing = new AbortController();

  private constructor(server: string, root: string, tls: Tls | undefined, onChange: (path: string) => void) {
    this.#client = new Etcd3(etcdConnection(server, tls));
    this.#prefix = `${root.replace(/\/+$/, "")}/`;
    this.#onChange = onChange;
  }

  /**
   * Reads everything below `root`, and follows it until `close`. Rejects when the server doesn't answer
   * within 5 s. `onChange` gets each path that changed or, after a broken connection, that may have.
   */
  static async open(
    { server, root }: TopoAddress,
    tls: Tls | undefined,
    onChange: (path: string) => void,
  ): Promise<Mirror> {
    const mirror = new Mirror(server, root, tls, onChange);
    try {
      const revision = await mirror.#load();
      void mirror.#follow(revision);
    } catch (error) {
      mirror.close();
      throw error;
    }
    return mirror;
  }

  get(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  /** The contents of every file below a directory, sorted by path. */
  below(dir: string): Buffer[] {
    return [...this.#files]
      .filter(([path]) => path.startsWith(`${dir}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, contents]) => contents);
  }

  close(): void {
    this.#closing.abort();
    this.#stream?.cancel();
    this.#client.close();
  }

  /** The revision that the copy stands at. */
  async #load(): Promise<bigint> {
    const deadline = Date.now() + readTimeoutMs;
    const answer = await this.#client.getAll().prefix(this.#prefix).options({ deadline }).exec();
    this.#files = new Map(answer.kvs.map((kv) => [this.#path(kv.key), kv.value]));
    return BigInt(answer.header.revision);
  }

  /** A broken stream may have missed changes (and compaction may have eaten them): read everything again. */
  async #follow(from: bigint): Promise<void> {
    const { signal } = this.#closing;
    let revision: bigint | undefined = from;
    while (!signal.aborted) {
      if (revision !== undefined) await this.#watch(revision + 1n).catch(() => {});
      if (signal.aborted) return;
      await sleep(reopenMs, undefined, { signal }).catch(() => {});
      const before = [...this.#files.keys()];
      revision = await this.#load().catch(() => undefined);
      if (revision !== undefined) for (const path of new Set([...before, ...this.#files.keys()])) this.#onChange(path);
    }
  }

  /** Ends when the stream does. etcd3's own watch manager resumes by itself and loses events doing so. */
  async #watch(from: bigint): Promise<void> {
    const stream: WatchStream = await this.#client.watchClient.watch();
    this.#stream = stream;
    const ended = new Promise<void>((resolve) => {
      stream.on("error", resolve);
      stream.on("end", resolve);
      stream.on("data", (response) => {
        if (response.canceled) resolve();
        for (const { type, kv } of response.events) this.#apply(kv.key, type === "Delete" ? undefined : kv.value);
      });
    });
    if (this.#closing.signal.aborted) return stream.cancel();
    const key = Buffer.from(this.#prefix);
    stream.write({ create_request: { key, range_end: endOf(key), start_revision: from.toString() } });
    await ended;
    stream.cancel();
  }

  #apply(key: Buffer, value: Buffer | undefined): void {
    const path = this.#path(key);
    if (value === undefined) this.#files.delete(path);
    else this.#files.set(path, value);
    this.#onChange(path);
  }

  #path(key: Buffer): string {
    return key.toString("utf8").slice(this.#prefix.length);
  }
}

/** The end of a prefix's range; ours end with a slash, so that its last byte can be counted up. */
function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return end;
}
