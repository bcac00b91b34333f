import { dial } from "../../net/dial.js";
import { DialError } from "../../net/dial-error.js";
import type { Tls } from "../../net/security.js";
import type { Endpoint } from "./endpoint.js";

const CONNECTION_MS = 3_000;

/**
 * Opens and closes a connection of the kind that a client will open, so that a failure can name its layer: etcd3 has
 * no dial timeout (1.1.2 never reads `dialTimeout`). Takes at most 3 s. UnreachableError (DNS, TCP), AuthError (TLS).
 */
export async function probe(endpoint: Endpoint, tls: Tls | undefined, signal?: AbortSignal): Promise<void> {
  const { address } = endpoint;
  try {
    await dial(endpoint, tls, { timeoutMs: CONNECTION_MS, signal });
  } catch (error) {
    if (error instanceof DialError) throw error.at(address, `cannot reach etcd at ${address}`);
    throw error;
  }
}
