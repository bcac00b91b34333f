import { runProgram } from "../../src/cli/run.js";
import { program } from "../../src/create-program.js";
import type { CliResult } from "./cli.js";
import type { Lab } from "./lab.js";

/**
 * A command line from its words to its exit code, as the process runs it, but in this one: for what a test types besides
 * the command that it is about, without half a second for each process.
 */
export async function typeHere(lab: Lab, line: string | readonly string[]): Promise<CliResult> {
  const { etcd, topoRoot } = lab.sandbox.target;
  const words = typeof line === "string" ? line.split(" ") : line;
  const connected = ["-topo_global_server_address", etcd, "-topo_global_root", topoRoot, ...words];
  let stdout = "";
  let stderr = "";
  const note = (text: string) => {
    stderr += `${text}\n`;
  };
  const io = {
    print: (text: string) => {
      stdout += `${text}\n`;
    },
    write: (text: string) => {
      stdout += text;
    },
    note,
    warn: (text: string) => note(`Warning: ${text}`),
    confirm: async () => true,
    progress: () => ({ update() {}, done() {} }),
  };
  const code = await runProgram(program, { words: connected, io, signal: new AbortController().signal });
  return { code, signal: null, stdout, stderr };
}
