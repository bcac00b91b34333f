import type { Interceptor } from "@grpc/grpc-js";
import type { IOptions } from "etcd3";
import type { EtcdSecurity, Tls } from "../../net/security.js";
import type { Endpoint } from "./endpoint.js";

export interface EtcdOptions {
  /** Deadline of one request, in milliseconds; reads are repeated for twice that. Default 4000. */
  timeoutMs?: number;
  /** With `tls`, every endpoint is spoken to over TLS. */
  security?: EtcdSecurity | undefined;
}

export const REQUEST_MS = 4_000;

const CHANNEL_OPTIONS = {
  // Else http_proxy is honoured, even for localhost.
  "grpc.enable_http_proxy": 0,
  // grpc-js takes 4 MiB by default, and a listing of a large cluster is more.
  "grpc.max_receive_message_length": 64 << 20,
  // A dead peer ends watches. etcd forbids pings more often than every 5 s.
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
 * For one endpoint. Every unary call gets a deadline; streams have none, their users watch the clock.
 */
export function clientOptions(endpoint: Endpoint, options: EtcdOptions, interceptor: Interceptor): IOptions {
  const { tls } = options.security ?? {};
  const timeoutMs = options.timeoutMs ?? REQUEST_MS;
  return {
    hosts: `${isSecure(endpoint, options) ? "https" : "http"}://${endpoint.address}`,
    ...(tls && {
      credentials: {
        // Declared as needed, but handed on as it is: without one Node's own apply, and those of NODE_EXTRA_CA_CERTS.
        rootCertificate: tls.ca as Buffer,
        certChain: tls.cert,
        privateKey: tls.key,
      },
    }),
    grpcOptions: grpcOptions(tls, interceptor),
    faultHandling: { host: () => PASS_THROUGH, global: PASS_THROUGH },
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + timeoutMs }),
  };
}

/** etcd3 declares only options of a channel, and hands all of them to grpc-js's clients. */
function grpcOptions(tls: Tls | undefined, interceptor: Interceptor): NonNullable<IOptions["grpcOptions"]> {
  const ofClients = { interceptors: [interceptor] };
  return { ...CHANNEL_OPTIONS, ...ofClients, ...(tls?.serverName !== undefined && nameOptions(tls.serverName)) };
}

function nameOptions(name: string) {
  return { "grpc.ssl_target_name_override": name, "grpc.default_authority": name };
}

/** Undefined where the endpoint is spoken to in the clear. */
export function tlsOf(endpoint: Endpoint, options: EtcdOptions): Tls | undefined {
  return isSecure(endpoint, options) ? { ...options.security?.tls } : undefined;
}

export function isSecure(endpoint: Endpoint, options: EtcdOptions): boolean {
  return endpoint.secure || options.security?.tls !== undefined;
}
