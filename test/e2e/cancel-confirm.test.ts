/** Cancel at a terminal asks before it drops tables; elsewhere it doesn't. `script` gives the command a terminal. */
import { spawn, spawnSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bin, connection } from "../support/cli.js";
import { Lab } from "../support/lab.js";

const hasScript = spawnSync("script", ["--version"]).status === 0;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ rows: 5 });
}, 120_000);
afterAll(() => lab?.close());
afterEach(() => lab.clear());

/** Types a command at a terminal, and `keys` when it asks. */
function atTerminal(line: string, keys: string): Promise<{ code: number | null; text: string }> {
  const command = `'${process.execPath}' '${bin}' ${line}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...process.env, ...connection(lab.sandbox.target.etcd) },
    timeout: 60_000,
  });
  let text = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (asked || !text.includes("[y/N]")) return;
    asked = true;
    child.stdin.write(keys);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text: text.replaceAll("\r", "") }));
  });
}

async function create(): Promise<void> {
  const { code, stderr } = await lab.type(
    "Migrate -tables notes,corder -wait -source ext1.commerce Create commerce.wf",
  );
  expect(code, stderr).toBe(0);
}

const question = "Drop corder, notes on 0/zone1-0000000100? [y/N] ";

describe.runIf(hasScript)("Cancel at a terminal", () => {
  it("drops after a yes", async () => {
    await create();
    const { code, text } = await atTerminal("Migrate Cancel commerce.wf", "y\n");
    expect(text).toContain(question);
    expect(text).toContain("Dropped corder on 0/zone1-0000000100: 5 rows");
    expect(code).toBe(0);
    expect(lab.targetTables()).toEqual([]);
  });

  it("changes nothing after a no, and says how to go on", async () => {
    await create();
    const before = await lab.everything();
    const { code, text } = await atTerminal("Migrate Cancel commerce.wf", "n\n");
    expect(text).toContain("Migrate Error: not confirmed: nothing was changed\nHint: -yes drops without the question");
    expect(code).toBe(1);
    expect((await lab.everything()).keys).toEqual(before.keys);
    expect(lab.streams()).toMatchObject([{ state: "Running" }]);
    expect(lab.targetTables()).toEqual(["corder", "notes"]);
  });

  it("asks although stderr goes elsewhere", async () => {
    await create();
    const { code, text } = await atTerminal("Migrate Cancel commerce.wf 2>/dev/null", "n\n");
    expect(text).toContain(question);
    expect(code).toBe(1);
    expect(lab.targetTables()).toEqual(["corder", "notes"]);
  });

  it("is interrupted by Ctrl-C at the question, without a lock left", async () => {
    await create();
    const { code, text } = await atTerminal("Migrate Cancel commerce.wf", "\u0003");
    expect(text).toContain("Migrate Error: interrupted by SIGINT");
    expect(code).toBe(130);
    expect(await lab.locks()).toEqual([]);
    expect(lab.targetTables()).toEqual(["corder", "notes"]);
  });

  it("asks nothing with -yes, with -keep_data, and in a dry run", async () => {
    await create();
    expect((await atTerminal("Migrate -dry_run Cancel commerce.wf", "")).text).not.toContain("[y/N]");
    expect(lab.targetTables()).toEqual(["corder", "notes"]);
    const { code, text } = await atTerminal("Migrate -yes Cancel commerce.wf", "");
    expect(text).not.toContain("[y/N]");
    expect(code).toBe(0);
    expect(lab.targetTables()).toEqual([]);
    await create();
    expect((await atTerminal("Migrate -keep_data Cancel commerce.wf", "")).text).not.toContain("[y/N]");
    expect(lab.targetTables()).toEqual(["corder", "notes"]);
  });
});

it("Cancel without a terminal asks nothing", async () => {
  await create();
  const { code, stderr } = await lab.type("Migrate Cancel commerce.wf");
  expect(stderr).not.toContain("[y/N]");
  expect(code).toBe(0);
  expect(lab.targetTables()).toEqual([]);
});
