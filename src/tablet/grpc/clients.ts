import type { Client } from "@grpc/grpc-js";
import type { TabletSecurity, Tls } from "../../net/security.js";
import type { Tablet, TabletClients, TabletRecord } from "../port.js";
import { Caller, type Clients } from "./call.js";
import { openClient } from "./channel.js";
import { GrpcTablet } from "./tablet.js";

const IN_THE_CLEAR: TabletSecurity = {};

/**
 * Tablets over gRPC, spoken to as `securityOf` says for the mount of a tablet's record ("" for the target cluster's own).
 * One channel per mount and address for the life of the process, two where the services are encrypted in different ways.
 * Connects at the first call. The same record opens the same tablet, so that what was learned of it is known.
 */
export function createTabletClients(securityOf: (mount: string) => TabletSecurity = () => IN_THE_CLEAR): TabletClients {
  const channels = new Map<string, Clients>();
  const tablets = new Map<string, Tablet>();
  return {
    open(record: TabletRecord): Tablet {
      const key = JSON.stringify(record);
      const known = tablets.get(key);
      if (known !== undefined) return known;
      const { mount, grpcAddress } = record;
      const security = securityOf(mount);
      const place = `${mount} ${grpcAddress}`;
      const clients = channels.get(place) ?? openClients(grpcAddress, security);
      channels.set(place, clients);
      const tablet = new GrpcTablet(record, new Caller(record, clients, security), security);
      tablets.set(key, tablet);
      return tablet;
    },
    close(): void {
      for (const clients of channels.values()) for (const client of new Set(Object.values(clients))) client.close();
      channels.clear();
      tablets.clear();
    },
  };
}

function openClients(address: string, { manager, query }: TabletSecurity): Clients {
  const open = (tls: Tls | undefined): Client => openClient(address, tls);
  const forManager = open(manager);
  return {
    "tabletmanagerservice.TabletManager": forManager,
    "queryservice.Query": query === manager ? forManager : open(query),
  };
}
