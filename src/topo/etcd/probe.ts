import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContextOptions, TLSSocket } from "node:tls";
import { AuthError, UnreachableError, type VtmigrateError } from "../../errors.js";
import { interruption } from "../../interruption.js";
import type { Endpoint } from "./endpoint.js";

const TCP_MS = 3_000;
const TICK_MS = 100;

/** Failures of the network below TLS, by Node's error codes. */
const NETWORK_REASONS: Record<string, string> = {
  ENOTFOUND: "the name does not resolve (DNS)",
  EAI_AGAIN: "the name does not resolve, the name server did not answer (DNS)",
  ECONNREFUSED: "connection refused (TCP)",
  EHOSTUNREACH: "no route to the host (TCP)",
  ENETUNREACH: "no route to the network (TCP)",
  ETIMEDOUT: `no answer within ${TCP_MS / 1000} s (TCP)`,
};

/**
 * Opens and closes a connection of the kind that a client will open, so that a failure can name its layer:
 * etcd3 has no dial timeout (1.1.2 never reads `dialTimeout`), and grpc-js tells only that there was no
 * connection. Takes at most 3 s. UnreachableError (DNS, TCP), AuthError (TLS).
 */
export async function probe(
  endpoint: Endpoint,
  tls: SecureContextOptions | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { host, port } = endpoint;
  // Node gives each of a name's addresses 250 ms by default, which a far away server can need longer than.
  const target = { host, port, autoSelectFamilyAttemptTimeout: 1_000 };
  // SNI is for names only (RFC 6066).
  const servername = isIP(host) === 0 ? host : "";
  const socket =
    tls === undefined ? connectTcp(target) : connectTls({ ...target, ...tls, servername, ALPNProtocols: ["h2"] });
  try {
    await opened(socket, tls === undefined ? "connect" : "secureConnect", endpoint, signal);
  } finally {
    socket.destroy();
  }
}

function opened(socket: Socket, event: string, endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: VtmigrateError) => {
      settle();
      reject(error);
    };
    const onAbort = () => signal && fail(interruption(signal, `connecting to ${endpoint.address}`));
    const timeUp = () => fail(explain(endpoint, socket, { code: "ETIMEDOUT" }));
    // A process that is kept from running (a library loads, the machine is busy) hears of its timers before its sockets:
    // such a time counts as one tick.
    let ticks = TCP_MS / TICK_MS;
    const timer = setInterval(() => --ticks <= 0 && timeUp(), TICK_MS);
    const settle = () => {
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    socket.once(event, () => {
      settle();
      resolve();
    });
    // Errors may come after the outcome is known; nobody wants those.
    socket.on("error", (error) => fail(explain(endpoint, socket, error)));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

/** OpenSSL's and Node's own errors are no errno names, but for EPROTO; a plain server just hangs up on a handshake. */
function isOfTls(socket: Socket, code: string): boolean {
  if (!(socket instanceof TLSSocket)) return false;
  return code === "EPROTO" || code === "ECONNRESET" || code.startsWith("ERR_") || !code.startsWith("E");
}

function isOfNames(code: string): boolean {
  return code === "ENOTFOUND" || code === "EAI_AGAIN";
}

function explain(endpoint: Endpoint, socket: Socket, error: { code?: string; message?: string }): VtmigrateError {
  const code = error.code ?? "";
  if (isOfTls(socket, code)) {
    return new AuthError(`etcd at ${endpoint.address}: the TLS handshake failed: ${error.message ?? code}`, {
      hint: "Check the CA, certificate and key, and that the server speaks TLS.",
      at: { address: endpoint.address, layer: "TLS" },
      cause: error,
    });
  }
  const reason = NETWORK_REASONS[code] ?? `${error.message ?? code} (TCP)`;
  return new UnreachableError(`cannot reach etcd at ${endpoint.address}: ${reason}`, {
    hint: "Check the address, and that this machine can reach it.",
    at: { address: endpoint.address, layer: isOfNames(code) ? "DNS" : "TCP" },
    cause: error,
  });
}
