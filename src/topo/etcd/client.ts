import { rootCertificates, type SecureContextOptions } from "node:tls";
import type { Etcd3, IOptions } from "etcd3";
import { UnreachableError, type VtmigrateError } from "../../errors.js";
import { type Endpoint, parseEndpoints } from "./endpoint.js";
import { Code, detailsOf, fromEtcd, grpcCode, interruption, isAmbiguous } from "./errors.js";
import { probe } from "./probe.js";

export interface EtcdOptions {
  /** Deadline of one request, in milliseconds; reads are repeated for twice that. Default 4000. */
  timeoutMs?: number;
  /** As `--topo_etcd_tls_{ca,cert,key}`, PEM. Given, every endpoint is spoken to over TLS. */
  tls?: { ca?: Buffer; cert?: Buffer; key?: Buffer };
}

const REQUEST_MS = 4_000;
/** From the first packet to "this is an etcd", over all endpoints; the caller promises 10 s. */
const CONNECT_MS = 9_000;
const STATUS_MS = 1_500;
const FIRST_BACKOFF_MS = 50;

/** 64 MiB: grpc-js takes 4 MiB by default, and a listing of a large cluster is more. */
const MAX_MESSAGE_BYTES = 64 << 20;

const CHANNEL_OPTIONS = {
  // Else http_proxy is honoured, even for localhost.
  "grpc.enable_http_proxy": 0,
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  // A dead peer ends watches and keepalives. etcd forbids pings more often than every 5 s.
  "grpc.keepalive_time_ms": 15_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
};

type FaultHandling = NonNullable<IOptions["faultHandling"]>;

/**
 * etcd3 repeats every "recoverable" failure three times, writes too, and opens a circuit breaker after three
 * failures, which then hides the cause. Neither: failures come through as they are.
 */
const PASS_THROUGH = {
  execute: async (call: (context: object) => unknown) => call({}),
} as unknown as NonNullable<FaultHandling["global"]>;

/**
 * An etcd cluster: one etcd3 client per endpoint, one of which is in use until it fails. Every unary call has a
 * deadline; streams have none, their users watch the clock.
 */
export class EtcdClient {
  private closed = false;

  private constructor(
    private readonly endpoints: Endpoint[],
    private readonly clients: Etcd3[],
    private current: number,
    readonly timeoutMs: number,
  ) {}

  /**
   * Finds an endpoint that answers as an etcd, within 9 s. `key` is any key: reading it shows that the cluster
   * has a leader and that we are allowed in. UnreachableError and AuthError name each address and the layer that
   * failed; UsageError for an address that is none.
   */
  static async connect(server: string, key: string, options: EtcdOptions, signal?: AbortSignal): Promise<EtcdClient> {
    const deadline = Date.now() + CONNECT_MS;
    const endpoints = parseEndpoints(server);
    // The probes are under way while the library loads.
    const probes = endpoints.map((endpoint) => settled(probe(endpoint, secureContext(endpoint, options), signal)));
    const { Etcd3 } = await import("etcd3");
    const timeoutMs = options.timeoutMs ?? REQUEST_MS;
    const clients = endpoints.map((endpoint) => new Etcd3(clientOptions(endpoint, options, timeoutMs)));
    const client = new EtcdClient(endpoints, clients, 0, timeoutMs);
    try {
      await client.findLivingEndpoint(probes, key, deadline, signal);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** For messages: "etcd at localhost:2379". */
  get where(): string {
    return `etcd at ${this.endpoint(this.current).address}`;
  }

  /** The library's client for the endpoint in use. */
  get etcd(): Etcd3 {
    return this.etcdAt(this.current);
  }

  /** Repeats a read, on the next endpoint, until it is answered or twice the request's deadline has passed. */
  async read<T>(call: (etcd: Etcd3) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const giveUp = Date.now() + 2 * this.timeoutMs;
    for (let backoff = FIRST_BACKOFF_MS; ; backoff *= 2) {
      try {
        return await this.once(call, signal);
      } catch (error) {
        if (!isAmbiguous(error) || this.closed || Date.now() + backoff > giveUp) throw fromEtcd(error, this.where);
        await sleep(backoff, signal);
      }
    }
  }

  /**
   * One attempt; the error is etcd3's own, so that the caller can tell a refusal from a request that may have been
   * carried out. Stops waiting when `signal` is aborted.
   */
  async once<T>(call: (etcd: Etcd3) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const used = this.current;
    try {
      return await abortable(call(this.etcdAt(used)), signal, this.where);
    } catch (error) {
      if (isAmbiguous(error) && used === this.current) this.current = (used + 1) % this.endpoints.length;
      throw error;
    }
  }

  close(): void {
    this.closed = true;
    for (const client of this.clients) client.close();
  }

  private async findLivingEndpoint(
    probes: Promise<VtmigrateError | undefined>[],
    key: string,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const pending = new Map(probes.map((outcome, index) => [index, outcome.then((error) => ({ index, error }))]));
    const failures: VtmigrateError[] = [];
    while (pending.size > 0) {
      const { index, error } = await Promise.race(pending.values());
      pending.delete(index);
      const failure = error ?? (await this.ask(index, key, deadline, signal));
      if (failure === undefined) {
        this.current = index;
        return;
      }
      signal?.throwIfAborted();
      failures.push(failure);
    }
    throw combine(failures);
  }

  /** Whether an etcd answers at a reachable endpoint; the error says what answers instead. */
  private async ask(
    index: number,
    key: string,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<VtmigrateError | undefined> {
    const where = `etcd at ${this.endpoint(index).address}`;
    const etcd = this.etcdAt(index);
    const until = Math.min(Date.now() + this.timeoutMs, deadline - STATUS_MS);
    try {
      const range = etcd.kv.range({ key: Buffer.from(key || "\0"), count_only: true }, { deadline: until });
      await abortable(range, signal, where);
      return undefined;
    } catch (error) {
      if (!isAmbiguous(error) || detailsOf(error).startsWith("etcdserver:")) return fromEtcd(error, where);
      const status = etcd.maintenance.status({ deadline: Date.now() + STATUS_MS });
      const leaderless = await abortable(status, signal, where).then(
        () => true,
        () => false,
      );
      return leaderless ? noLeader(where, error) : notEtcd(this.endpoint(index), error);
    }
  }

  private endpoint(index: number): Endpoint {
    const endpoint = this.endpoints[index];
    if (endpoint === undefined) throw new RangeError(`no endpoint ${index}`);
    return endpoint;
  }

  private etcdAt(index: number): Etcd3 {
    const client = this.clients[index];
    if (client === undefined) throw new RangeError(`no endpoint ${index}`);
    return client;
  }
}

function clientOptions(endpoint: Endpoint, options: EtcdOptions, timeoutMs: number): IOptions {
  const { ca, cert, key } = options.tls ?? {};
  return {
    hosts: `${isSecure(endpoint, options) ? "https" : "http"}://${endpoint.address}`,
    // etcd3 takes a client certificate only together with a root certificate.
    ...(options.tls && {
      credentials: {
        rootCertificate: ca ?? Buffer.from(rootCertificates.join("\n")),
        certChain: cert,
        privateKey: key,
      },
    }),
    grpcOptions: CHANNEL_OPTIONS,
    faultHandling: { host: () => PASS_THROUGH, global: PASS_THROUGH },
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + timeoutMs }),
  };
}

function isSecure(endpoint: Endpoint, options: EtcdOptions): boolean {
  return endpoint.secure || options.tls !== undefined;
}

function secureContext(endpoint: Endpoint, options: EtcdOptions): SecureContextOptions | undefined {
  return isSecure(endpoint, options) ? { ...options.tls } : undefined;
}

function noLeader(where: string, cause: unknown): VtmigrateError {
  return new UnreachableError(`${where} answers, but does not serve reads: its cluster has no leader`, { cause });
}

function notEtcd(endpoint: Endpoint, cause: unknown): VtmigrateError {
  const silent = grpcCode(cause) === Code.DEADLINE_EXCEEDED;
  const behaviour = silent ? "accepts connections but never answers" : "does not speak etcd's protocol";
  return new UnreachableError(`cannot reach etcd at ${endpoint.address}: the server there ${behaviour} (gRPC)`, {
    hint: "Is it the client port of an etcd, without TLS unless TLS files are given?",
    cause,
  });
}

/** One endpoint's failure as it is; of several, each one's sentence. */
function combine(failures: VtmigrateError[]): VtmigrateError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  return new UnreachableError(`no etcd endpoint answers: ${failures.map((failure) => failure.message).join("; ")}`, {
    hint: first?.hint,
    cause: first,
  });
}

function settled(outcome: Promise<void>): Promise<VtmigrateError | undefined> {
  return outcome.then(
    () => undefined,
    (error) => error,
  );
}

/** Rejects as soon as `signal` is aborted; the call itself is left to its deadline. */
export function abortable<T>(call: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (signal === undefined) return call;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(interruption(signal, what));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Rejects when `signal` is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return abortable(slept, signal, "waiting").finally(() => clearTimeout(timer));
}
