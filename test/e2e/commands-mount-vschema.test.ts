import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EtcdServer, startEtcd } from "../../src/sandbox/etcd/server.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import { decodeVSchema, encodeVSchema, formatVSchema } from "../../src/vschema/document.js";
import { encode } from "../../src/wire/proto.js";
import { bin, type CliResult, connection, runCli } from "../support/cli.js";
import { recorded } from "../support/recording.js";

const recording = "vtctlclient-v22.0.3.txt";
const root = "/vitess/global";

let target: EtcdServer;
let source: EtcdServer;
let folder: string;
let topo: Topo;

/** What the recordings' clusters hold: keyspaces commerce and customer, and the source's tables. */
async function fill(etcd: EtcdServer, cell: string, tables: string[]): Promise<void> {
  const cluster = await openTopo({ type: "etcd2", server: etcd.endpoint, root });
  const conn = cluster.global;
  await conn.create(
    `cells/${cell}/CellInfo`,
    encode("topodata.CellInfo", { server_address: etcd.endpoint, root: `/vitess/${cell}` }),
  );
  for (const keyspace of ["commerce", "customer"]) {
    await conn.create(`keyspaces/${keyspace}/Keyspace`, encode("topodata.Keyspace", { sidecar_db_name: "_vt" }));
  }
  const vschema = { tables: Object.fromEntries(tables.map((table) => [table, {}])) };
  await cluster.saveVSchema("commerce", encodeVSchema(vschema), undefined);
  cluster.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtmigrate-test-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  [target, source] = await Promise.all([startEtcd(), startEtcd()]);
  await Promise.all([fill(target, "zone1", []), fill(source, "zx", ["product", "customer", "corder", "notes"])]);
  topo = await openTopo({ type: "etcd2", server: target.endpoint, root });
});

afterEach(async () => {
  topo.close();
  await Promise.all([target.close(), source.close()]);
});

function vtmigrate(...words: string[]): Promise<CliResult> {
  return runCli(words, { env: connection(target.endpoint), cwd: folder });
}

function mountSource(...more: string[]): Promise<CliResult> {
  return vtmigrate(
    "Mount",
    "-type",
    "vitess",
    "-topo_type",
    "etcd2",
    "-topo_server",
    source.endpoint,
    "-topo_root",
    root,
    ...more,
    "ext1",
  );
}

async function storedVSchema(): Promise<string> {
  return formatVSchema(decodeVSchema((await topo.vschema("commerce")).contents));
}

describe("Mount", () => {
  it("refuses to forget a cluster that a workflow's record names, unless -force", async () => {
    await mountSource();
    const record = { format: 1, keyspace: "commerce", workflow: "wf", source: { mount: "ext1", keyspace: "commerce" } };
    await topo.saveWorkflowRecord("commerce", "wf", JSON.stringify(record), undefined);
    await topo.saveWorkflowRecord(
      "commerce",
      "other",
      JSON.stringify({ ...record, source: { mount: "ext2" } }),
      undefined,
    );
    await topo.saveWorkflowRecord("customer", "torn", "{", undefined);
    const refused = await vtmigrate("Mount", "-unmount", "ext1");
    expect(refused).toMatchObject({ code: 7, stdout: "" });
    expect(refused.stderr).toBe(
      "Mount Error: ext1 can't be unmounted: commerce.wf reads from it\n" +
        'Hint: Migrate Complete or Migrate Cancel ends a workflow: "vtmigrate Migrate Complete commerce.wf". "vtmigrate Mount -unmount -force ext1" forgets it all the same.\n',
    );
    expect(await topo.mounts()).toEqual(["ext1"]);
    const forced = await vtmigrate("Mount", "-unmount", "-force", "ext1");
    expect(forced).toMatchObject({ code: 0, stdout: "" });
    expect(forced.stderr).toMatch(/^Warning: -force: commerce\.wf reads from it\nWarning: /);
    expect(await topo.mounts()).toEqual([]);
  });

  it("adds, lists, shows and forgets a cluster as recorded", async () => {
    const added = await mountSource();
    expect({ ...added, stderr: "" }).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
    expect(added.stderr).toContain("ext1 answers. Cells: zx. Keyspaces: commerce, customer.");
    expect(await topo.mount("ext1")).toEqual({ type: "etcd2", server: source.endpoint, root });

    expect((await vtmigrate("Mount", "--list")).stdout).toBe(recorded(recording, "Mount --list").stdout);
    const shown = recorded(recording, "Mount --show ext1").stdout.replace("localhost:12379", source.endpoint);
    expect((await vtmigrate("mount", "--show", "ext1")).stdout).toBe(shown);
    expect((await vtmigrate("Mount", "-show", "-json", "ext1")).stdout).toContain('"name": "ext1"');

    const again = await mountSource();
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 7, stdout: "" });
    expect(again.stderr).toMatch(/^Mount Error: there is already a vitess cluster named ext1\nHint: /);

    expect(await vtmigrate("Mount", "-unmount", "ext1")).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await topo.mounts()).toEqual([]);
    const gone = await vtmigrate("Mount", "-unmount", "ext1");
    expect(gone).toMatchObject({ code: 6, stdout: "" });
    expect(gone.stderr).toBe("Mount Error: there is no vitess cluster named ext1\nHint: No cluster is mounted.\n");
    expect((await vtmigrate("Mount", "-list")).stdout).toBe("\n");
  });

  it("stores the record that Vitess stores", async () => {
    await mountSource();
    const { contents } = await topo.global.get("ExternalClusters/vitess/ext1");
    const config = { topo_type: "etcd2", server: source.endpoint, root };
    expect(contents).toEqual(encode("topodata.ExternalVitessCluster", { topo_config: config }));
  });

  it.each([
    [["-type", "mysql", "ext2"], "Mount Error: mysql cluster type not yet supported"],
    [["-type", "postgres", "ext2"], "Mount Error: cluster type can be only one of vitess or mysql"],
    [["-show"], "Mount Error: cluster name needs to be provided"],
    [["a", "b"], "Mount Error: cluster name needs to be provided"],
    [["ext2"], "Mount Error: the cluster's topology is not given: -topo_type, -topo_server, -topo_root missing"],
    [
      ["-topo_type", "zookeeper", "-topo_server", "x", "-topo_root", "/", "ext2"],
      "Mount Error: no such topology implementation zookeeper",
    ],
    [
      ["-topo_type", "etcd2", "-topo_server", "x:1", "-topo_root", "/", "a.b"],
      'Mount Error: invalid cluster name "a.b"',
    ],
    [["-topo_type"], "Mount Error: flag needs an argument: --topo_type"],
    [["-lst"], "Mount Error: unknown flag: --lst"],
  ])("refuses %j", async (words, error) => {
    const { code, stdout, stderr } = await vtmigrate("Mount", ...words);
    expect({ code, stdout, error: stderr.split("\n")[0] }).toEqual({ code: 2, stdout: "", error });
    expect(stderr.split("\n").length).toBeLessThanOrEqual(3);
    expect(await topo.mounts()).toEqual([]);
  });

  it("records zk2 and says that it can't read it", async () => {
    const { code, stderr } = await vtmigrate(
      "Mount",
      "-topo_type",
      "zk2",
      "-topo_server",
      "z:2181",
      "-topo_root",
      "/r",
      "zoo",
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "zoo is recorded, but vtmigrate reads etcd2 only: it can't look into a zk2 topology.\n",
    });
    expect(await topo.mount("zoo")).toEqual({ type: "zk2", server: "z:2181", root: "/r" });
    expect(await vtmigrate("GetVSchema", "zoo.commerce")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("a source topology that doesn't answer", () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  async function listen(onConnection: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      onConnection(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function mountAt(server: string, ...more: string[]): Promise<CliResult & { ms: number }> {
    const start = Date.now();
    const words = ["Mount", "-topo_type", "etcd2", "-topo_server", server, "-topo_root", root, ...more, "ext1"];
    return { ...(await vtmigrate(...words)), ms: Date.now() - start };
  }

  it.each([
    ["refuses", async () => "127.0.0.1:1"],
    ["swallows packets", () => listen(() => {})],
    ["is something else", () => listen((socket) => socket.end("220 mail.example.org ESMTP\r\n"))],
  ])("because it %s: exit 5 within 10 s, unless -force", async (_, open) => {
    const server = await open();
    const { code, stdout, stderr, ms } = await mountAt(server);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(ms).toBeLessThan(11_000);
    expect(stderr.split("\n")).toHaveLength(3);
    expect(stderr).toContain("Hint: Check -topo_server. With -force");
    expect(await topo.mounts()).toEqual([]);

    const forced = await mountAt(server, "-force");
    expect({ code: forced.code, stdout: forced.stdout }).toEqual({ code: 0, stdout: "" });
    expect(forced.stderr).toContain("Warning: ");
    expect(await topo.mounts()).toEqual(["ext1"]);
  });
});

describe("GetVSchema", () => {
  it("prints the keyspace's VSchema, here and through a mount", async () => {
    await mountSource();
    expect(await vtmigrate("GetVSchema", "commerce")).toMatchObject({ code: 0, stdout: "{}\n", stderr: "" });
    const expected = recorded("vtctlclient-v11.0.4.txt", "GetVSchema commerce").stdout;
    expect(await vtmigrate("GetVSchema", "ext1.commerce")).toMatchObject({ code: 0, stdout: expected, stderr: "" });
  });

  it.each([
    [["nope"], 6, `GetVSchema Error: node doesn't exist: ${root}/keyspaces/nope/VSchema`],
    [["ext1.commerce"], 6, "GetVSchema Error: no vitess cluster found with name ext1"],
    [[], 2, "GetVSchema Error: the <keyspace> argument is required for the GetVSchema command"],
    [["a", "b"], 2, "GetVSchema Error: the <keyspace> argument is required for the GetVSchema command"],
  ])("refuses %j", async (words, code, error) => {
    const result = await vtmigrate("GetVSchema", ...words);
    expect({ code: result.code, stdout: result.stdout, error: result.stderr.split("\n")[0] }).toEqual({
      code,
      stdout: "",
      error,
    });
  });

  it("warns of fields that it leaves out", async () => {
    const unknown = Buffer.from([0xfa, 0x06, 0x01, 0x78]);
    await topo.saveVSchema("commerce", Buffer.concat([encodeVSchema({ sharded: true }), unknown]), undefined);
    const { stdout, stderr } = await vtmigrate("GetVSchema", "commerce");
    expect(stdout).toBe('{\n  "sharded": true\n}\n');
    expect(stderr).toBe(
      "Warning: the VSchema of commerce has fields that this version doesn't know and leaves out: 111\n",
    );
    const refused = await vtmigrate("ApplyVSchema", "-sql", "alter vschema add sequence s", "commerce");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("ApplyVSchema", () => {
  const applied = recorded(recording, "ApplyVSchema --vschema_file /tmp/vs.json commerce").stdout;

  it("applies a file that GetVSchema wrote, and rebuilds SrvVSchema", async () => {
    await mountSource();
    const { stdout } = await vtmigrate("GetVSchema", "ext1.commerce");
    await writeFile(join(folder, "commerceVschema.json"), stdout);
    const result = await vtmigrate("ApplyVSchema", "-vschema_file", "commerceVschema.json", "commerce");
    expect(result).toMatchObject({ code: 0, stdout: applied, stderr: "" });
    expect(`${await storedVSchema()}\n`).toBe(stdout);
    expect((await topo.srvVSchema("zone1")).toString("latin1")).toContain("corder");
  });

  it("changes it with statements", async () => {
    const tables = Object.fromEntries(["corder", "customer", "notes", "product"].map((table) => [table, {}]));
    await topo.saveVSchema("commerce", encodeVSchema({ tables }), undefined);
    const command = "ApplyVSchema --sql alter vschema add table zz commerce";
    const result = await vtmigrate("ApplyVSchema", "--sql", "alter vschema add table zz", "commerce");
    expect(result).toMatchObject({ code: 0, stdout: recorded(recording, command).stdout });
    const after = await vtmigrate("GetVSchema", "commerce");
    expect(after.stdout).toBe(recorded(recording, "GetVSchema commerce").stdout);
  });

  it("takes parameters with dots, and comments", async () => {
    const statement = "alter vschema create vindex l using lookup_unique with owner=t, table=commerce.l, from=a, to=b";
    const { code } = await vtmigrate("ApplyVSchema", "--sql", `/* by hand */ ${statement}`, "commerce");
    expect(code).toBe(0);
    const { vindexes } = decodeVSchema((await topo.vschema("commerce")).contents);
    expect(vindexes).toEqual({
      l: { type: "lookup_unique", owner: "t", params: { table: "commerce.l", from: "a", to: "b" } },
    });
  });

  it("prints the names of types that are given as numbers", async () => {
    const vschema = '{"tables":{"t":{"columns":[{"name":"a","type":265}]}}}';
    const { stdout } = await vtmigrate("ApplyVSchema", "--vschema", vschema, "commerce");
    expect(stdout).toContain('"type": "INT64"');
    expect(await storedVSchema()).toContain('"type": "INT64"');
  });

  it("changes nothing in a dry run", async () => {
    const command = 'ApplyVSchema --vschema {"tables":{"t":{"nope":1}}} --dry-run commerce';
    const words = ["--vschema", '{"tables":{"t":{"nope":1}}}', "--dry-run", "commerce"];
    const { code, stdout, stderr } = await vtmigrate("ApplyVSchema", ...words, "-allow_unknown");
    expect({ code, stdout }).toEqual({ code: 0, stdout: recorded(recording, command).stdout });
    expect(stderr).toMatch(
      /^Warning: \(line 1:17\): unknown field "nope" at tables\.t\.nope is dropped\nIn this order:\n/,
    );
    expect(await storedVSchema()).toBe("{}");
  });

  it("leaves SrvVSchema alone with -skip_rebuild", async () => {
    const { code, stderr } = await vtmigrate(
      "ApplyVSchema",
      "-skip_rebuild",
      "-vschema",
      '{"tables":{"t":{}}}',
      "commerce",
    );
    expect(code).toBe(0);
    expect(stderr).toContain("Warning: Skipping rebuild of SrvVSchema, will need to run RebuildVSchemaGraph");
    expect(await storedVSchema()).toContain('"t"');
    await expect(topo.srvVSchema("zone1")).rejects.toThrow("node doesn't exist");
  });

  it("prints one JSON object with -json", async () => {
    const { stdout } = await vtmigrate("ApplyVSchema", "-json", "-vschema", '{"tables":{"t":{}}}', "commerce");
    expect(JSON.parse(stdout)).toEqual({
      keyspace: "commerce",
      vschema: { tables: { t: {} } },
      saved: true,
      rebuilt: true,
    });
  });

  it.each([
    [
      'ApplyVSchema --vschema {"sharded":true,"vindexes":{"h":{"type":"nope"}}} commerce',
      9,
      'vindexType "nope" not found',
    ],
    ["ApplyVSchema --vschema {bad commerce", 2, "proto: syntax error (line 1:2): invalid value bad"],
    ["ApplyVSchema --vschema {} nope", 6, "keyspace(nope) doesn't exist, check if the keyspace is initialized"],
    [
      "ApplyVSchema commerce",
      2,
      "one of the --sql, --sql_file, --vschema, or --vschema_file flags must be specified when calling the ApplyVSchema command",
    ],
  ])("fails as recorded: %s", async (command, code, error) => {
    const result = await vtmigrate(...command.split(" "));
    expect({ code: result.code, stdout: result.stdout }).toEqual({
      code,
      stdout: recorded(recording, command).stdout.replace(/^ApplyVSchema Error.*\n/m, ""),
    });
    expect(result.stderr.split("\n")[0]).toBe(`ApplyVSchema Error: ${error}`);
    // protobuf-go puts a no-break space behind "proto:" now and then.
    expect(recorded(recording, command).stdout.replaceAll("\u00a0", " ")).toContain(`desc = ${error}\n`);
    expect(await storedVSchema()).toBe("{}");
  });

  it.each([
    [[], "the <keyspace> argument is required for the ApplyVSchema command"],
    [["a", "b"], "the <keyspace> argument is required for the ApplyVSchema command"],
    [
      ["-vschema", "{}", "-sql", "x", "commerce"],
      "only one of the --sql, --sql_file, --vschema, or --vschema_file flags may be specified when calling the ApplyVSchema command",
    ],
    [["-vschema_file", "missing.json", "commerce"], "open missing.json: no such file or directory"],
    [["-vschema_file", ".", "commerce"], "read .: is a directory"],
    [
      ["-vschema", '{"tables":{"t":{"nope":1}}}', "commerce"],
      'proto: (line 1:17): unknown field "nope" at tables.t.nope',
    ],
    [["-sql", "drop table t", "commerce"], "error parsing vschema statement `drop table t`: not a ddl statement"],
  ])("refuses %j", async (words, error) => {
    const { code, stdout, stderr } = await vtmigrate("ApplyVSchema", ...words);
    expect({ code, stdout, error: stderr.split("\n")[0] }).toEqual({
      code: 2,
      stdout: "",
      error: `ApplyVSchema Error: ${error}`,
    });
    expect(await storedVSchema()).toBe("{}");
  });

  it("says where in a file the mistake is", async () => {
    await writeFile(join(folder, "bad.json"), '{\n  "tables": {\n    "t": {"colums": []}\n  }\n}\n');
    const { code, stderr } = await vtmigrate("ApplyVSchema", "-vschema_file", "bad.json", "commerce");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'ApplyVSchema Error: bad.json: proto: (line 3:11): unknown field "colums" at tables.t.colums\nHint: Did you mean "columns"? With -allow_unknown such fields are dropped.\n',
    });
  });

  it("refuses an unknown cell before it writes", async () => {
    const { code, stderr } = await vtmigrate(
      "ApplyVSchema",
      "-cells",
      "zone9",
      "-vschema",
      '{"tables":{"t":{}}}',
      "commerce",
    );
    expect(code).toBe(6);
    expect(stderr).toBe("ApplyVSchema Error: there is no cell named zone9\nHint: Cells: zone1.\n");
    expect(await storedVSchema()).toBe("{}");
  });
});

describe("the program", () => {
  it("needs a connection, from flags or from the environment", async () => {
    const env = { VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: "", VTMIGRATE_TOPO_GLOBAL_ROOT: "" };
    const { code, stderr } = await runCli(["Mount", "-list"], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^Mount Error: the target cluster's topology is not given: .*\nHint: .*help connection".\n$/,
    );
    const flags = ["-topo_global_server_address", target.endpoint, `--topo-global-root=${root}`];
    expect(await runCli([...flags, "Mount", "-list"], { env })).toMatchObject({ code: 0, stdout: "\n" });
    expect(await runCli(["Mount", "-list", ...flags], { env })).toMatchObject({ code: 0, stdout: "\n" });
    const other = await runCli(["Mount", "-list", ...flags, "-topo_implementation", "zk2"], { env });
    expect(other).toMatchObject({ code: 2, stdout: "" });
  });

  it("takes vtctlclient's own flags", async () => {
    const { code, stdout, stderr } = await vtmigrate(
      "-server",
      "localhost:15999",
      "-logtostderr",
      "-action_timeout",
      "1m",
      "Mount",
      "-list",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "\n" });
    expect(stderr).toBe("-server is ignored: vtmigrate reads the topology itself and needs no vtctld.\n");
  });

  it("reports unknown commands as recorded", async () => {
    const { code, stdout, stderr } = await vtmigrate("NoSuchCommand", "x");
    expect({ code, stdout, error: stderr.split("\n")[0] }).toEqual({
      code: 2,
      stdout: "",
      error: "NoSuchCommand Error: unknown command",
    });
    expect(recorded(recording, "NoSuchCommand x").stdout).toContain("unknown command");
  });

  it("says that the target's topology doesn't answer", async () => {
    const env = connection("127.0.0.1:1");
    const { code, stdout, stderr } = await runCli(["-json", "Mount", "-list"], { env });
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "unreachable", exit_code: 5 } });
  });

  it("stops with 130 at Ctrl-C, and with 8 when the time is up", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    try {
      const env = connection(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
      const late = await runCli(["-action_timeout", "300ms", "Mount", "-list"], { env });
      expect(late.code).toBe(8);
      const child = spawn(process.execPath, [bin, "Mount", "-list"], { env: { ...process.env, ...env } });
      const exit = new Promise((resolve) => child.once("exit", (...args) => resolve(args)));
      silent.once("connection", () => child.kill("SIGINT"));
      expect(await exit).toEqual([130, null]);
    } finally {
      silent.close();
    }
  });

  it("survives a reader that goes away", async () => {
    const child = spawn("sh", [
      "-c",
      `"$0" "$1" help | head -1; "$0" "$1" help 2>&1 >/dev/null`,
      process.execPath,
      bin,
    ]);
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      text += String(chunk);
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(text).toBe("Usage: vtmigrate [flags] <command> [flags] [arguments]\n");
  });

  it("logs only into the file it is given", async () => {
    const log = join(folder, "log.jsonl");
    const { stderr } = await vtmigrate("-log_file", log, "GetVSchema", "nope");
    expect(stderr).not.toContain("stack");
    const lines = (await readFile(log, "utf8")).trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      msg: "command failed",
      err: { stack: expect.stringContaining("at ") },
    });
  });
});
