/** VDiff as processes against the sandbox: its tablets, its etcds, and a MySQL behind each tablet. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Application, startApplication } from "../../src/sandbox/application.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/cluster.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import { openTopo } from "../../src/topo/topo.js";
import { records } from "../../src/wire/result.js";
import { type CliOptions, type CliResult, connection, runCli } from "../support/cli.js";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 2000 });
  await vtmigrate(
    `Mount -type vitess -topo_type etcd2 -topo_server ${sandbox.source.etcd} -topo_root /vitess/global ext1`,
  );
  const create = await vtmigrate("Migrate -all -wait -tablet_types PRIMARY -source ext1.commerce Create commerce.wf");
  expect(create).toMatchObject({ code: 0 });
}, 180_000);

afterAll(() => sandbox?.close());

function vtmigrate(line: string, options: CliOptions = {}): Promise<CliResult> {
  return runCli(line.split(" "), { env: connection(sandbox.target.etcd), ...options });
}

function tablet(cluster: "source" | "target", type: "PRIMARY" | "REPLICA"): SandboxTablet {
  const found = sandbox[cluster].tablets.find((candidate) => candidate.type === type);
  if (found === undefined) throw new Error(`the ${cluster} has no ${type}`);
  return found;
}

function run(on: SandboxTablet, ...statements: string[]): Record<string, string | null>[] {
  const session = on.mysql.session({ database: on.dbName });
  try {
    return statements.map((sql) => records(session.execute(sql))).at(-1) ?? [];
  } finally {
    session.close();
  }
}

const stream = () => run(tablet("target", "PRIMARY"), "select id, state, message, stop_pos from _vt.vreplication");

async function expectPutBack(): Promise<void> {
  expect(stream()).toMatchObject([{ state: "Running", message: "", stop_pos: null }]);
  const topo = await openTopo({ type: "etcd2", server: sandbox.target.etcd, root: "/vitess/global" });
  expect(await topo.global.lockHolders("keyspaces/commerce")).toEqual([]);
  expect(JSON.parse((await topo.workflowRecord("commerce", "wf"))?.contents ?? "{}")).not.toHaveProperty(
    "savedStreams",
  );
  topo.close();
}

describe("rows that are equal", () => {
  it("stay equal while an application writes, on every kind of column", async () => {
    const application: Application = await startApplication({
      port: sandbox.source.vtgatePort,
      database: "commerce",
      seed: 3,
      pauseMs: 1,
    });
    try {
      const result = await vtmigrate("VDiff commerce.wf");
      expect(result).toMatchObject({ code: 0 });
      expect(result.stdout.match(/^\tMismatchedRows: 0\n\tExtraRowsSource: 0\n\tExtraRowsTarget: 0$/gm)).toHaveLength(
        5,
      );
      expect(result.stderr).toMatch(/source zx-0000000002 \(replica\), target zone2-0000000200 \(replica\)/);
    } finally {
      await application.stop();
    }
    await expectPutBack();
  });

  it("are read from the primaries with -tablet_types PRIMARY", async () => {
    const result = await vtmigrate("VDiff -tablet_types PRIMARY -tables kinds,notes commerce.wf");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(/source zx-0000000001 \(primary\), target zone1-0000000100 \(primary\)/);
  });
});

describe("rows that differ", () => {
  beforeEach(() => {
    const statements = [
      "delete from customer where customer_id in (17, 1999)",
      "update corder set price = price + 1 where order_id = 5",
      "insert into product (sku, description, price) values ('SKU-0', 'it''s extra', null)",
      "update kinds set title = upper(concat(title, 'x')) where id = 1",
      "update kinds set amount = amount + 0.0001 where id = 2",
      "update kinds set flags = flags ^ 1 where id = 4",
    ];
    run(tablet("target", "PRIMARY"), ...statements);
    return () => {
      run(
        tablet("target", "PRIMARY"),
        "delete from product where sku = 'SKU-0'",
        "update corder set price = price - 1 where order_id = 5",
        "update kinds set amount = amount - 0.0001 where id = 2",
        "update kinds set flags = flags ^ 1 where id = 4",
      );
    };
  });

  it("are found, each of them and no other: exit code 3", async () => {
    const result = await vtmigrate("VDiff -format json commerce.wf");
    expect(result).toMatchObject({ code: 3 });
    const reports = JSON.parse(result.stdout);
    expect(reports.customer).toMatchObject({ ProcessedRows: reports.customer.MatchingRows + 2, ExtraRowsSource: 2 });
    expect(
      reports.customer.ExtraRowsSourceDiffs.map((row: { Row: { customer_id: number } }) => row.Row.customer_id),
    ).toEqual([17, 1999]);
    expect(reports.corder).toMatchObject({ MismatchedRows: 1, ExtraRowsSource: 0, ExtraRowsTarget: 0 });
    expect(reports.product).toMatchObject({ MismatchedRows: 0, ExtraRowsTarget: 1 });
    expect(reports.product.ExtraRowsTargetDiffs).toEqual([
      { Row: { description: "it's extra", price: null, sku: "SKU-0" }, Query: "" },
    ]);
    expect(reports.kinds).toMatchObject({ MismatchedRows: 3, ExtraRowsSource: 0, ExtraRowsTarget: 0 });
    expect(reports.notes).toMatchObject({ MismatchedRows: 0, ExtraRowsSource: 0, ExtraRowsTarget: 0 });
    await expectPutBack();
  });
});

describe("a source replica that lags", () => {
  beforeEach(() => {
    tablet("source", "REPLICA").setReplicationLag(60_000);
    run(tablet("source", "PRIMARY"), "update product set price = price + 1 where sku = 'SKU-1001'");
    return () => tablet("source", "REPLICA").setReplicationLag(0);
  });

  // The stream itself reads from the primary: it is ahead of the replica, which has to reach it.
  it("is given up after the wait time, and the stream goes on", async () => {
    const result = await vtmigrate("VDiff -full -filtered_replication_wait_time 1s commerce.wf");
    expect(result).toMatchObject({ code: 8, stdout: "" });
    expect(result.stderr).toContain("vdiff timed out: tablet zx-0000000002 has not caught up within 1 s");
    await expectPutBack();
  });

  it.each(["SIGINT", "SIGTERM"] as const)("%s while it is waited for puts the stream back", async (signal) => {
    let interrupt = () => {};
    const running = vtmigrate("VDiff -full commerce.wf", {
      onStderr: (_text, kill) => {
        interrupt = () => kill(signal);
      },
    });
    await expect.poll(() => stream()[0]?.message, { timeout: 10_000 }).toBe("for vdiff");
    interrupt();
    expect(await running).toMatchObject({ code: 130, stdout: "" });
    await expectPutBack();
  });

  it("killed while it is waited for: a clear error, and the stream goes on", async () => {
    const running = vtmigrate("VDiff -full commerce.wf");
    await expect.poll(() => stream()[0]?.message, { timeout: 10_000 }).toBe("for vdiff");
    await tablet("source", "REPLICA").kill();
    const result = await running;
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toMatch(/^VDiff Error: tablet zx-0000000002 at 127\.0\.0\.1:\d+ doesn't answer/m);
    await expectPutBack();
  });
});
