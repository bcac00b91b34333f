/**
 * One long-running server of an installation. What is known of it lies in the installation's folder, so that any
 * process can end and restart what another has started: the tests do, and the one that started everything cleans up.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isFree } from "./ports.js";
import type { RunAs } from "./run-as.js";

const START_MS = 60_000;
const STOP_MS = 30_000;

export interface ServerSpec {
  /** "vttablet-zone1-200": names its files, and is what a failure is told by. */
  name: string;
  program: string;
  args: string[];
  env: Record<string, string>;
  /** All that it listens on, on 127.0.0.1; it is up when all of them answer. */
  ports: number[];
  runAs: RunAs;
}

interface Running {
  spec: ServerSpec;
  pid: number;
}

/**
 * Starts it and waits until its ports answer. Throws with the server's name and the last lines of its log when a port
 * is taken, when it ends, or when it isn't up within a minute.
 */
export async function startServer(folder: string, spec: ServerSpec): Promise<void> {
  for (const port of spec.ports) {
    if (!(await isFree(port))) throw new Error(`${spec.name} can't start: port ${port} of 127.0.0.1 is taken`);
  }
  const log = openSync(logFile(folder, spec.name), "a");
  const child = spawn(spec.program, spec.args, {
    cwd: folder,
    env: spec.env,
    stdio: ["ignore", log, log],
    detached: true,
    ...spec.runAs,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  if (child.pid !== undefined) remember(folder, { spec, pid: child.pid });
  await waitUntilUp(spec, () => ended).catch((error: Error) => {
    throw new Error(`${spec.name} didn't start: ${error.message}\n${lastLines(folder, spec.name)}`);
  });
}

/** Ends it with a signal and waits until it is gone; after 30 s it is killed. One that has gone already is no error. */
export async function stopServer(folder: string, name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  const { pid } = recall(folder, name);
  send(pid, signal);
  const deadline = Date.now() + STOP_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) send(pid, "SIGKILL");
    await sleep(50);
  }
}

/** Starts a server that was stopped or has died, as it was started the first time. */
export function startServerAgain(folder: string, name: string): Promise<void> {
  return startServer(folder, recall(folder, name).spec);
}

/** The end of a server's log, indented, with its place. */
export function lastLines(folder: string, name: string, count = 15): string {
  const path = logFile(folder, name);
  const text = existsSync(path) ? readFileSync(path, "utf8").trimEnd() : "";
  const lines = text === "" ? ["(nothing)"] : text.split("\n").slice(-count);
  return [`last lines of its log, ${path}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

export function logFile(folder: string, name: string): string {
  mkdirSync(join(folder, "logs"), { recursive: true });
  return join(folder, "logs", `${name}.log`);
}

function remember(folder: string, running: Running): void {
  mkdirSync(join(folder, "servers"), { recursive: true });
  writeFileSync(join(folder, "servers", `${running.spec.name}.json`), JSON.stringify(running));
}

function recall(folder: string, name: string): Running {
  return JSON.parse(readFileSync(join(folder, "servers", `${name}.json`), "utf8"));
}

async function waitUntilUp(spec: ServerSpec, ended: () => string | undefined): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (const port of spec.ports) {
    while (!(await accepts(port))) {
      const reason = ended();
      if (reason !== undefined) throw new Error(reason);
      if (Date.now() > deadline) throw new Error(`port ${port} doesn't answer after ${START_MS / 1000} s`);
      await sleep(100);
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
