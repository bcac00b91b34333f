import { closeSync, openSync } from "node:fs";
import type { Log } from "../context.js";
import { UsageError } from "../errors.js";

const levels = ["info", "debug", "trace"] as const;

const silent: Log = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };

/**
 * The log: pino's JSON lines appended to `path`, or nothing without one. pino is loaded only when it is
 * used. Verbosity 0 (info) has the command, locks, steps and notes, 1 (debug) every call to tablets and topologies
 * besides, 2 (trace) what was sent. UsageError when the file can't be opened; `onFailure` hears when it can't be written
 * to any more.
 */
export async function createLog(path: string, verbosity: number, onFailure: (text: string) => void): Promise<Log> {
  if (path === "") return silent;
  try {
    // It tells addresses and names: for whoever runs the command.
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new UsageError(`-log_file: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const { pino } = await import("pino");
  const level = levels[Math.min(Math.max(verbosity, 0), levels.length - 1)] ?? "info";
  return harmless(pino({ level }, pino.destination({ dest: path, append: true, sync: true })), onFailure);
}

/** A full disk must not keep a command from putting things back: the first failure is told, and then nothing is logged. */
function harmless(log: Log, onFailure: (text: string) => void): Log {
  let failed = false;
  const guarded = (method: keyof Log) => (facts: object, message: string) => {
    if (failed) return;
    try {
      log[method](facts, message);
    } catch (error) {
      failed = true;
      onFailure(`-log_file: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    error: guarded("error"),
    warn: guarded("warn"),
    info: guarded("info"),
    debug: guarded("debug"),
    trace: guarded("trace"),
  };
}
