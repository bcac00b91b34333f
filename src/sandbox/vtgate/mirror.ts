import { Etcd3, type IOptions, type Watcher } from "etcd3";

/** etcd3 hides causes behind a circuit breaker unless it is told not to. */
const passThrough = {
  execute: (call: (context: object) => unknown) => call({}),
} as unknown as NonNullable<NonNullable<IOptions["faultHandling"]>["global"]>;

/**
 * A copy in memory of every key below a prefix, kept up to date by a watch. A vtgate asks its topology
 * on every query; this way it asks its own memory, and hears of changes as they happen.
 */
export class Mirror {
  readonly #client: Etcd3;
  readonly #prefix: string;
  readonly #files = new Map<string, Buffer>();
  readonly #onChange: (path: string) => void;
  #watcher: Watcher | undefined;
  #closed = false;

  private constructor(server: string, root: string, onChange: (path: string) => void) {
    this.#client = new Etcd3({
      hosts: server.split(","),
      grpcOptions: { "grpc.enable_http_proxy": 0 },
      faultHandling: { host: () => passThrough, global: passThrough },
    });
    this.#prefix = `${root.replace(/\/+$/, "")}/`;
    this.#onChange = onChange;
  }

  /** Reads everything below `root`, and follows it until `close`. Rejects when the server doesn't answer. */
  static async open(server: string, root: string, onChange: (path: string) => void): Promise<Mirror> {
    const mirror = new Mirror(server, root, onChange);
    try {
      await mirror.#follow(await mirror.#load());
    } catch (error) {
      mirror.close();
      throw error;
    }
    return mirror;
  }

  get(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  /** Every file below a directory, by its whole path. */
  below(dir: string): [string, Buffer][] {
    return [...this.#files].filter(([path]) => path.startsWith(`${dir}/`)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The revision that the copy stands at. */
  async #load(): Promise<bigint> {
    const answer = await this.#client
      .getAll()
      .prefix(this.#prefix)
      .options({ deadline: Date.now() + 10_000 })
      .exec();
    this.#files.clear();
    for (const kv of answer.kvs) this.#files.set(this.#path(kv.key), kv.value);
    return BigInt(answer.header.revision);
  }

  async #follow(revision: bigint): Promise<void> {
    const watcher = await this.#client
      .watch()
      .prefix(this.#prefix)
      .startRevision((revision + 1n).toString())
      .create();
    this.#watcher = watcher;
    watcher.on("put", (kv) => this.#apply(kv.key, kv.value));
    watcher.on("delete", (kv) => this.#apply(kv.key, undefined));
    watcher.on("connected", () => void this.#reload(watcher));
    watcher.on("error", () => void this.#reload(watcher));
  }

  /** A broken stream may have missed changes (and compaction may have eaten them): read everything again. */
  async #reload(watcher: Watcher): Promise<void> {
    if (this.#closed || this.#watcher !== watcher) return;
    try {
      await this.#load();
      for (const path of this.#files.keys()) this.#onChange(path);
    } catch {
      // The server went away again; the watcher reconnects and calls once more.
    }
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

  close(): void {
    this.#closed = true;
    this.#watcher?.cancel().catch(() => {});
    this.#client.close();
  }
}
