import type { TabletSecurity } from "../../net/security.js";
import type { TabletRecord } from "../port.js";
import type { Service } from "./services.js";

export type TlsPart = "ca" | "cert" | "key" | "server_name" | "crl";

/**
 * The flags that say how a service of a tablet is spoken to, for a sentence: "-tablet_grpc_cert and -tablet_grpc_key".
 * TabletManager's own are named only where it is spoken to in another way than Query. A mount's are given once, to Mount.
 */
export function tlsFlags(
  { mount }: TabletRecord,
  service: Service,
  { manager, query }: TabletSecurity,
  ...parts: TlsPart[]
): string {
  const own = service === "tabletmanagerservice.TabletManager" && manager !== query;
  const prefix = mount === "" ? `-tablet_${own ? "manager_" : ""}grpc_` : `-source_tablet_${own ? "manager_" : ""}`;
  return ofMount(mount, parts.map((part) => prefix + part).join(" and "));
}

/** The flag that names the file with the user and the password, for a sentence. */
export function credentialsFlag({ mount }: TabletRecord): string {
  return ofMount(mount, `-${mount === "" ? "" : "source_"}grpc_auth_static_client_creds`);
}

function ofMount(mount: string, flags: string): string {
  return mount === "" ? flags : `Mount's ${flags}`;
}
