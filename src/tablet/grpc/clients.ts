import type { Client } from "@grpc/grpc-js";
import type { TabletSecurity } from "../../net/security.js";
import type { Tablet, TabletClients, TabletRecord } from "../port.js";
import { Caller } from "./call.js";
import { openClient } from "./channel.js";
import { GrpcTablet } from "./tablet.js";

/**
 * Tablets over gRPC, one channel per address for the life of the process. Connects at the first call. The same record
 * opens the same tablet, so that what was learned of it is known.
 */
export function createTabletClients(_securityOf: (mount: string) => TabletSecurity = () => ({})): TabletClients {
  const clients = new Map<string, Client>();
  const tablets = new Map<string, Tablet>();
  return {
    open(record: TabletRecord): Tablet {
      const key = JSON.stringify(record);
      const known = tablets.get(key);
      if (known !== undefined) return known;
      let client = clients.get(record.grpcAddress);
      if (client === undefined) {
        client = openClient(record.grpcAddress);
        clients.set(record.grpcAddress, client);
      }
      const tablet = new GrpcTablet(record, new Caller(record, client));
      tablets.set(key, tablet);
      return tablet;
    },
    close(): void {
      for (const client of clients.values()) client.close();
      clients.clear();
      tablets.clear();
    },
  };
}
