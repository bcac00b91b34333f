import { AuthError, type VtmigrateError } from "../../errors.js";
import type { DialCode, DialError } from "../../net/dial-error.js";
import type { TabletSecurity } from "../../net/security.js";
import type { TabletRecord } from "../port.js";
import { unreachable } from "./errors.js";
import { type TlsPart, tlsFlags } from "./flags.js";
import type { Service } from "./services.js";

/**
 * A connection to a service of a tablet that could not be opened, as the user meets it: UnreachableError, or AuthError
 * with the flags that cure it where it is TLS's.
 */
export function refusedConnection(
  record: TabletRecord,
  service: Service,
  security: TabletSecurity,
  error: DialError,
): VtmigrateError {
  const { code, layer, reason } = error;
  if (layer !== "TLS" || code === "silent") return unreachable({ record }, reason, error, layer);
  const flags = (...parts: TlsPart[]) => tlsFlags(record, service, security, ...parts);
  return new AuthError(`tablet ${record.alias} at ${record.grpcAddress}: ${reason} (TLS)`, {
    hint: remedies(flags)[code] ?? error.hint,
    at: { address: record.grpcAddress, layer },
    cause: error,
  });
}

function remedies(flags: (...parts: TlsPart[]) => string): Partial<Record<DialCode, string>> {
  const authority = `${flags("ca")} names the file with the certificate of the CA that signed the tablet's.`;
  const client = `${flags("cert", "key")} name the files of a client certificate, from a CA that the tablet knows.`;
  return {
    "unknown-ca": authority,
    "tls-wanted": authority,
    "wrong-name": `${flags("server_name")} gives the name to look for in place of the address.`,
    "certificate-wanted": client,
    "certificate-refused": client,
    "no-tls": `Check the port; for a tablet without TLS leave ${flags("ca")} and the like out.`,
  };
}
