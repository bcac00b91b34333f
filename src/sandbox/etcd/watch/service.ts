import type { ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Auth } from "../auth/auth.js";
import { Caller } from "../auth/caller.js";
import type { Member } from "../header.js";
import type { WatchRequest, WatchResponse } from "../messages.js";
import type { Store } from "../mvcc/store.js";
import { WatchStream } from "./watch-stream.js";

/** etcd's default for --experimental-watch-progress-notify-interval. */
const progressIntervalMs = 10 * 60 * 1000;

/** etcdserverpb.Watch, and what ends its timer. */
export class WatchService {
  readonly implementation: UntypedServiceImplementation;
  readonly #streams = new Set<WatchStream>();
  readonly #stopListening: () => void;
  readonly #progressTimer: NodeJS.Timeout;

  constructor(
    store: Store,
    private readonly auth: Auth,
    member: Member,
    progressInterval = progressIntervalMs,
  ) {
    this.implementation = {
      Watch: (call: ServerDuplexStream<WatchRequest, WatchResponse>) => this.#open(call, store, member),
    };
    this.#stopListening = store.onCommit((revision, changes) => {
      const events = changes.map((change) => change.event);
      for (const stream of this.#streams) {
        stream.notify(revision, events);
      }
    });
    this.#progressTimer = setInterval(() => {
      for (const stream of this.#streams) {
        stream.tick();
      }
    }, progressInterval);
  }

  close(): void {
    clearInterval(this.#progressTimer);
    this.#stopListening();
    this.#streams.clear();
  }

  /** A client that only stops sending keeps its watchers; they end with the call (api/v3rpc/watch.go, Watch). */
  #open(call: ServerDuplexStream<WatchRequest, WatchResponse>, store: Store, member: Member): void {
    const stream = new WatchStream(
      store,
      member,
      () => Caller.of(call, this.auth),
      (response) => call.write(response),
    );
    this.#streams.add(stream);
    call.on("data", (request) => stream.receive(request));
    call.on("cancelled", () => this.#streams.delete(stream));
    call.on("error", () => this.#streams.delete(stream));
  }
}
