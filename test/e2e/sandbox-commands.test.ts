import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { afterEach, describe, expect, it } from "vitest";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { bin, runCli } from "../support/cli.js";

const running: ChildProcess[] = [];
const listeners: Server[] = [];

const folders: string[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  for (const server of listeners.splice(0)) server.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** The process, its first line, and every line so far. */
async function up(...flags: string[]): Promise<{ child: ChildProcess; first: string; lines: string[] }> {
  const child = spawn(process.execPath, [bin, "sandbox", "up", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const [first] = (await Promise.race([once(reader, "line"), once(child, "exit")])) as [string];
  return { child, first, lines };
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  const exit = once(child, "exit");
  child.kill("SIGINT");
  const [code] = (await exit) as [number | null];
  return code;
}

/** A folder that a process takes for the system's temporary one. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-test-"));
  folders.push(folder);
  return folder;
}

describe("sandbox up", () => {
  it("prints every address as JSON, serves until Ctrl-C, and leaves nothing", { timeout: 60_000 }, async () => {
    const { child, first } = await up("-json", "-free_ports", "-rows", "5", "-writes", "-vitess_version", "v14");
    const { source, target, environment } = JSON.parse(first);
    expect(environment.VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS.split(":")[1]).toBe(target.etcd.split(":")[1]);
    expect(source.tablets.map((tablet: { alias: string }) => tablet.alias)).toEqual(["zx-0000000001", "zx-0000000002"]);
    const port = Number(source.vtgate.split(":")[1]);
    const connection = await createConnection({ host: "127.0.0.1", port, user: "me", database: "commerce" });
    const [rows] = await connection.query<RowDataPacket[]>("select count(*) as n from product");
    expect(rows[0]?.n).toBe(5);
    connection.destroy();
    expect(await interrupt(child)).toBe(0);
    const free = createServer();
    listeners.push(free);
    await new Promise<void>((resolve, reject) => {
      free.once("error", reject);
      free.listen(port, "127.0.0.1", resolve);
    });
  });

  it("prints the environment and the lines to paste", { timeout: 60_000 }, async () => {
    const { child, lines } = await up("-free_ports", "-rows", "1");
    await expect.poll(() => lines.some((line) => line.includes("mysql -h"))).toBe(true);
    expect(lines.filter((line) => line.startsWith("export VTMIGRATE_TOPO_"))).toHaveLength(3);
    expect(lines).toContain("vtmigrate Migrate -all -source ext1.commerce Create commerce.wf");
    expect(lines.find((line) => line.startsWith("vtmigrate Mount -type"))).toMatch(
      /^vtmigrate Mount -type vitess -topo_type etcd2 -topo_server localhost:\d+ -topo_root \/vitess\/global ext1$/,
    );
    expect(await interrupt(child)).toBe(0);
  });

  it("has the shape that was asked for, and prints that shape's lines", { timeout: 60_000 }, async () => {
    const shape = ["-source_shards", "-80,80-", "-target_shards", "80-,-80", "-target_keyspace", "shop"];
    const versions = ["-source_version", "v11", "-target_version", "v16"];
    const { child, lines } = await up("-free_ports", "-rows", "4", "-writes", ...shape, ...versions);
    await expect.poll(() => lines.some((line) => line.includes("mysql -h")), { timeout: 20_000 }).toBe(true);
    expect(lines.filter((line) => line.startsWith("vtmigrate ")).slice(1, 4)).toEqual([
      "vtmigrate GetVSchema ext1.commerce > commerceVschema.json",
      "vtmigrate ApplyVSchema -vschema_file commerceVschema.json shop",
      "vtmigrate Migrate -all -source ext1.commerce Create shop.wf",
    ]);
    const line = lines.find((text) => text.startsWith("#   target  mysql")) ?? "";
    const port = Number(/-P (\d+) -u app shop$/.exec(line)?.[1]);
    const connection = await createConnection({ host: "127.0.0.1", port, user: "me", database: "shop" });
    const [shards] = await connection.query("show vitess_shards");
    expect(shards).toEqual([{ Shards: "shop/-80" }, { Shards: "shop/80-" }]);
    connection.destroy();
    expect(await interrupt(child)).toBe(0);
  });

  it("says which port is taken, and stops", async () => {
    const taken = createServer();
    listeners.push(taken);
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const flags = ["-source_etcd_port", "0", "-target_etcd_port", String(port), "-source_vtgate_port", "0"];
    const result = await runCli(["sandbox", ...flags, "-target_vtgate_port", "0", "up"], { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 7, stdout: "" });
    expect(result.stderr).toContain(`port ${port} on 127.0.0.1 is taken; the target cluster's etcd wants it`);
    expect(result.stderr).not.toContain("    at ");
  });

  it.each([
    [["sandbox"], "one action is needed: up or demo"],
    [["sandbox", "down"], "invalid action for sandbox: down"],
    [["sandbox", "-rows", "-1", "up"], "-1 is out of range for -rows"],
    [["sandbox", "-source_etcd_port", "70000", "up"], "70000 is out of range for -source_etcd_port"],
    [["sandbox", "-vitess_version", "v12", "up"], "no Vitess version v12 in the sandbox"],
    [["sandbox", "-target_version", "v23", "demo"], "no Vitess version v23 in the sandbox"],
    [["sandbox", "-source_shards", "-80,90-", "up"], "-source_shards: no shard covers 80-90"],
    [["sandbox", "-target_shards", "-80,60-", "demo"], "-target_shards: shards -80 and 60- overlap"],
    [["sandbox", "-target_shards=-8x,8x-", "up"], `-target_shards: "-8x" is not a key range`],
    [["sandbox", "-source_keyspace", "a.b", "up"], `-source_keyspace: "a.b" can't be a keyspace's name`],
  ])("refuses %j", async (words, sentence) => {
    const result = await runCli(words, { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain(sentence);
  });
});

describe("sandbox demo", () => {
  it("tells the whole story, and leaves no file", { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const result = await runCli(["sandbox", "demo", "-rows", "30"], {
      timeoutMs: 90_000,
      // The user's own clusters have no say.
      env: { TMPDIR: folder, VTMIGRATE_CONTEXT: "prod", VTMIGRATE_TOPO_ETCD_TLS_CA: "/nowhere" },
    });
    expect(result.stdout + result.stderr).toContain("every row is there");
    expect(result.code).toBe(0);
    const typed = result.stdout.split("\n").filter((line) => line.startsWith("$ "));
    expect(typed.map((line) => line.replace(/localhost:\d+/, "localhost:PORT"))).toEqual([
      "$ vtmigrate Mount -type vitess -topo_type etcd2 -topo_server localhost:PORT -topo_root /vitess/global ext1",
      "$ vtmigrate Migrate -all -source ext1.commerce Create commerce.wf",
      "$ vtmigrate Workflow commerce.wf Show",
      "$ vtmigrate VDiff commerce.wf",
      "$ vtmigrate VDiff commerce.wf",
      "$ vtmigrate Migrate Complete commerce.wf",
      "$ vtmigrate GetVSchema ext1.commerce > commerceVschema.json",
      "$ vtmigrate ApplyVSchema -vschema_file commerceVschema.json commerce",
      "$ vtmigrate Mount -unmount ext1",
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    {
      shape: "-source_shards -80,80- -target_shards -40,40- -target_keyspace shop -target_version v18",
      before: [
        "GetVSchema ext1.commerce > commerceVschema.json",
        "ApplyVSchema -vschema_file commerceVschema.json shop",
      ],
      target: "shop",
    },
    {
      shape: "-target_shards -80,80- -source_keyspace old -source_version v11",
      before: [`ApplyVSchema -vschema '${JSON.stringify(shardedCommerce)}' commerce`],
      source: "old",
    },
    { shape: "-source_shards -80,80- -target_keyspace one", before: [], target: "one" },
  ])(
    "moves rows with $shape",
    { timeout: 180_000 },
    async ({ shape, before, source = "commerce", target = "commerce" }) => {
      const result = await runCli(["sandbox", ...shape.split(" "), "-rows", "20", "demo"], { timeoutMs: 150_000 });
      expect(result.stdout + result.stderr).toContain("every row is there");
      expect(result.code).toBe(0);
      const typed = result.stdout.split("\n").filter((line) => line.startsWith("$ vtmigrate "));
      expect(typed.slice(1).map((line) => line.slice("$ vtmigrate ".length))).toEqual([
        ...before,
        `Migrate -all -source ext1.${source} Create ${target}.wf`,
        `Workflow ${target}.wf Show`,
        `VDiff ${target}.wf`,
        `VDiff ${target}.wf`,
        `Migrate Complete ${target}.wf`,
        "Mount -unmount ext1",
      ]);
    },
  );

  it("names the command that failed, and cleans up", { timeout: 60_000 }, async () => {
    const { child, folder, output } = await demo();
    await expect.poll(() => output.stdout, { timeout: 30_000 }).toContain("Create commerce.wf");
    // One of a user's commands dies.
    await expect.poll(() => childrenOf(child), { timeout: 10_000, interval: 10 }).toHaveLength(1);
    for (const pid of await childrenOf(child)) process.kill(pid, "SIGKILL");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(output.stderr).toMatch(/vtmigrate \S.* ended with exit code 1/);
    expect(output.stderr).not.toContain("    at ");
    expect(await readdir(folder)).toEqual([]);
  });

  it("cleans up when it is interrupted", { timeout: 60_000 }, async () => {
    const { child, folder, output } = await demo();
    await expect.poll(() => output.stdout, { timeout: 30_000 }).toContain("Create commerce.wf");
    await expect.poll(() => childrenOf(child), { timeout: 10_000, interval: 10 }).toHaveLength(1);
    const commands = await childrenOf(child);
    expect(await interrupt(child)).toBe(130);
    for (const pid of commands) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(await readdir(folder)).toEqual([]);
  });
});

/** A demo that has begun, its output so far, and the folder it takes for the system's temporary one. */
async function demo(): Promise<{ child: ChildProcess; folder: string; output: { stdout: string; stderr: string } }> {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [bin, "sandbox", "demo"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: folder },
  });
  running.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return { child, folder, output };
}

/** The processes that a process has started, by Linux's /proc. */
async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}
