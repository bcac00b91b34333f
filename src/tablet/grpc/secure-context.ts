import { createSecureContext, type SecureContext } from "node:tls";
import { AuthError } from "../../errors.js";
import type { Tls } from "../../net/security.js";
import { badFiles, grpcRoots } from "../../net/tls-files.js";

const contexts = new WeakMap<Tls, SecureContext>();

/**
 * What connections are encrypted with, made once for all of a cluster's tablets. TLS 1.2 at least, as Vitess's clients and
 * servers want it (go/vt/vttls). AuthError for certificates or a key that OpenSSL doesn't take.
 */
export function secureContext(tls: Tls): SecureContext {
  const known = contexts.get(tls);
  if (known !== undefined) return known;
  const { serverName: _, ...files } = tls;
  try {
    const made = createSecureContext({ ...files, ca: files.ca ?? grpcRoots(), minVersion: "TLSv1.2" });
    contexts.set(tls, made);
    return made;
  } catch (error) {
    const { reason, hint } = badFiles(error);
    throw new AuthError(`tablets can't be spoken to over TLS: ${reason}`, { hint, cause: error });
  }
}
