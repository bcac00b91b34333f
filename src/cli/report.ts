import { VtmigrateError } from "../errors.js";
import type { Io } from "../io/io.js";

export interface Failure {
  code: string;
  message: string;
  hint?: string;
  exitCode: number;
}

/**
 * Any thrown value as what the user gets to see: our own errors as they are, whatever else as one
 * sentence with exit code 1. After `signal` was aborted, its reason explains a foreign error better.
 */
export function toFailure(error: unknown, signal: AbortSignal, bugHint: string): Failure {
  const shown = error instanceof VtmigrateError || !signal.aborted ? error : signal.reason;
  if (shown instanceof VtmigrateError) {
    const { code, message, hint, exitCode } = shown;
    return { code, message, exitCode, ...(hint === undefined ? {} : { hint }) };
  }
  const text = shown instanceof Error ? shown.message || shown.name : String(shown);
  return { code: "unexpected", message: firstLine(text), hint: bugHint, exitCode: 1 };
}

/**
 * `<command as typed> Error: <sentence>` on stderr, as vtctlclient words it (without the rpc prefix), and
 * the hint on a line of its own. With `-json`, one line on stderr instead, the last one:
 * `{"error":{"code":"not-found","message":"...","hint":"...","exit_code":6}}`; stdout stays empty.
 */
export function reportFailure(failure: Failure, command: string, json: boolean, io: Io): void {
  if (json) {
    const { exitCode, ...rest } = failure;
    io.note(JSON.stringify({ error: { ...rest, exit_code: exitCode } }));
    return;
  }
  io.note(`${command} Error: ${failure.message}`);
  if (failure.hint !== undefined) io.note(`Hint: ${failure.hint}`);
}

/** What a user can do about an error that nobody foresaw. */
export function faultHint(program: string): string {
  return `This is a fault of ${program}. Run it again with -log_file <path> to keep the details.`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
