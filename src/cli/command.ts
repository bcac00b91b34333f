/**
 * A command is data plus a function. `run` returns a result; `view` prints it for people; with -json
 * the result itself is printed. `Ctx` is whatever the program hands to its commands.
 */
import type { Io } from "../io/io.js";

export interface OptionSpec<T> {
  kind: "flag" | "text" | "integer" | "duration" | "list";
  summary: string;
  default: T;
  /** How Vitess spells it, when not the key: "on-ddl". Underscores and dashes are equal when typed. */
  spelling?: string;
  /** Other accepted names. */
  aliases?: string[];
  hidden?: boolean;
}

export function flag(summary: string, fallback = false, more: Partial<OptionSpec<boolean>> = {}): OptionSpec<boolean> {
  return { kind: "flag", summary, default: fallback, ...more };
}

export function text(summary: string, fallback = "", more: Partial<OptionSpec<string>> = {}): OptionSpec<string> {
  return { kind: "text", summary, default: fallback, ...more };
}

export function integer(summary: string, fallback: number, more: Partial<OptionSpec<number>> = {}): OptionSpec<number> {
  return { kind: "integer", summary, default: fallback, ...more };
}

/** Go durations ("30s", "1m30s"), in milliseconds. */
export function duration(
  summary: string,
  fallbackMs: number,
  more: Partial<OptionSpec<number>> = {},
): OptionSpec<number> {
  return { kind: "duration", summary, default: fallbackMs, ...more };
}

/** Comma separated and repeatable. */
export function list(summary: string, more: Partial<OptionSpec<string[]>> = {}): OptionSpec<string[]> {
  return { kind: "list", summary, default: [], ...more };
}

// biome-ignore lint/suspicious/noExplicitAny: the value type is recovered by OptionValues
export type OptionSpecs = Record<string, OptionSpec<any>>;

export type OptionValues<S extends OptionSpecs> = { [K in keyof S]: S[K]["default"] };

export interface CommandInput<S extends OptionSpecs> {
  args: string[];
  options: OptionValues<S>;
  /** Keys of the options that were typed, as opposed to defaulted. */
  given: ReadonlySet<keyof S & string>;
  /** The words behind the command's name, as typed. */
  argv: string[];
  /** -json was given: for commands that show something before their result. */
  json?: boolean;
}

export interface Command<S extends OptionSpecs, Result, Ctx> {
  /** As documented: "ApplyVSchema". Matched without regard to case. */
  name: string;
  summary: string;
  /** Everything behind the name: "[-keep_data] <Create|Complete|Cancel> <keyspace.workflow>". */
  usage: string;
  examples: string[];
  args: { min: number; max: number; complaint: string };
  options: S;
  run(input: CommandInput<S>, ctx: Ctx): Promise<Result>;
  view(result: Result, io: Io): void;
  /** 0 unless the result itself says otherwise (differences found). */
  exitCode?(result: Result): number;
}

/** Only infers types: the definition is returned as it is. */
export function defineCommand<S extends OptionSpecs, Result, Ctx>(
  command: Command<S, Result, Ctx>,
): Command<S, Result, Ctx> {
  return command;
}

// biome-ignore lint/suspicious/noExplicitAny: commands of every shape stand in one list
export type AnyCommand<Ctx> = Command<any, any, Ctx>;
