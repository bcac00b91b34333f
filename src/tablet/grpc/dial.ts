import { connect } from "node:net";
import { interruption } from "../../interruption.js";
import type { CallOptions, TabletRecord } from "../port.js";
import { seconds, shutDown, unreachable } from "./errors.js";

/**
 * A TCP connection to a tablet's gRPC port, opened and closed again: grpc-js tells too little of why it has none.
 * UnreachableError with the layer, DNS or TCP; the signal's reason.
 */
export function dial(record: TabletRecord, options: CallOptions & { timeoutMs: number }): Promise<void> {
  const { timeoutMs, signal } = options;
  if (signal?.aborted) return Promise.reject(interruption(signal));
  if (record.hostname === "") return Promise.reject(shutDown(record));
  return new Promise((resolve, reject) => {
    const socket = connect({ ...hostAndPort(record.grpcAddress), autoSelectFamilyAttemptTimeout: 1_000 });
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      socket.destroy();
      act();
    };
    const fail = (why: string, code = "") =>
      settle(() =>
        reject(unreachable({ record }, why, undefined, /^(ENOTFOUND|EAI_AGAIN)$/.test(code) ? "DNS" : "TCP")),
      );
    const stop = () => settle(() => signal && reject(interruption(signal)));
    const timer = setTimeout(() => fail(`no connection within ${seconds(timeoutMs)}`), timeoutMs);
    signal?.addEventListener("abort", stop, { once: true });
    socket.once("connect", () => settle(resolve));
    socket.on("error", (error: NodeJS.ErrnoException) => fail(REASONS[error.code ?? ""] ?? error.message, error.code));
  });
}

const REASONS: Record<string, string> = {
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve, the name server did not answer",
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
};

/** "host:port", IPv6 in brackets. */
function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
