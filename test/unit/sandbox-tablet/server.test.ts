import { connect } from "node:net";
import { type Client, credentials, makeGenericClientConstructor, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TabletError } from "../../../src/sandbox/tablet/errors.js";
import { TabletServer } from "../../../src/sandbox/tablet/server.js";
import type { QueryClient } from "../../../src/wire/generated/queryservice/Query.js";
import type { TabletManagerClient } from "../../../src/wire/generated/tabletmanagerservice/TabletManager.js";
import { serviceDefinition } from "../../../src/wire/proto.js";

const PACKETS = 400;
const PACKET_BYTES = 250_000;

let server: TabletServer;
let port: number;
let manager: TabletManagerClient;
let query: QueryClient;
let sent: number;
let pings = 0;
const clients: Client[] = [];

function client<T>(service: "tabletmanagerservice.TabletManager" | "queryservice.Query"): T {
  const Service = makeGenericClientConstructor(serviceDefinition(service), "Service");
  const opened = new Service(`127.0.0.1:${port}`, credentials.createInsecure());
  clients.push(opened);
  return opened as Client as T;
}

beforeEach(async () => {
  server = new TabletServer();
  sent = 0;
  server.addService(serviceDefinition("tabletmanagerservice.TabletManager"), {
    Ping: ({ payload }) => {
      pings++;
      return { payload };
    },
    GetSchema: () => {
      throw new TabletError(status.FAILED_PRECONDITION, "not now");
    },
    WaitForPosition: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  server.addService(serviceDefinition("queryservice.Query"), {
    VStreamRows: async (_request, call) => {
      const { send } = call as { send(message: object): Promise<void> } & typeof call;
      for (; sent < PACKETS; sent++)
        await send({ rows: [{ lengths: [PACKET_BYTES], values: Buffer.alloc(PACKET_BYTES) }] });
    },
  });
  port = await server.listen(0);
  manager = client("tabletmanagerservice.TabletManager");
  query = client("queryservice.Query");
});

afterEach(async () => {
  for (const opened of clients.splice(0)) opened.close();
  await server.kill();
});

function ping(timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) =>
    manager.ping({ payload: "x" }, { deadline: Date.now() + timeoutMs }, (error, answer) =>
      error ? reject(error) : resolve(answer?.payload ?? ""),
    ),
  );
}

const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: ServiceError) => error,
  );

describe("a tablet's server", () => {
  it("answers, with the codes of its errors, and UNIMPLEMENTED in Go's words", async () => {
    expect(await ping(5000)).toBe("x");
    const refused = await failure(new Promise((_, reject) => manager.getSchema({}, reject)));
    expect(refused).toMatchObject({ code: status.FAILED_PRECONDITION, details: "not now" });
    const missing = await failure(new Promise((_, reject) => manager.vDiff({}, reject)));
    expect(missing).toMatchObject({
      code: status.UNIMPLEMENTED,
      details: "unknown method VDiff for service tabletmanagerservice.TabletManager",
    });
  });

  it("accepts connections while paused and answers nothing, then everything", async () => {
    await ping(5000);
    server.pause();
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve();
      }).on("error", reject);
    });
    const before = pings;
    expect(await failure(ping(300))).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(pings).toBe(before);
    const waiting = ping(5000);
    server.resume();
    expect(await waiting).toBe("x");
  });

  it("is gone after a kill, streams and waits included", async () => {
    await ping(5000);
    const wait = failure(new Promise((_, reject) => manager.waitForPosition({ position: "" }, reject)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.kill();
    expect(await wait).toMatchObject({ code: status.UNAVAILABLE });
    expect(await failure(ping(300))).toMatchObject({
      code: expect.toBeOneOf([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]),
    });
  });

  it("tells its callers when it stops", async () => {
    const wait = failure(new Promise((_, reject) => manager.waitForPosition({ position: "" }, reject)));
    await ping(5000);
    await server.stop();
    expect(await wait).toMatchObject({ code: status.UNAVAILABLE, details: "the tablet is shutting down" });
  });

  it("doesn't run ahead of a slow reader", async () => {
    const stream = query.vStreamRows({});
    stream.on("error", () => {});
    await new Promise((resolve) => stream.once("data", resolve));
    stream.pause();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const behind = sent;
    expect(behind).toBeLessThan(PACKETS / 4);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent - behind).toBeLessThan(5);
    stream.on("data", () => {});
    stream.resume();
    await new Promise((resolve) => stream.once("end", resolve));
    expect(sent).toBe(PACKETS);
  });
});
