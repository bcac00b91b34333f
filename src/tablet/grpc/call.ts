import { getDefaultHighWaterMark, setDefaultHighWaterMark } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Grpc from "@grpc/grpc-js";
import { UnreachableError } from "../../errors.js";
import { interruption } from "../../interruption.js";
import type { TabletSecurity } from "../../net/security.js";
import { serviceDefinition } from "../../wire/proto.js";
import type { CallOptions, TabletRecord } from "../port.js";
import { settleConnection } from "./channel.js";
import { dialService } from "./dial.js";
import { type FailedCall, seconds, shutDown, toTabletError, unreachable } from "./errors.js";
import type { Services } from "./services.js";
import { callMetadata } from "./static-credentials.js";

type Request<D> = D extends { requestSerialize: (request: infer Req) => Buffer } ? Req : never;
type Response<D> = D extends { responseDeserialize: (bytes: Buffer) => infer Res } ? Res : never;
type Deserialize<Res> = (bytes: Buffer) => Res;

/** One and the same client where both services are spoken to alike. */
export type Clients = Record<keyof Services, Grpc.Client>;

export interface CallSettings extends CallOptions {
  timeoutMs: number;
  /** Asking twice does no harm: repeated while the tablet is unavailable. */
  read?: boolean;
  /** See FailedCall. */
  waits?: boolean;
}

/** With what a command does besides, an address that swallows packets is reported within 10 s. */
const CONNECT_MS = 8_000;
/** What refuses a connection does so at once. */
const EXPLAIN_MS = 3_000;
const BUFFERED_MESSAGES = 2;
const RETRY_AFTER_MS = [200, 800];
/** A tablet that took longer to fail is not one that is just being restarted. */
const RETRY_WITHIN_MS = 5_000;

/** Makes the calls of one tablet: connection, credentials, deadline, abort, retries of reads, errors. */
export class Caller {
  constructor(
    private readonly record: TabletRecord,
    private readonly clients: Clients,
    private readonly security: TabletSecurity,
  ) {}

  async unary<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: Request<Services[S][M]>,
    settings: CallSettings,
  ): Promise<Response<Services[S][M]>> {
    const endsAt = Date.now() + settings.timeoutMs;
    const retryUntil = Math.min(endsAt, Date.now() + RETRY_WITHIN_MS);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.once<Response<Services[S][M]>>(service, method, request, settings, endsAt);
      } catch (error) {
        const failure = toTabletError(error, this.failed(method, settings));
        const pause = RETRY_AFTER_MS[attempt];
        const repeat = settings.read && failure instanceof UnreachableError && pause !== undefined;
        if (!repeat || Date.now() + pause >= retryUntil) throw failure;
        await sleep(pause, undefined, { signal: settings.signal }).catch(() => {});
        if (settings.signal?.aborted) throw interruption(settings.signal);
      }
    }
  }

  /** A server stream. Leaving the loop early cancels the call. */
  stream<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: Request<Services[S][M]>,
    settings: CallSettings,
  ): AsyncGenerator<Response<Services[S][M]>> {
    const { responseDeserialize } = this.definition(service, method);
    return this.messages(
      service,
      method,
      request,
      settings,
      responseDeserialize as Deserialize<Response<Services[S][M]>>,
    );
  }

  /** The same with its messages' bytes as they come. */
  streamBytes<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: Request<Services[S][M]>,
    settings: CallSettings,
  ): AsyncGenerator<Buffer> {
    return this.messages(service, method, request, settings, (bytes) => bytes);
  }

  private async *messages<Res>(
    service: keyof Services,
    method: string,
    request: unknown,
    settings: CallSettings,
    deserialize: Deserialize<Res>,
  ): AsyncGenerator<Res> {
    const { path, requestSerialize } = this.definition(service, method);
    const endsAt = Date.now() + settings.timeoutMs;
    let call: Grpc.ClientReadableStream<Res> | undefined;
    const cancel = () => call?.cancel();
    try {
      const client = await this.connect(service, method, settings, endsAt);
      const metadata = callMetadata(this.security.login);
      call = withFewBuffered(() =>
        client.makeServerStreamRequest(path, requestSerialize, deserialize, request, metadata, { deadline: endsAt }),
      );
      // A cancelled call reports an error after the loop has been left; nobody listens any more then.
      call.on("error", () => {});
      settings.signal?.addEventListener("abort", cancel, { once: true });
      for await (const response of call) yield response as Res;
    } catch (error) {
      throw toTabletError(error, this.failed(method, settings));
    } finally {
      settings.signal?.removeEventListener("abort", cancel);
      cancel();
    }
  }

  private async once<Res>(
    service: keyof Services,
    method: string,
    request: unknown,
    settings: CallSettings,
    endsAt: number,
  ): Promise<Res> {
    const definition = this.definition(service, method);
    const client = await this.connect(service, method, settings, endsAt);
    const metadata = callMetadata(this.security.login);
    return await new Promise<Res>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        metadata,
        { deadline: endsAt },
        (error, response) => {
          settings.signal?.removeEventListener("abort", cancel);
          if (error !== null) reject(error);
          else resolve(response as Res);
        },
      );
      const cancel = () => call.cancel();
      settings.signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** The service's client, connected. grpc-js tells little of why there is no connection: dialling says more. */
  private async connect(
    service: keyof Services,
    method: string,
    settings: CallSettings,
    endsAt: number,
  ): Promise<Grpc.Client> {
    const { signal } = settings;
    if (signal?.aborted) throw interruption(signal);
    if (this.record.hostname === "") throw shutDown(this.record);
    const client = this.clients[service];
    const timeoutMs = Math.max(1, Math.min(CONNECT_MS, endsAt - Date.now()));
    const state = await orAborted(settleConnection(client.getChannel(), timeoutMs), signal);
    if (state === "silent") {
      throw unreachable(this.failed(method, settings), `no connection within ${seconds(timeoutMs)}`);
    }
    if (state === "failed") await dialService(this.record, service, this.security, { timeoutMs: EXPLAIN_MS, signal });
    return client;
  }

  private definition(service: keyof Services, method: string): Grpc.MethodDefinition<unknown, unknown> {
    const definition = serviceDefinition(service)[method];
    if (definition === undefined) throw new Error(`${service} has no ${method}`);
    return definition as Grpc.MethodDefinition<unknown, unknown>;
  }

  private failed(method: string, settings: CallSettings): FailedCall {
    const { timeoutMs, waits, signal } = settings;
    return { record: this.record, method, timeoutMs, waits, signal };
  }
}

/**
 * Runs `open`, whose stream then holds two messages that nobody has asked for yet, and not sixteen, which is
 * Node's default. grpc-js lets nobody say so: packets of rows are large, and there is a stream for each shard.
 */
function withFewBuffered<T>(open: () => T): T {
  const before = getDefaultHighWaterMark(true);
  setDefaultHighWaterMark(true, BUFFERED_MESSAGES);
  try {
    return open();
  } finally {
    setDefaultHighWaterMark(true, before);
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(interruption(signal));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
