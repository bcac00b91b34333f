/**
 * The lifecycle as documented, each line a process of its own, with a look at the clusters in between.
 * It runs over the repository's own binary and over an installed package.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Application, startApplication } from "../../src/sandbox/application.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/cluster.js";
import { openTopo } from "../../src/topo/topo.js";
import { decode } from "../../src/wire/proto.js";
import { records } from "../../src/wire/result.js";
import { type CliResult, connection, runCli } from "../support/cli.js";
import { normalise, recorded } from "../support/recording.js";

const recording = "vtctlclient-v22.0.3.txt";
const tables = ["corder", "customer", "kinds", "notes", "product"];

export function describeLifecycle(program: () => Promise<string>): void {
  let sandbox: Sandbox;
  let application: Application;
  let folder: string;
  let vtmigrate: (line: string) => Promise<CliResult>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vtmigrate-lifecycle-"));
    sandbox = await startSandbox({ rows: 300 });
    application = await startApplication({
      port: sandbox.source.vtgatePort,
      database: "commerce",
      seed: 7,
      pauseMs: 2,
    });
    const binary = await program();
    vtmigrate = (line) =>
      runCli(line.split(" "), { cwd: folder, env: connection(sandbox.target.etcd), program: binary });
  }, 180_000);

  afterAll(async () => {
    await application?.stop();
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("Mount remembers the source cluster and prints nothing", async () => {
    const mount = await vtmigrate(
      `Mount -type vitess -topo_type etcd2 -topo_server ${sandbox.source.etcd} -topo_root /vitess/global ext1`,
    );
    expect(mount).toMatchObject({ code: 0, stdout: "" });
    expect(mount.stderr).toContain("commerce");
    expect((await vtmigrate("Mount -list")).stdout).toBe("ext1\n");
    const topo = await target();
    expect(await topo.mount("ext1")).toEqual({ type: "etcd2", server: sandbox.source.etcd, root: "/vitess/global" });
    topo.close();
  });

  it("Create starts a stream in a cluster whose cells have other names", async () => {
    const create = await vtmigrate("Migrate -all -source ext1.commerce Create commerce.wf");
    expect(create).toMatchObject({ code: 0 });
    const known = recorded(recording, "Migrate --all --cells zx --source ext1.commerce Create commerce.wf");
    expect(startedText(create.stdout)).toBe(startedText(known.stdout));
    expect(await streams()).toMatchObject([
      { workflow: "wf", db_name: "vt_commerce", cell: "zx", workflow_type: "3", options: "{}" },
    ]);
    const topo = await target();
    const record = JSON.parse((await topo.workflowRecord("commerce", "wf"))?.contents ?? "{}");
    expect(record).toMatchObject({ step: "created", createdTables: { "0": tables }, source: { mount: "ext1" } });
    topo.close();
  });

  it("Show prints the recorded document", async () => {
    await copied();
    const show = await vtmigrate("Workflow commerce.wf Show");
    expect(show).toMatchObject({ code: 0, stderr: "" });
    const known = JSON.parse(recorded(recording, "Workflow commerce.wf Show").stdout);
    const document = JSON.parse(show.stdout);
    expect(keys(document, primary().alias)).toEqual(keys(known, "zone1-0000000001"));
    const [stream] = document.ShardStatuses[`0/${primary().alias}`].PrimaryReplicationStatuses;
    expect(stream).toMatchObject({
      State: "Running",
      WorkflowType: "Migrate",
      CopyState: null,
      Tablet: primary().alias,
    });
    expect(stream.Bls.filter.rules).toEqual(tables.map((match) => ({ match, filter: `select * from ${match}` })));
    expect((await vtmigrate("Workflow commerce listall")).stdout).toBe(
      recorded(recording, "Workflow commerce listall").stdout,
    );
  });

  it("VDiff finds both sides equal while the application writes, and puts the stream back", async () => {
    const vdiff = await vtmigrate("VDiff commerce.wf");
    expect(vdiff).toMatchObject({ code: 0 });
    expect(application.failure).toBeUndefined();
    expect(vdiff.stdout.match(/^Summary for table (.*):$/gm)).toEqual(
      tables.map((name) => `Summary for table ${name}:`),
    );
    for (const line of vdiff.stdout.match(/^\t(Mismatched|Extra).*$/gm) ?? []) expect(line).toMatch(/: 0$/);
    expect(await streams()).toMatchObject([{ state: "Running", message: "", stop_pos: null }]);
  });

  it("the second VDiff, after the application stopped, counts every row", async () => {
    const { inserts, updates, deletes } = await application.stop();
    expect(Math.min(inserts, updates, deletes)).toBeGreaterThan(0);
    const vdiff = await vtmigrate("VDiff commerce.wf");
    expect(vdiff.code).toBe(0);
    const counts = await rowCounts();
    for (const table of tables) {
      expect(normalise(vdiff.stdout)).toContain(
        `Summary for table ${table}:\n\tProcessedRows: ${counts[table]}\n\tMatchingRows: ${counts[table]}\n`,
      );
    }
    expect(normalise(vdiff.stdout)).toMatch(/\n\nVDiff took <n> seconds\n$/);
  });

  it("GetVSchema reads through the mount", async () => {
    const get = await vtmigrate("GetVSchema ext1.commerce");
    expect(get).toMatchObject({ code: 0, stderr: "" });
    expect(Object.keys(JSON.parse(get.stdout).tables)).toEqual(tables);
    await writeFile(join(folder, "commerceVschema.json"), get.stdout);
  });

  it("the tables are not announced before Complete", async () => {
    const topo = await target();
    const vschema = decode("vschema.Keyspace", (await topo.vschema("commerce")).contents);
    expect(Object.keys(vschema.tables)).toEqual([]);
    topo.close();
  });

  it("Complete announces the tables in every cell and ends the streams", async () => {
    const complete = await vtmigrate("Migrate Complete commerce.wf");
    expect(complete).toMatchObject({ code: 0, stdout: recorded(recording, "Migrate Complete commerce.wf", 1).stdout });
    expect(await streams()).toEqual([]);
    const topo = await target();
    expect(await topo.cells()).toEqual(["zone1", "zone2"]);
    for (const cell of await topo.cells()) {
      const served = decode("vschema.SrvVSchema", await topo.srvVSchema(cell));
      expect(Object.keys(served.keyspaces.commerce?.tables ?? {}).sort()).toEqual(tables);
    }
    expect(await topo.workflowRecord("commerce", "wf")).toBeUndefined();
    expect(await topo.global.listDir("keyspaces/commerce/locks")).toEqual([]);
    topo.close();
  });

  it("a second Complete says that the workflow does not exist", async () => {
    const again = await vtmigrate("Migrate Complete commerce.wf");
    expect(again).toMatchObject({ code: 6, stdout: "" });
    expect(again.stderr).toContain("Migrate Error: workflow commerce.wf does not exist");
  });

  it("ApplyVSchema replaces the VSchema with the source's", async () => {
    const apply = await vtmigrate("ApplyVSchema -vschema_file commerceVschema.json commerce");
    expect(apply.code).toBe(0);
    const json = await readFile(join(folder, "commerceVschema.json"), "utf8");
    expect(apply.stdout).toBe(
      `New VSchema object:\n${json.trimEnd()}\nIf this is not what you expected, check the input data (as JSON parsing will skip unexpected fields).\n`,
    );
  });

  it("Mount -unmount forgets the cluster", async () => {
    expect(await vtmigrate("Mount -unmount ext1")).toMatchObject({ code: 0, stdout: "" });
    expect((await vtmigrate("Mount -list")).stdout).toBe("\n");
  });

  it("every row is on the target", async () => {
    for (const table of tables) {
      const [source, copy] = await Promise.all([
        rows(sandbox.source.vtgatePort, table),
        rows(sandbox.target.vtgatePort, table),
      ]);
      expect(source.length).toBeGreaterThan(0);
      expect(copy).toEqual(source);
    }
  });

  function target() {
    return openTopo({ type: "etcd2", server: sandbox.target.etcd, root: "/vitess/global" });
  }

  function primary() {
    const found = sandbox.target.tablets.find((tablet) => tablet.type === "PRIMARY");
    if (found === undefined) throw new Error("the sandbox's target has no primary");
    return found;
  }

  /** The rows of `_vt.vreplication` on the target's primary. */
  async function streams() {
    const session = primary().mysql.session();
    const result = records(session.execute("select * from _vt.vreplication where workflow = 'wf'"));
    session.close();
    return result;
  }

  async function copied(): Promise<void> {
    await expect
      .poll(async () => JSON.parse((await vtmigrate("Workflow commerce.wf Show")).stdout), {
        timeout: 30_000,
        interval: 200,
      })
      .toMatchObject({
        ShardStatuses: {
          [`0/${primary().alias}`]: { PrimaryReplicationStatuses: [{ State: "Running", CopyState: null }] },
        },
      });
  }

  async function rowCounts(): Promise<Record<string, number>> {
    const counts = await Promise.all(tables.map((table) => rows(sandbox.source.vtgatePort, table)));
    return Object.fromEntries(tables.map((table, i) => [table, counts[i]?.length ?? 0]));
  }
}

async function rows(vtgatePort: number, table: string): Promise<string[]> {
  const client = await createConnection({ host: "127.0.0.1", port: vtgatePort, user: "reader", database: "commerce" });
  try {
    const typeCast = (field: { buffer(): Buffer | null }) => field.buffer()?.toString("hex") ?? null;
    const [found] = await client.query<RowDataPacket[]>({ sql: `select * from ${table}`, typeCast });
    return found.map((row) => JSON.stringify(row)).sort();
  } finally {
    await client.end();
  }
}

/** What Create prints, whether the copy was still going on or over at the moment of printing. */
function startedText(stdout: string): string {
  return normalise(stdout)
    .replace(/Status: (Copying|Running)/g, "Status: <state>")
    .replace(/ Tx time: [^.]*\./g, "")
    .replace(/zone1-\d{10}/g, "<alias>");
}

/** The layout of a document: names of members in order, and what kind of value each has. */
function keys(value: unknown, alias: string): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => keys(item, alias));
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.entries(value).map(([name, member]) => [name.replace(alias, "<alias>"), keys(member, alias)]);
}
