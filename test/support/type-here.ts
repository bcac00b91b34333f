import { setMaxListeners } from "node:events";
import { runProgram } from "../../src/cli/run.js";
import { program } from "../../src/create-program.js";
import type { CliResult } from "./cli.js";
import { captureIo } from "./fake-streams.js";
import type { Lab } from "./lab.js";

/**
 * A command line from its words to its exit code and its texts, over the same sockets as a process of its own, but in
 * this one: without half a second of a processor for each, which is most of the time of suites that type many.
 */
export async function typeHere(lab: Lab, line: string | readonly string[]): Promise<CliResult> {
  const { etcd, topoRoot } = lab.sandbox.target;
  const words = typeof line === "string" ? line.split(" ") : line;
  const connected = ["-topo_global_server_address", etcd, "-topo_global_root", topoRoot, ...words];
  const { io, stdout, stderr } = captureIo();
  const { signal } = new AbortController();
  // As the process has it: one listener a call.
  setMaxListeners(0, signal);
  const code = await runProgram(program, { words: connected, io, signal });
  await io.flush();
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}
