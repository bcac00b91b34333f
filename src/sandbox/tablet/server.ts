/**
 * One gRPC server on 127.0.0.1. Its sockets are its own, so that a test can make the process look hung
 * (TCP is accepted, nothing answers) or dead (every connection is cut).
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Metadata, Server, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { TabletServerSecurity } from "../security.js";
import { serverCredentials } from "../server-tls.js";
import { errorText, TabletError } from "./errors.js";
import { Gate } from "./gate.js";
import { authenticate } from "./static-auth.js";

/** What a method knows about its caller. */
export interface Call {
  /** Aborted when the client goes away, its deadline passes, or the server stops. */
  readonly signal: AbortSignal;
  /** The client's deadline as milliseconds since the epoch; Infinity without one. */
  readonly deadline: number;
  readonly metadata: Metadata;
}

/** `send` resolves when the transport took the message: a slow reader slows the sender down. */
export interface StreamCall<Response> extends Call {
  send(message: Response): Promise<void>;
}

export type UnaryMethod<Request, Response> = (request: Request, call: Call) => Response | Promise<Response>;
export type StreamMethod<Request, Response> = (request: Request, call: StreamCall<Response>) => Promise<void>;

/** Methods of every shape stand in one table; what a stream may do beyond answering, a unary method leaves. */
// biome-ignore lint/suspicious/noExplicitAny: messages of every type stand in one table
export type Methods = Record<string, (request: any, call: StreamCall<any>) => unknown>;

interface GrpcCall {
  request: unknown;
  metadata: Metadata;
  cancelled: boolean;
  getDeadline(): Date | number;
  on(event: "cancelled", listener: () => void): void;
  emit(event: "error", error: object): void;
  write(message: unknown, done: () => void): boolean;
  end(): void;
}

export class TabletServer {
  readonly #grpc = new Server({
    "grpc.max_receive_message_length": 64 << 20,
    "grpc.max_send_message_length": 64 << 20,
  });
  readonly #injector;
  readonly #sockets = new Set<Socket>();
  readonly #held = new Set<Socket>();
  readonly #calls = new Set<AbortController>();
  readonly #gate = new Gate();
  readonly #listener = createServer((socket) => this.#accept(socket));
  readonly #users: TabletServerSecurity["users"];

  constructor({ tls, users }: TabletServerSecurity = {}) {
    this.#injector = this.#grpc.createConnectionInjector(serverCredentials(tls));
    this.#users = users;
  }

  /**
   * Adds a service. Methods that the tablet's version lacks are left out of `methods` and answer UNIMPLEMENTED
   * in the words of Go's gRPC, whoever asks.
   */
  addService(definition: ServiceDefinition, methods: Methods): void {
    const handlers = Object.entries(definition).map(([name, { path, responseStream }]) => {
      const known = methods[name];
      const method = known === undefined ? unimplemented(path) : this.#authenticated(known);
      return [name, responseStream ? this.#stream(method) : this.#unary(method)];
    });
    this.#grpc.addService(definition, Object.fromEntries(handlers));
  }

  /** Resolves with the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once("error", reject);
      this.#listener.listen(port, "127.0.0.1", resolve);
    });
    return (this.#listener.address() as AddressInfo).port;
  }

  /** From now on connections are accepted and calls arrive, but nothing is answered. */
  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
    for (const socket of this.#held) this.#inject(socket);
    this.#held.clear();
  }

  /** Ends every call and closes everything. */
  async stop(): Promise<void> {
    for (const call of this.#calls) call.abort(new TabletError(status.UNAVAILABLE, "the tablet is shutting down"));
    this.#gate.open();
    // One turn, so that streams end with their status and not with a broken connection.
    await new Promise((resolve) => setImmediate(resolve));
    await this.kill();
  }

  /** Cuts every connection at once. */
  async kill(): Promise<void> {
    // A connection that was let in just now is read in the next turn, and Node doesn't look whether it still stands.
    await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const call of this.#calls) call.abort(new TabletError(status.UNAVAILABLE, "the tablet was killed"));
    for (const socket of this.#sockets) socket.destroy();
    this.#injector.destroy();
    this.#grpc.forceShutdown();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#held.delete(socket);
    });
    if (this.#gate.isOpen) this.#inject(socket);
    else this.#held.add(socket);
  }

  #inject(socket: Socket): void {
    if (!socket.destroyed) this.#injector.injectConnection(socket);
  }

  #begin(call: GrpcCall): { context: Call; finish: () => void } {
    const controller = new AbortController();
    this.#calls.add(controller);
    call.on("cancelled", () => controller.abort(new TabletError(status.CANCELLED, "context canceled")));
    const deadline = call.getDeadline();
    return {
      context: {
        signal: controller.signal,
        deadline: deadline instanceof Date ? deadline.getTime() : deadline,
        metadata: call.metadata,
      },
      finish: () => this.#calls.delete(controller),
    };
  }

  #authenticated(method: NonNullable<Methods[string]>): NonNullable<Methods[string]> {
    const users = this.#users;
    if (users === undefined) return method;
    return (request, call) => {
      authenticate(users, call.metadata);
      return method(request, call);
    };
  }

  #unary(method: Methods[string]) {
    return (call: GrpcCall, reply: (error: object | null, response?: unknown) => void): void => {
      const { context, finish } = this.#begin(call);
      const run = async () => {
        await this.#gate.pass(context.signal);
        const response = await (method as UnaryMethod<unknown, unknown>)(call.request, context);
        await this.#gate.pass(context.signal);
        return response;
      };
      run()
        .then((response) => reply(null, response))
        .catch((error) => reply(grpcError(error)))
        .finally(finish);
    };
  }

  #stream(method: Methods[string]) {
    return (call: GrpcCall): void => {
      const { context, finish } = this.#begin(call);
      const send = async (message: unknown) => {
        await this.#gate.pass(context.signal);
        await new Promise<void>((resolve, reject) => {
          const abort = () => reject(context.signal.reason);
          context.signal.addEventListener("abort", abort, { once: true });
          call.write(message, () => {
            context.signal.removeEventListener("abort", abort);
            resolve();
          });
        });
      };
      const run = async () => {
        await this.#gate.pass(context.signal);
        await (method as StreamMethod<unknown, unknown>)(call.request, { ...context, send });
        context.signal.throwIfAborted();
      };
      run()
        .then(() => call.end())
        .catch((error) => call.emit("error", grpcError(error)))
        .finally(finish);
    };
  }
}

function unimplemented(path: string): UnaryMethod<unknown, never> {
  const [, service, method] = path.split("/");
  return () => {
    throw new TabletError(status.UNIMPLEMENTED, `unknown method ${method} for service ${service}`);
  };
}

/** Node's HTTP/2 sends no header block above 64 KB, and a call whose trailers are longer would never end. */
const DETAILS_BYTES = 20_000;

function grpcError(error: unknown): object {
  const code = error instanceof TabletError ? error.code : status.UNKNOWN;
  const text = asClientsReadIt(errorText(error));
  // Trailers are percent-encoded: up to three bytes for one.
  const details = Buffer.byteLength(text) <= DETAILS_BYTES ? text : `${text.slice(0, DETAILS_BYTES / 3)} [TRUNCATED]`;
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

/** Go sends a text's last blank as it is, and Node's HTTP/2 lets no header pass that ends in one (measured on v18.0.8). */
function asClientsReadIt(text: string): string {
  return text.endsWith(" ") ? "" : text;
}
