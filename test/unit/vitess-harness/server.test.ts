import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePorts, isFree } from "../../vitess/harness/ports.js";
import { MARK, own, PREFIX, processesOf, removeInstallation, removeOrphans } from "../../vitess/harness/remove.js";
import { type ServerSpec, startServer, startServerAgain, stopServer } from "../../vitess/harness/server.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vtmigrate-harness-"));
});
afterEach(() => removeInstallation(folder));

/** A server that listens on a port and says so. */
const LISTEN = `require("net").createServer().listen(process.argv[1], "127.0.0.1", () => console.log("listening"))`;

async function spec(script: string, more: Partial<ServerSpec> = {}): Promise<ServerSpec> {
  const [port = 0] = await freePorts(1);
  return {
    name: "vttablet-zx-100",
    program: process.execPath,
    args: ["-e", script, String(port)],
    env: { [MARK]: folder },
    ports: [port],
    runAs: {},
    ...more,
  };
}

describe("a server of an installation", () => {
  it("is up when its ports answer, goes on alone, and is restarted as it was", async () => {
    const server = await spec(LISTEN);
    await startServer(folder, server);
    const [first] = processesOf(folder);
    await stopServer(folder, server.name);
    await startServerAgain(folder, server.name);
    const [second, ...more] = processesOf(folder);
    expect(second).not.toBe(first);
    expect(more).toEqual([]);
    await stopServer(folder, server.name);
    expect(processesOf(folder)).toEqual([]);
    expect(await isFree(server.ports[0] ?? 0)).toBe(true);
  });

  it("that dies at start is named, with the last lines of its log", async () => {
    const server = await spec("console.error('no such cell'); console.error('bye'); process.exit(3)");
    const failure = await startServer(folder, server).catch((error: Error) => error.message);
    expect(failure).toContain("vttablet-zx-100 didn't start: it ended with exit code 3");
    expect(failure).toContain(join(folder, "logs/vttablet-zx-100.log"));
    expect(failure).toMatch(/ {2}no such cell\n {2}bye$/);
  });

  it("whose program can't be run is named", async () => {
    const server = await spec("", { program: join(folder, "vttablet") });
    await expect(startServer(folder, server)).rejects.toThrow(/vttablet-zx-100 didn't start: .*ENOENT/);
  });

  it("that finds its port taken is named with the port, and isn't started", async () => {
    const server = await spec(LISTEN);
    const [port = 0] = server.ports;
    const other = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(port, "127.0.0.1", () => resolve(listening));
    });
    await expect(startServer(folder, server)).rejects.toThrow(
      `vttablet-zx-100 can't start: port ${port} of 127.0.0.1 is taken`,
    );
    expect(processesOf(folder)).toEqual([]);
    other.close();
  });
});

it("removes what runs, what that has started, and the folder, and leaves others alone", async () => {
  const child = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]); ${LISTEN}`;
  await startServer(folder, await spec(child));
  const elsewhere = mkdtempSync(join(tmpdir(), "vtmigrate-harness-"));
  try {
    await startServer(elsewhere, await spec(LISTEN, { env: { [MARK]: elsewhere } }));
    expect(processesOf(folder)).toHaveLength(2);
    removeInstallation(folder);
    expect(processesOf(folder)).toEqual([]);
    expect(() => rmSync(folder, { recursive: true })).toThrow(/ENOENT/);
    expect(processesOf(elsewhere)).toHaveLength(1);
  } finally {
    removeInstallation(elsewhere);
  }
});

it("removes what a killed run has left behind, and nothing of one that goes on", async () => {
  const [killed, goesOn] = [mkdtempSync(join(folder, PREFIX)), mkdtempSync(join(folder, PREFIX))];
  for (const installation of [killed, goesOn]) {
    own(installation);
    await startServer(installation, await spec(LISTEN, { env: { [MARK]: installation } }));
  }
  const { pid = 0 } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(join(killed, "owner.pid"), String(pid));
  expect(removeOrphans(folder)).toEqual([killed]);
  expect(processesOf(killed)).toEqual([]);
  expect(existsSync(killed)).toBe(false);
  expect(processesOf(goesOn)).toHaveLength(1);
  removeInstallation(goesOn);
});

it("gives ports that are free and all different, side by side", async () => {
  const ports = (await Promise.all([freePorts(5), freePorts(5)])).flat();
  expect(new Set(ports).size).toBe(10);
});
