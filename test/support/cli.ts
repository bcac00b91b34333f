/** Runs the built binary as a user's shell would. */
import { spawn } from "node:child_process";
import { join } from "node:path";

export const bin = join(import.meta.dirname, "../../bin/vtmigrate.js");

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Another program than the repository's: an installed package's. */
  program?: string;
  /** Kills the process when it takes longer; the result then has a signal. */
  timeoutMs?: number;
  /** Called at once, with what interrupts the process. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with everything on stderr so far: to interrupt at a certain point. */
  onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The environment's connection for a target cluster's global topology. */
export function connection(globalServerAddress: string): Record<string, string> {
  return {
    VTMIGRATE_TOPO_IMPLEMENTATION: "etcd2",
    VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: globalServerAddress,
    VTMIGRATE_TOPO_GLOBAL_ROOT: "/vitess/global",
  };
}

export function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [options.program ?? bin, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs ?? 60_000,
  });
  options.onStart?.((signal) => child.kill(signal));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
