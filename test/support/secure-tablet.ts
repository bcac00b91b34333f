/** A tablet's gRPC port that says no more than that it is there: for tests of who is let in, and how. */
import type { TabletServerSecurity } from "../../src/sandbox/security.js";
import { TabletServer } from "../../src/sandbox/tablet/server.js";
import type { TabletRecord } from "../../src/tablet/port.js";
import { serviceDefinition } from "../../src/wire/proto.js";

export interface SecureTablet {
  /** Of the target cluster's own, unless a mount is given. */
  record(mount?: string): TabletRecord;
  /** Calls that were let in. */
  readonly calls: string[];
  stop(): Promise<void>;
}

export async function startSecureTablet(security: TabletServerSecurity): Promise<SecureTablet> {
  const calls: string[] = [];
  const server = new TabletServer(security);
  server.addService(serviceDefinition("tabletmanagerservice.TabletManager"), {
    Ping(request: { payload: string }) {
      calls.push("Ping");
      return { payload: request.payload };
    },
  });
  server.addService(serviceDefinition("queryservice.Query"), {
    async StreamHealth(_request, call) {
      calls.push("StreamHealth");
      await call.send({ serving: true, target: { tablet_type: "PRIMARY" } });
    },
  });
  const port = await server.listen(0);
  return {
    record: (mount = "") => ({
      mount,
      alias: "zone1-0000000100",
      cell: "zone1",
      uid: 100,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      hostname: "127.0.0.1",
      grpcAddress: `127.0.0.1:${port}`,
      dbName: "vt_commerce",
    }),
    calls,
    stop: () => server.stop(),
  };
}
