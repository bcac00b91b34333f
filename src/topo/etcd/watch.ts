import type { IWatchRequest, IWatchResponse } from "etcd3";
import { interruption } from "../../interruption.js";
import { sleep } from "./abort.js";
import type { EtcdClient } from "./client.js";
import { type Reading, readKey } from "./file.js";

/** A watch that misses an event (etcd3 #31, #72, #114; half-open connections) is made good for by reading. */
const POLL_MS = 5_000;

/** So that a server that refuses watches is not asked in a tight loop. */
const REOPEN_MS = 200;

/** In place of a version; no revision is empty. */
const ABSENT = "";

/**
 * A stream of changes of one key from a revision on. etcd3's own watch manager is not used: it shares one stream
 * among all watchers and resumes by itself, which loses events.
 */
export class KeyWatch {
  private wake: (() => void) | undefined;
  private pending: IWatchResponse[] = [];
  private ended = false;
  private stream: { cancel(): void; write(request: IWatchRequest): void } | undefined;

  /** `from` is inclusive: the revision after the last one that was seen. */
  constructor(client: EtcdClient, key: string, from: string) {
    this.open(client, key, from).catch(() => this.end());
  }

  /**
   * Resolves with what has arrived, or with nothing when `ms` have passed; "ended" when the stream broke or was
   * refused (a compacted revision, a token): read the key, and watch from there.
   */
  async next(ms: number, signal?: AbortSignal): Promise<IWatchResponse[] | "ended"> {
    if (this.pending.length === 0 && !this.ended) await this.arrival(ms, signal);
    if (signal?.aborted) throw interruption(signal, "watching");
    if (this.pending.length > 0) return this.pending.splice(0);
    return this.ended ? "ended" : [];
  }

  close(): void {
    this.end();
    this.stream?.cancel();
  }

  private async open(client: EtcdClient, key: string, from: string): Promise<void> {
    const { etcd, token } = client.member;
    await token.ready();
    const stream = await etcd.watchClient.watch();
    this.stream = stream;
    stream.on("data", (response) => this.receive(response));
    stream.on("error", () => this.end());
    stream.on("end", () => this.end());
    if (this.ended) return stream.cancel();
    stream.write({ create_request: { key: Buffer.from(key), start_revision: from, progress_notify: true } });
  }

  private receive(response: IWatchResponse): void {
    // A compacted start revision comes as "canceled" with compact_revision set, and so does a refused token with a
    // reason: the read that follows gets a new one.
    if (response.canceled) this.close();
    if (response.events.length === 0) return;
    this.pending.push(response);
    this.wake?.();
  }

  private end(): void {
    this.ended = true;
    this.wake?.();
  }

  private arrival(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
      this.wake = done;
      if (signal?.aborted) done();
    });
  }
}

/**
 * The key's state, then every state it changes to, until `signal` is aborted. States that follow each other quickly
 * may be skipped after a broken connection, the last one never is. UnreachableError when the server stays away
 * for longer than a read is repeated.
 */
export async function* watchKey(client: EtcdClient, key: string, signal: AbortSignal): AsyncGenerator<Reading, void> {
  try {
    let known: string | undefined;
    for (;;) {
      const now = await readKey(client, key, signal);
      if (known !== versionOf(now)) yield now;
      known = versionOf(now);
      for await (const change of changesSince(client, key, now, signal)) {
        known = versionOf(change);
        yield change;
      }
      await sleep(REOPEN_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Ends when the stream broke, or when a reading shows that it missed something. */
async function* changesSince(
  client: EtcdClient,
  key: string,
  start: Reading,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  const watch = new KeyWatch(client, key, next(start.revision));
  let known = versionOf(start);
  try {
    for (;;) {
      const responses = await watch.next(POLL_MS, signal);
      if (responses === "ended") return;
      for (const { events, header } of responses) {
        for (const event of events) {
          const change = { kv: event.type === "Delete" ? undefined : event.kv, revision: header.revision };
          known = versionOf(change);
          yield change;
        }
      }
      if (responses.length === 0 && versionOf(await readKey(client, key, signal)) !== known) return;
    }
  } finally {
    watch.close();
  }
}

function versionOf(reading: Reading): string {
  return reading.kv?.mod_revision ?? ABSENT;
}

/** The revision after one. */
export function next(revision: string): string {
  return String(BigInt(revision) + 1n);
}
