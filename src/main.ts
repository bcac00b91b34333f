import { setMaxListeners } from "node:events";
import { constants } from "node:os";
import { faultHint } from "./cli/report.js";
import { runProgram } from "./cli/run.js";
import { program } from "./create-program.js";
import { FailedError, InterruptedError } from "./errors.js";
import { type TerminalIo, terminalIo } from "./io/terminal.js";

/** SIGPIPE is not among them: a reader that goes away is no reason to stop (io/sink.ts). */
const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The process: argv to exit code. The first interrupt aborts what runs, which then puts the cluster into a
 * state that the next command can explain, and ends with 130; the second one ends at once.
 */
export async function main(): Promise<void> {
  // grpc-js names an IP address in the handshake, of which Node says on stderr that it is deprecated (DEP0123).
  process.noDeprecation = true;
  const io = terminalIo(process.stdout, process.stderr, { stdin: process.stdin });
  const interrupt = listenForInterrupts(io);
  const exitCode = await runProgram(program, { words: process.argv.slice(2), io, signal: interrupt });
  await io.flush();
  // Connections that are still closing must not keep the process.
  process.exit(exitCode);
}

function listenForInterrupts(io: TerminalIo): AbortSignal {
  const controller = new AbortController();
  // One listener a call that can be interrupted: many streams and tables are not a leak.
  setMaxListeners(0, controller.signal);
  for (const name of interrupts) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals.SIGINT);
      controller.abort(new InterruptedError(`interrupted by ${name}`));
      io.note("Interrupted: putting things back. Once more ends at once.");
    });
  }
  // A rejection that nobody awaits ends the command as a failure does: streams are put back, locks released.
  process.on("uncaughtException", (error) => {
    if (controller.signal.aborted) return;
    const hint = faultHint(program.name);
    controller.abort(new FailedError(error instanceof Error ? error.message : String(error), { hint, cause: error }));
  });
  return controller.signal;
}
