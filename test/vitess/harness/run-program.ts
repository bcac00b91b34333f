import { spawn } from "node:child_process";
import type { RunAs } from "./run-as.js";

export interface ProgramOptions {
  env: Record<string, string>;
  runAs?: RunAs;
  cwd?: string;
  /** It is killed then. Default: two minutes. */
  timeoutMs?: number;
}

export interface ProgramResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export function runProgram(program: string, args: string[], options: ProgramOptions): Promise<ProgramResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs ?? 120_000,
    ...options.runAs,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Its stdout; throws with the program's own last words when it fails. */
export async function mustRun(program: string, args: string[], options: ProgramOptions): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code === 0) return stdout;
  const words = [program.replace(/^.*\//, ""), ...args].join(" ");
  const tail = `${stdout}${stderr}`.trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`${words}\nended with exit code ${code}:\n${tail}`);
}
