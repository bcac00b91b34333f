/** A terminal that is closed in the middle of a command: nobody reads what it says, and it puts things back all the same. */
import { spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bin, connection } from "../support/cli.js";
import { afterStatement, Lab } from "../support/lab.js";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ rows: 5 });
}, 120_000);
afterAll(() => lab?.close());

// `script` gives the command a terminal, which goes with it.
it.runIf(spawnSync("script", ["--version"]).status === 0)("takes a Create back", async () => {
  const before = await lab.everything();
  const primary = lab.primary("target");
  const command = `'${process.execPath}' '${bin}' Migrate -all -source ext1.commerce Create commerce.wf`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...process.env, ...connection(lab.sandbox.target.etcd) },
  });
  await afterStatement(primary, /^create table `?kinds/i, () => primary.pause());
  expect(lab.targetTables().length).toBeGreaterThan(0);
  terminal.kill("SIGKILL");
  vi.restoreAllMocks();
  primary.resume();
  await expect.poll(async () => lab.targetTables(), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => lab.locks(), { timeout: 20_000 }).toEqual([]);
  const { keys, tablets } = await lab.everything();
  expect(keys).toEqual(before.keys);
  expect(tablets).toEqual(before.tablets);
});
