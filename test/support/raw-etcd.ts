import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  type ClientDuplexStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A message as proto-loader gives it: int64 as strings, enums by name, bytes as Buffers. */
export type Message = Record<string, unknown>;

/** Bytes from text, or as they are. */
export const b = (text: string): Buffer => Buffer.from(text, "latin1");

const protoDir = join(dirname(createRequire(import.meta.url).resolve("etcd3/package.json")), "proto");

type Services = "KV" | "Lease" | "Watch" | "Maintenance" | "Cluster" | "Auth";

/** etcd's API with nothing in between: no retries, no namespaces, no decoding of what comes back. */
export class RawEtcd {
  readonly #services = new Map<Services, InstanceType<ServiceClientConstructor>>();
  readonly #streams = new Set<RawStream>();

  /** `token` goes with each call, as that of a user who has logged in. */
  constructor(
    private readonly endpoint: string,
    private readonly token?: string,
  ) {}

  /** One unary call, e.g. ("KV", "Range", { key }). Rejects with grpc-js's ServiceError. */
  call(service: Services, method: string, request: Message): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#method(service, method)(
        request,
        this.#metadata(),
        { deadline: Date.now() + 10_000 },
        (error: ServiceError | null, response: Message) => (error ? reject(error) : resolve(response)),
      );
    });
  }

  /** "<code> <text>" of the error that a call ends with. */
  async failure(service: Services, method: string, request: Message): Promise<string> {
    try {
      await this.call(service, method, request);
    } catch (error) {
      const { code, details } = error as ServiceError;
      return `${code} ${details}`;
    }
    throw new Error(`${service}.${method} didn't fail`);
  }

  stream(service: Services, method: string): RawStream {
    const stream = new RawStream(this.#method(service, method)(this.#metadata()));
    this.#streams.add(stream);
    return stream;
  }

  range(key: string, more: Message = {}): Promise<Message> {
    return this.call("KV", "Range", { key: b(key), ...more });
  }

  put(key: string, value: string, more: Message = {}): Promise<Message> {
    return this.call("KV", "Put", { key: b(key), value: b(value), ...more });
  }

  delete(key: string, more: Message = {}): Promise<Message> {
    return this.call("KV", "DeleteRange", { key: b(key), ...more });
  }

  txn(request: Message): Promise<Message> {
    return this.call("KV", "Txn", request);
  }

  async revision(): Promise<number> {
    return revisionOf(await this.range("\0"));
  }

  close(): void {
    for (const stream of this.#streams) {
      stream.cancel();
    }
    for (const client of this.#services.values()) {
      client.close();
    }
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    if (this.token !== undefined) metadata.set("token", this.token);
    return metadata;
  }

  #method(service: Services, method: string) {
    let client = this.#services.get(service);
    if (client === undefined) {
      client = new (constructorOf(service))(this.endpoint, credentials.createInsecure(), {
        "grpc.enable_http_proxy": 0,
      });
      this.#services.set(service, client);
    }
    const call = client[method];
    if (call === undefined) {
      throw new Error(`no method ${method}`);
    }
    return call.bind(client);
  }
}

/** A duplex stream whose responses are read one by one, in order. */
export class RawStream {
  readonly #received: Message[] = [];
  readonly #waiting: ((message: Message) => void)[] = [];
  /** Resolves with "end", or "<code> <text>". */
  readonly ended: Promise<string>;

  constructor(private readonly call: ClientDuplexStream<Message, Message>) {
    call.on("data", (message: Message) => {
      const waiting = this.#waiting.shift();
      if (waiting) {
        waiting(message);
      } else {
        this.#received.push(message);
      }
    });
    this.ended = new Promise((resolve) => {
      call.on("error", (error: Error) => {
        const { code, details } = error as ServiceError;
        resolve(`${code} ${details}`);
      });
      call.on("end", () => resolve("end"));
    });
  }

  write(request: Message): void {
    this.call.write(request);
  }

  /** Says that nothing more will be sent. */
  halfClose(): void {
    this.call.end();
  }

  cancel(): void {
    this.call.cancel();
  }

  /** The next response; rejects when none comes within `timeoutMs`. */
  next(timeoutMs = 8000): Promise<Message> {
    const received = this.#received.shift();
    if (received) {
      return Promise.resolve(received);
    }
    return new Promise((resolve, reject) => {
      const receive = (message: Message) => {
        clearTimeout(timer);
        resolve(message);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(receive), 1);
        reject(new Error("no response came"));
      }, timeoutMs);
      this.#waiting.push(receive);
    });
  }
}

let services: Record<string, ServiceClientConstructor> | undefined;

function constructorOf(service: Services): ServiceClientConstructor {
  services ??= loadPackageDefinition(
    loadSync(join(protoDir, "rpc.proto"), {
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    }),
  ).etcdserverpb as GrpcObject as Record<string, ServiceClientConstructor>;
  const client = services[service];
  if (client === undefined) {
    throw new Error(`no service ${service}`);
  }
  return client;
}

export function revisionOf(response: Message): number {
  return Number((response.header as Message).revision);
}

/** Bytes as text, absent fields and headers left out: short enough to write down in an expectation. */
export function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) {
    return value.toString("latin1");
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, field]) =>
        name === "header" || field === null || field === undefined ? [] : [[name, plain(field)]],
      ),
    );
  }
  return value;
}
