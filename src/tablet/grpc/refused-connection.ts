import { AuthError, type VtmigrateError } from "../../errors.js";
import type { DialCode, DialError } from "../../net/dial-error.js";
import type { TabletRecord } from "../port.js";
import { unreachable } from "./errors.js";
import { tlsFlags } from "./flags.js";
import type { Service } from "./services.js";

/**
 * A connection to a service of a tablet that could not be opened, as the user meets it: UnreachableError, or AuthError
 * with the flags that cure it where it is TLS's.
 */
export function refusedConnection(record: TabletRecord, service: Service, error: DialError): VtmigrateError {
  const { code, layer, reason } = error;
  if (layer !== "TLS" || code === "silent") return unreachable({ record }, reason, error, layer);
  const remedy = remedies(record, service)[code];
  return new AuthError(`tablet ${record.alias} at ${record.grpcAddress}: ${reason}`, {
    hint: remedy ?? error.hint,
    at: { address: record.grpcAddress, layer },
    cause: error,
  });
}

function remedies(record: TabletRecord, service: Service): Partial<Record<DialCode, string>> {
  const flags = (...parts: Parameters<typeof tlsFlags>[2][]) => tlsFlags(record, service, ...parts);
  const client = `${flags("cert", "key")} name the files of a client certificate, from a CA that the tablet knows.`;
  return {
    "unknown-ca": `${flags("ca")} names the file with the certificate of the CA that signed the tablet's.`,
    "wrong-name": `${flags("server_name")} gives the name to look for in place of the address.`,
    "certificate-wanted": client,
    "certificate-refused": client,
    "tls-wanted": `${flags("ca")} names the file with the certificate of the CA that signed the tablet's.`,
    "no-tls": `Check the port; for a tablet without TLS leave ${flags("ca", "cert")} out.`,
  };
}
