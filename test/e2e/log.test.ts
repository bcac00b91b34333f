/** -log_file and -v: what of a command is in the log, and what never is. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, runCli } from "../support/cli.js";
import { Lab, sql } from "../support/lab.js";

interface Line {
  level: number;
  msg: string;
  [key: string]: unknown;
}

let folder: string;
let lab: Lab;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtmigrate-log-"));
  lab = await Lab.start({ rows: 5, sourceProfile: "v18", targetProfile: "v18" });
}, 120_000);
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => lab.clear());

let count = 0;
/** The command's result, and the lines of a log of its own. */
async function logged(line: string, verbosity: string[] = []): Promise<CliResult & { log: Line[] }> {
  const file = join(folder, `${count++}.jsonl`);
  const result = await lab.type(["-log_file", file, ...verbosity, ...line.split(" ")]);
  return { ...result, log: await read(file) };
}

async function read(file: string): Promise<Line[]> {
  const text = await readFile(file, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each));
}

const create = "Migrate -tables notes -source ext1.commerce Create commerce.wf";
const named = (log: Line[], msg: string) => log.filter((line) => line.msg === msg);

describe("a log", () => {
  it("has the command, its locks, its steps as a dry run lists them, what was told, and the end", async () => {
    const dry = await lab.type(create.replace("Migrate", "Migrate -dry_run"));
    const { log, stderr } = await logged(create);
    expect(named(log, "command")).toMatchObject([{ words: expect.arrayContaining(["Create", "commerce.wf"]) }]);
    expect(named(log, "lock acquired").map(({ dir }) => dir)).toEqual([
      "internal/named_locks/commerce/wf",
      "keyspaces/commerce",
    ]);
    const steps = named(log, "step").map(({ step }) => String(step));
    expect(steps.length).toBeGreaterThan(3);
    for (const step of steps) expect(dry.stdout + dry.stderr).toContain(step);
    expect(named(log, "step done").map(({ step }) => step)).toEqual(steps);
    for (const { told } of named(log, "note")) expect(stderr).toContain(told);
    expect(named(log, "note").length).toBeGreaterThan(0);
    expect(log.at(-1)).toMatchObject({ msg: "command ended", exitCode: 0 });
    expect(named(log, "call ended")).toEqual([]);
  });

  it("has a step that failed without its end, what was undone, and the error with its exit code", async () => {
    // Tablets of v18 insert a stream, and say that they didn't when they can't note it.
    const primary = lab.primary("target");
    sql(primary, "delete from _vt.vreplication_log");
    sql(primary, "alter table _vt.vreplication_log modify message varchar(10) not null");
    const { log } = await logged(create);
    sql(primary, "alter table _vt.vreplication_log modify message text not null");
    const stream = "stream from ext1.commerce/0 to 0/zone1-0000000100";
    expect(named(log, "step").at(-1)).toMatchObject({ step: `Insert a stopped ${stream}` });
    expect(named(log, "step done").map(({ step }) => step)).not.toContain(`Insert a stopped ${stream}`);
    expect(named(log, "note").map(({ told }) => told)).toContain(`undone: the ${stream}`);
    expect(log.at(-1)).toMatchObject({
      msg: "command failed",
      exitCode: 1,
      err: { message: expect.stringContaining("could not insert into log table"), stack: expect.any(String) },
    });
  });

  it("has every call to tablets and topologies with -v 1, and with -v 2 what was sent", async () => {
    await lab.type(create);
    const show = "Workflow commerce.wf Show";
    const calls = named((await logged(show, ["-v", "1"])).log, "call ended");
    expect(calls).toContainEqual(
      expect.objectContaining({
        level: 20,
        call: "vreplicationExec",
        tablet: "zone1-0000000100",
        ms: expect.any(Number),
      }),
    );
    expect(calls).toContainEqual(
      expect.objectContaining({ call: "list", path: "keyspaces/commerce/shards", topology: lab.topo.description }),
    );
    const { log } = await logged(show, ["-v", "2"]);
    expect(named(log, "call")).toContainEqual(
      expect.objectContaining({
        level: 10,
        argument: expect.stringMatching(/^select \* from _vt\.vreplication where/),
      }),
    );
  });

  it("counts a stream's messages, and has a call's error", async () => {
    await lab.type(`${create} -wait`);
    const { log } = await logged("VDiff -full commerce.wf", ["-v", "1"]);
    const streams = named(log, "call ended").filter(({ call }) => call === "vstreamResults");
    expect(streams.length).toBeGreaterThan(0);
    for (const { messages } of streams) expect(messages).toBeGreaterThan(0);
    const failed = named((await logged("Mount -show nope", ["-v", "1"])).log, "call ended");
    expect(failed.length).toBeGreaterThan(0);
  });

  it("is for its owner alone", async () => {
    const file = join(folder, "mode.jsonl");
    await lab.type(["-log_file", file, "Mount", "-list"]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("has no password that was typed, nor do messages", async () => {
    const file = join(folder, "secrets.jsonl");
    const server = "http://root:hunter2@127.0.0.1:1";
    const mount = [
      "Mount",
      "-type",
      "vitess",
      "-topo_type",
      "etcd2",
      "-topo_server",
      server,
      "-topo_root",
      "/r",
      "ext2",
    ];
    const result = await lab.type(["-v", "2", "-log_file", file, ...mount]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('"***@127.0.0.1:1" is not the address of a topology server');
    const text = await readFile(file, "utf8");
    expect(text).toContain("***@127.0.0.1:1");
    expect(text + result.stdout + result.stderr).not.toContain("hunter2");
    expect(await lab.topo.mounts()).toEqual(["ext1"]);
  });

  it("that can't be written is a sentence", async () => {
    const result = await runCli(["-log_file", folder, "Mount", "-list"]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toMatch(/^Mount Error: -log_file: EISDIR/);
  });
});
