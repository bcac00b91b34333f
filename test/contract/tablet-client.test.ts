import { createServer, type Server as TcpServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AuthError,
  ConflictError,
  FailedError,
  InterruptedError,
  NotFoundError,
  StillRunningError,
  UnreachableError,
} from "../../src/errors.js";
import { readCapabilities } from "../../src/tablet/capabilities.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { Tablet, TabletClients } from "../../src/tablet/port.js";
import { records } from "../../src/wire/result.js";
import { type RecordedTablet, startRecordedTablet } from "../support/recorded-tablet.js";

const SELECT_COLUMNS = "select * from _vt.vreplication where id = 0";

describe.each(["11.0.4", "14.0.5", "18.0.8", "22.0.3", "22.0.3-mariadb"] as const)(
  "answers recorded from v%s",
  (version) => {
    let server: RecordedTablet;
    let clients: TabletClients;
    let tablet: Tablet;

    beforeEach(async () => {
      server = await startRecordedTablet(version);
      clients = createTabletClients();
      tablet = clients.open(server.record);
    });
    afterEach(() => {
      clients.close();
      server.stop();
    });

    it("pings with the recorded bytes", async () => {
      await tablet.ping();
      expect(server.requests).toEqual(["CgdwYXlsb2Fk"]);
    });

    it("reads the schema of every table", async () => {
      const schema = await tablet.getSchema([]);
      expect(schema.table_definitions.map((table) => table.name)).toEqual(["corder", "customer", "notes", "product"]);
      expect(schema.table_definitions[2]?.primary_key_columns).toEqual(["name"]);
    });

    it("reads the columns of _vt.vreplication once", async () => {
      const capabilities = await readCapabilities(tablet);
      expect(capabilities.beforeV12).toBe(version === "11.0.4");
      expect(capabilities.columns.has("options")).toBe(version.startsWith("22."));
      expect(capabilities.columns.has("workflow_sub_type")).toBe(/^(18|22)\./.test(version));
      expect(capabilities.maxSourceBytes).toBe(version === "11.0.4" ? 65_535 : 16_777_215);
      await readCapabilities(tablet);
      expect(server.calls).toEqual(["VReplicationExec"]);
    });

    it("asks for the position under the name that the tablet knows", async () => {
      expect(await tablet.primaryPosition()).toMatch(/^(MySQL56|MariaDB)\//);
      expect(server.calls).toEqual(version === "11.0.4" ? ["PrimaryPosition", "MasterPosition"] : ["PrimaryPosition"]);
    });

    it("waits for a position in the past", async () => {
      const past = {
        "11.0.4": ["MariaDB/0-1-1", 4],
        "14.0.5": ["MariaDB/0-1-1", 2],
        "18.0.8": ["MariaDB/0-1-1", 1],
        "22.0.3": ["MySQL56/0161eb37-e68d-11f1-a320-02fc00000001:1-30", 3],
        "22.0.3-mariadb": ["MariaDB/0-1-1", 1],
      } as const;
      const [position, id] = past[version];
      await tablet.vreplicationWaitForPos(id, position, { timeoutMs: 5000 });
    });

    it("reads health from the first answer", async () => {
      expect(await tablet.health()).toMatchObject({ serving: true, error: "" });
    });

    it("unwraps what the tablet says", async () => {
      const error = await tablet.vreplicationExec("selekt 1").catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(FailedError);
      expect(String(error)).toContain("zone1-0000000001: syntax error at position 7 near 'selekt'");
      expect(String(error)).not.toMatch(/TabletManager|selekt'.*selekt'/);
    });

    it("streams a table's rows behind its position", async () => {
      const events = [];
      for await (const event of tablet.vstreamResults("select name, body, ts, j from notes order by name")) {
        events.push(event);
      }
      expect(events[0]).toMatchObject({ kind: "start", position: expect.stringMatching(/^(MySQL56|MariaDB)\//) });
      const rows = events.flatMap((event) => (event.kind === "rows" ? event.rows : []));
      expect(rows.map((row) => row.value(0)?.toString())).toEqual(["apple", "Ärger", "Banana", "Zebra"]);
    });
  },
);

describe("failures", () => {
  let server: RecordedTablet;
  let clients: TabletClients;
  let tablet: Tablet;
  const silent: TcpServer[] = [];

  beforeEach(async () => {
    server = await startRecordedTablet("22.0.3");
    clients = createTabletClients();
    tablet = clients.open(server.record);
  });
  afterEach(() => {
    clients.close();
    server.stop();
    for (const listener of silent.splice(0)) listener.close();
  });

  it("repeats a select while the tablet is unavailable", async () => {
    server.failNext.push({ method: "VReplicationExec", code: 14, details: "going away" });
    const result = await tablet.vreplicationExec(SELECT_COLUMNS);
    expect(records(result)).toEqual([]);
    expect(server.calls).toEqual(["VReplicationExec", "VReplicationExec"]);
  });

  it.each(["insert into _vt.vreplication(workflow) values ('w')", "delete from _vt.vreplication where id = 1"])(
    "sends %s once only",
    async (query) => {
      server.failNext.push({ method: "VReplicationExec", code: 14, details: "going away" });
      await expect(tablet.vreplicationExec(query)).rejects.toThrow(UnreachableError);
      expect(server.calls).toEqual(["VReplicationExec"]);
    },
  );

  it.each([
    [16, AuthError],
    [7, AuthError],
    [12, NotFoundError],
    [9, ConflictError],
    [2, FailedError],
    [3, FailedError],
  ])("turns gRPC code %d into %o", async (code, type) => {
    server.failNext.push({ method: "Ping", code, details: "no" });
    await expect(tablet.ping()).rejects.toThrow(type);
  });

  it("tells a position not yet reached from a tablet that doesn't answer", async () => {
    server.failNext.push({ method: "VReplicationWaitForPos", code: 4, details: "Deadline exceeded" });
    await expect(tablet.vreplicationWaitForPos(3, "MySQL56/x:1", { timeoutMs: 100 })).rejects.toThrow(
      StillRunningError,
    );
    // The tablet knows the deadline too, and may be the first to say that it is over.
    const details = "TabletManager.WaitForPosition on x: WaitSourcePos failed: timed out waiting for position 0-1-2";
    server.failNext.push({ method: "WaitForPosition", code: 2, details });
    await expect(tablet.waitForPosition("MariaDB/0-1-2", { timeoutMs: 100 })).rejects.toThrow(StillRunningError);
    server.failNext.push({ method: "GetSchema", code: 4, details: "Deadline exceeded" });
    await expect(tablet.getSchema([], { timeoutMs: 100 })).rejects.toThrow(UnreachableError);
  });

  it("names the alias and the address of a tablet that is down", async () => {
    const { grpcAddress } = server.record;
    server.stop();
    const error = await tablet.ping({ timeoutMs: 3000 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toContain(`tablet zone1-0000000001 at ${grpcAddress} doesn't answer`);
  });

  it("says at once that a tablet was shut down: its record has neither host nor port any more", async () => {
    const gone = clients.open({ ...server.record, hostname: "", grpcAddress: ":0" });
    const error = await gone.vreplicationExec(SELECT_COLUMNS).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toContain("tablet zone1-0000000001 was shut down");
  });

  it("gives up on an address that takes the connection and says nothing", async () => {
    const listener = createServer(() => {});
    silent.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const address = listener.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const started = Date.now();
    const mute = clients.open({ ...server.record, grpcAddress: `127.0.0.1:${port}` });
    await expect(mute.vreplicationExec(SELECT_COLUMNS, { timeoutMs: 500 })).rejects.toThrow(UnreachableError);
    expect(Date.now() - started).toBeLessThan(2500);
  });

  it("hears the abort signal with its reason, before and during a call", async () => {
    const stop = new AbortController();
    const listener = createServer(() => {});
    silent.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const address = listener.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const mute = clients.open({ ...server.record, grpcAddress: `127.0.0.1:${port}` });
    const call = mute.ping({ signal: stop.signal });
    setTimeout(() => stop.abort(new InterruptedError("interrupted by SIGINT")), 50);
    await expect(call).rejects.toThrow("interrupted by SIGINT");
    await expect(tablet.ping({ signal: stop.signal })).rejects.toThrow("interrupted by SIGINT");
  });
});
