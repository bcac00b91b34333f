import { interruption } from "../../interruption.js";
import { dial } from "../../net/dial.js";
import { DialError } from "../../net/dial-error.js";
import type { TabletSecurity } from "../../net/security.js";
import type { CallOptions, TabletRecord } from "../port.js";
import { shutDown } from "./errors.js";
import { refusedConnection } from "./refused-connection.js";
import { type Service, tlsOf } from "./services.js";

type DialOptions = CallOptions & { timeoutMs: number };

/** Connections as both services' calls have them, opened and closed again. */
export async function dialTablet(record: TabletRecord, security: TabletSecurity, options: DialOptions): Promise<void> {
  await dialService(record, "tabletmanagerservice.TabletManager", security, options);
  if (security.query === security.manager) return;
  await dialService(record, "queryservice.Query", security, options);
}

/**
 * One service's. UnreachableError with the layer, DNS or TCP; AuthError, whose layer is TLS; the signal's reason.
 */
export async function dialService(
  record: TabletRecord,
  service: Service,
  security: TabletSecurity,
  options: DialOptions,
): Promise<void> {
  const { signal, timeoutMs } = options;
  if (signal?.aborted) throw interruption(signal);
  if (record.hostname === "") throw shutDown(record);
  try {
    await dial(hostAndPort(record.grpcAddress), tlsOf(security, service), { timeoutMs, signal });
  } catch (error) {
    throw error instanceof DialError ? refusedConnection(record, service, security, error) : error;
  }
}

/** "host:port", IPv6 in brackets. */
function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
