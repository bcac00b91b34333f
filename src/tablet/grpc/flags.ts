import type { TabletRecord } from "../port.js";
import type { Service } from "./services.js";

/**
 * The flags that say how a service of a tablet is spoken to, for a sentence: "-tablet_manager_grpc_cert and
 * -tablet_manager_grpc_key". A mount's are given once, when it is made.
 */
export function tlsFlags(
  { mount }: TabletRecord,
  service: Service,
  ...parts: ("ca" | "cert" | "key" | "server_name" | "crl")[]
): string {
  const own = service === "queryservice.Query" ? "-tablet_grpc_" : "-tablet_manager_grpc_";
  const names = parts.map((part) => (mount === "" ? own : "-source_tablet_") + part);
  return `${mount === "" ? "" : "Mount's "}${names.join(" and ")}`;
}

/** The flag that names the file with the user and the password, for a sentence. */
export function credentialsFlag({ mount }: TabletRecord): string {
  return mount === "" ? "-grpc_auth_static_client_creds" : "Mount's -source_tablet_static_client_creds";
}
