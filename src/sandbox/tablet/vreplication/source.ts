/** The source tablet's Query service, as a stream reads it. */
import { type Client, makeGenericClientConstructor, type ServiceError, type status } from "@grpc/grpc-js";
import type { TabletSecurity } from "../../../net/security.js";
import type { Target } from "../../../wire/generated/query/Target.js";
import type { QueryClient } from "../../../wire/generated/queryservice/Query.js";
import { type MessageInput, type MessageOutput, serviceDefinition } from "../../../wire/proto.js";
import { tabletConnection } from "../../tablet-connection.js";
import { connectionText } from "../connection-text.js";
import { rpcErrorText } from "../errors.js";

const QueryService = makeGenericClientConstructor(serviceDefinition("queryservice.Query"), "Query");
const HEALTH_MS = 5_000;

/** A failure of the source's, worded as Go's client does. */
export class SourceError extends Error {
  constructor(
    readonly code: status,
    details: string,
  ) {
    super(`vttablet: ${rpcErrorText(code, connectionText(details))}`);
    this.name = "SourceError";
  }
}

export class SourceClient {
  readonly #client: QueryClient;

  constructor(address: string, security: TabletSecurity) {
    const { credentials, options } = tabletConnection(security, "query");
    this.#client = new QueryService(address, credentials, {
      ...options,
      "grpc.max_receive_message_length": 64 << 20,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1_000,
      "grpc.keepalive_time_ms": 10_000,
      "grpc.keepalive_timeout_ms": 10_000,
    }) as Client as QueryClient;
  }

  /** Events from `position` on, until the signal aborts. */
  vstream(
    request: { target: Target; position: string; filter: MessageInput<"binlogdata.Filter"> },
    signal: AbortSignal,
  ): AsyncGenerator<MessageOutput<"binlogdata.VStreamResponse">> {
    return read(() => this.#client.vStream(request), signal);
  }

  vstreamRows(
    request: { target: Target; query: string; lastpk: MessageInput<"query.QueryResult"> | null },
    signal: AbortSignal,
  ): AsyncGenerator<MessageOutput<"binlogdata.VStreamRowsResponse">> {
    return read(() => this.#client.vStreamRows(request), signal);
  }

  /** All rows of all tables, from one snapshot (v18). */
  vstreamTables(
    request: { target: Target },
    signal: AbortSignal,
  ): AsyncGenerator<MessageOutput<"binlogdata.VStreamTablesResponse">> {
    return read(() => this.#client.vStreamTables(request), signal);
  }

  /** The first answer of StreamHealth. */
  async health(signal: AbortSignal): Promise<MessageOutput<"query.StreamHealthResponse"> | undefined> {
    const reports = read(() => this.#client.streamHealth({}, { deadline: Date.now() + HEALTH_MS }), signal);
    for await (const report of reports) return report;
    return undefined;
  }

  close(): void {
    this.#client.close();
  }
}

interface Readable<T> extends AsyncIterable<T> {
  cancel(): void;
  on(event: "error", listener: () => void): void;
}

/** Leaving the loop cancels the call. Errors are SourceErrors, or the signal's reason. */
async function* read<T>(open: () => Readable<T>, signal: AbortSignal): AsyncGenerator<T> {
  signal.throwIfAborted();
  const call = open();
  // A cancelled call reports that it was cancelled, to nobody after the loop has ended.
  call.on("error", () => {});
  const cancel = () => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of call) {
      yield message;
      signal.throwIfAborted();
    }
  } catch (error) {
    signal.throwIfAborted();
    const { code, details } = error as ServiceError;
    throw code === undefined ? error : new SourceError(code, details);
  } finally {
    signal.removeEventListener("abort", cancel);
    call.cancel();
  }
}
