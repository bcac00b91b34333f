import { dial } from "../../net/dial.js";
import { type DialCode, DialError } from "../../net/dial-error.js";
import type { Tls } from "../../net/security.js";
import type { Endpoint } from "./endpoint.js";

const CONNECTION_MS = 3_000;

/** Hints with the settings that an etcd's TLS has, in place of the general ones. */
const HINTS: Partial<Record<DialCode, string>> = {
  "unknown-ca":
    "Give that CA's certificate by -topo_etcd_tls_ca (of a mount's etcd: -source_topo_ca at Mount), or check that the server is the right one.",
  "certificate-wanted":
    "Give -topo_etcd_tls_cert and -topo_etcd_tls_key (of a mount's etcd: -source_topo_cert and -source_topo_key at Mount).",
  "tls-wanted":
    "Give the CA's certificate by -topo_etcd_tls_ca (of a mount's etcd: -source_topo_ca at Mount), or write https:// in front of the address.",
};

/**
 * Opens and closes a connection of the kind that a client will open, so that a failure can name its layer: etcd3 has
 * no dial timeout (1.1.2 never reads `dialTimeout`). Takes at most 3 s. UnreachableError (DNS, TCP), AuthError (TLS).
 */
export async function probe(endpoint: Endpoint, tls: Tls | undefined, signal?: AbortSignal): Promise<void> {
  const { address } = endpoint;
  try {
    await dial(endpoint, tls, { timeoutMs: CONNECTION_MS, signal });
  } catch (error) {
    if (error instanceof DialError) throw error.at(address, `cannot reach etcd at ${address}`, HINTS[error.code]);
    throw error;
  }
}
