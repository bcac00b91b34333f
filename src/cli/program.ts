import type { Io } from "../io/io.js";
import { type AnyCommand, duration, flag, type OptionSpecs, type OptionValues } from "./command.js";

/** A command as the program's list knows it: enough for help, without loading the command. */
export interface CommandEntry<Ctx> {
  /** As documented: "ApplyVSchema". Matched without regard to case. */
  name: string;
  summary: string;
  hidden?: boolean;
  load(): Promise<AnyCommand<Ctx>>;
}

/** A page of `help`, loaded when it is asked for. */
export interface HelpTopic {
  name: string;
  summary: string;
  load(): Promise<string>;
}

/** What a command line program is made of; nothing here knows what its commands do. */
export interface Program<Ctx, Globals extends OptionSpecs> {
  name: string;
  summary: string;
  /** Flags that every command takes, before or behind its name. */
  globals: Globals;
  commands: readonly CommandEntry<Ctx>[];
  topics: readonly HelpTopic[];
  version(): string;
  open(request: OpenRequest<Globals>): Promise<Opened<Ctx>>;
}

export interface OpenRequest<Globals extends OptionSpecs> {
  globals: OptionValues<Globals>;
  given: ReadonlySet<string>;
  /** As typed. */
  words: readonly string[];
  io: Io;
  signal: AbortSignal;
}

export interface Opened<Ctx> {
  ctx: Ctx;
  /** How the command has ended, for the log: an error with its stack, which the terminal never gets. */
  logEnd(exitCode: number, error?: unknown): void;
  /** Ends connections, so that the process can end. */
  close(): void;
}

/** Flags that the shell itself understands. */
export const builtinOptions = {
  help: flag("show this help", false, { aliases: ["h"], hidden: true }),
  version: flag("print the version", false, { hidden: true }),
  json: flag("print the result as JSON; an error is a JSON object on the last line of stderr"),
  actionTimeout: duration("give up after this time (exit code 8); 0 waits as long as it takes", 0, {
    spelling: "action_timeout",
  }),
};

export type BuiltinValues = OptionValues<typeof builtinOptions>;
