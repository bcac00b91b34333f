import type { TabletSecurity, Tls } from "../../net/security.js";
import type { QueryDefinition } from "../../wire/generated/queryservice/Query.js";
import type { TabletManagerDefinition } from "../../wire/generated/tabletmanagerservice/TabletManager.js";

/** Names of a service's methods, without the index signature that grpc-js's ServiceDefinition adds. */
type Named<D> = { [M in keyof D as string extends M ? never : M]: D[M] };

/** What a tablet's gRPC port serves. */
export interface Services {
  "tabletmanagerservice.TabletManager": Named<TabletManagerDefinition>;
  "queryservice.Query": Named<QueryDefinition>;
}

export type Service = keyof Services;

/** What calls to a service are encrypted with; undefined is in the clear. */
export function tlsOf(security: TabletSecurity, service: Service): Tls | undefined {
  return service === "queryservice.Query" ? security.query : security.manager;
}
