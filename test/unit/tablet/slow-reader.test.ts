import { expect, test } from "vitest";
import { TabletServer } from "../../../src/sandbox/tablet/server.js";
import { createTabletClients } from "../../../src/tablet/grpc/clients.js";
import type { TabletRecord } from "../../../src/tablet/port.js";
import { serviceDefinition } from "../../../src/wire/proto.js";
import { encodeRow } from "../../../src/wire/result.js";

const PACKETS = 100;
const packet = { rows: [encodeRow([Buffer.alloc(250_000, "x")])] };

test("a tablet whose rows nobody takes sends a few packets and waits", async () => {
  let sent = 0;
  const server = new TabletServer();
  server.addService(serviceDefinition("queryservice.Query"), {
    async VStreamResults(_request, call) {
      await call.send({ gtid: "MySQL56/x:1-5", fields: [{ name: "note" }] });
      for (; sent < PACKETS; sent++) await call.send(packet);
    },
  });
  const grpcAddress = `127.0.0.1:${await server.listen(0)}`;
  const clients = createTabletClients();
  const record = { alias: "zx-0000000001", keyspace: "ks", shard: "0", type: "PRIMARY", grpcAddress } as TabletRecord;
  const events = clients.open(record).vstreamResults("select note from t")[Symbol.asyncIterator]();
  try {
    expect((await events.next()).value).toMatchObject({ kind: "start" });
    // As many as there is room for on the way; what is taken makes room for as many.
    const before = await settled(() => sent);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThanOrEqual(8);
    for (let i = 0; i < 20; i++) await events.next();
    const after = await settled(() => sent);
    expect(after).toBeGreaterThanOrEqual(20);
    expect(after - 20).toBeLessThanOrEqual(8);
  } finally {
    await events.return?.();
    clients.close();
    await server.stop();
  }
});

/** The count, once it hasn't grown for a while. */
async function settled(count: () => number): Promise<number> {
  let seen = -1;
  while (seen !== count()) {
    seen = count();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return seen;
}
