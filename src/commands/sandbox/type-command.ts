import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";

const program = join(dirname(createRequire(import.meta.url).resolve("vtmigrate/package.json")), "bin/vtmigrate.js");

/** An interrupted command puts things back; then it has had its time. */
const graceMs = 10_000;

type TypedOutput = { stdout: (text: string) => void } | { stdoutFile: string };

export type TypeOptions = TypedOutput & {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Each line of stderr. */
  stderr: (line: string) => void;
  /** Interrupts the command, as Ctrl-C does. */
  signal: AbortSignal;
};

/** Runs vtmigrate as a process of its own; its exit code. Rejects with the signal's reason once it has ended. */
export async function typeCommand(words: readonly string[], options: TypeOptions): Promise<number> {
  options.signal.throwIfAborted();
  const child = spawn(process.execPath, [program, ...words], {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: a terminal's Ctrl-C would reach it beside ours, and the second one ends it at once.
    detached: true,
  });
  let kill: NodeJS.Timeout | undefined;
  const interrupt = () => {
    child.kill("SIGINT");
    kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
  };
  options.signal.addEventListener("abort", interrupt, { once: true });
  const exited = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  createInterface({ input: child.stderr }).on("line", options.stderr);
  try {
    const [exitCode] = await Promise.all([exited, collect(child.stdout, options)]);
    options.signal.throwIfAborted();
    return exitCode;
  } finally {
    clearTimeout(kill);
    options.signal.removeEventListener("abort", interrupt);
  }
}

async function collect(stdout: NodeJS.ReadableStream, output: TypedOutput): Promise<void> {
  if ("stdoutFile" in output) return pipeline(stdout, createWriteStream(output.stdoutFile));
  stdout.setEncoding("utf8");
  for await (const text of stdout) output.stdout(String(text));
}
