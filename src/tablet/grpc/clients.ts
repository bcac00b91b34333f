import type { Client } from "@grpc/grpc-js";
import type { Tablet, TabletClients, TabletRecord } from "../port.js";
import { Caller } from "./call.js";
import { openClient } from "./channel.js";
import { GrpcTablet } from "./tablet.js";

/** Tablets over gRPC, one channel per address for the life of the process. Connects at the first call. */
export function createTabletClients(): TabletClients {
  const clients = new Map<string, Client>();
  return {
    open(record: TabletRecord): Tablet {
      let client = clients.get(record.grpcAddress);
      if (client === undefined) {
        client = openClient(record.grpcAddress);
        clients.set(record.grpcAddress, client);
      }
      return new GrpcTablet(record, new Caller(record, client));
    },
    close(): void {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}
