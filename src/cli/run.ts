import { UsageError } from "../errors.js";
import type { Io } from "../io/io.js";
import { closest } from "../suggest.js";
import type { AnyCommand, OptionSpecs } from "./command.js";
import { boundedSignal, execute } from "./execute.js";
import { type Flag, FlagTable } from "./flag-table.js";
import { commandIndex, readWords } from "./prepass.js";
import { builtinOptions, type CommandEntry, type Opened, type Program } from "./program.js";
import { faultHint, reportFailure, toFailure } from "./report.js";

export interface RunRequest {
  /** argv without node and script. */
  words: readonly string[];
  io: Io;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
}

/**
 * A command line from its words to the process's exit code; every failure is printed here and none is
 * thrown. What was typed as the command's name is echoed in errors: "mount Error: ...".
 */
export async function runProgram<Ctx, G extends OptionSpecs>(
  program: Program<Ctx, G>,
  request: RunRequest,
): Promise<number> {
  const run = new Run(program, request);
  try {
    return await run.start();
  } catch (error) {
    return run.fail(error);
  }
}

class Run<Ctx, G extends OptionSpecs> {
  private typedName: string;
  private json = false;
  private signal: AbortSignal;
  private opened: Opened<Ctx> | undefined;

  constructor(
    private readonly program: Program<Ctx, G>,
    private readonly request: RunRequest,
  ) {
    this.typedName = program.name;
    this.signal = request.signal;
    this.json = request.words.some((word) => /^--?json(=true)?$/.test(word));
  }

  async start(): Promise<number> {
    const { program, request } = this;
    const { words } = request;
    const table = new FlagTable(builtinOptions, program.globals);
    const prepass = { table, isProgramFlag: () => true, helpCommand: `${program.name} help` };
    const at = commandIndex(words, prepass);
    const before = at < 0 ? words : words.slice(0, at);
    const asked = readWords(before, prepass).settings;
    if (asks(asked, "version") || words[at] === "version") return this.print(`${program.name} ${program.version()}`);
    if (words[at]?.toLowerCase() === "help") return await this.help(words.slice(at + 1));
    if (asks(asked, "help")) return await this.help(at < 0 ? [] : words.slice(at, at + 1));
    const name = words[at];
    if (name === undefined) {
      throw new UsageError("no command was specified", { hint: `Run "${program.name} help" to see the commands.` });
    }
    this.typedName = name;
    const command = await this.find(name).load();
    return await this.command(command, before, words.slice(at + 1));
  }

  fail(error: unknown): number {
    const failure = toFailure(error, this.signal, faultHint(this.program.name));
    this.opened?.logEnd(failure.exitCode, error);
    this.opened?.close();
    reportFailure(failure, this.typedName, this.json, this.request.io);
    return failure.exitCode;
  }

  private async command(command: AnyCommand<Ctx>, before: readonly string[], after: readonly string[]) {
    const { program, request } = this;
    const { parseCommandLine } = await import("./parse.js");
    const parsed = parseCommandLine({ program: program.name, globals: program.globals, command, before, after });
    if (parsed.builtins.help) return await this.help([command.name]);
    this.json = parsed.builtins.json;
    const bounded = boundedSignal(request.signal, this.typedName, parsed.builtins.actionTimeout);
    this.signal = bounded.signal;
    try {
      this.opened = await program.open({
        globals: parsed.globals as never,
        given: parsed.globalsGiven,
        words: request.words,
        io: request.io,
        signal: this.signal,
      });
      const options = { io: request.io, json: this.json, signal: this.signal };
      const exitCode = await execute(command, parsed.input, this.opened.ctx, options);
      this.opened.logEnd(exitCode);
      this.opened.close();
      return exitCode;
    } finally {
      bounded.stop();
    }
  }

  private async help(words: readonly string[]): Promise<number> {
    const { helpText } = await import("./help.js");
    return this.print(await helpText(this.program, words, (name) => this.find(name)));
  }

  private print(text: string): number {
    this.request.io.print(text.trimEnd());
    return 0;
  }

  /** UsageError "unknown command", with the nearest name. */
  private find(name: string): CommandEntry<Ctx> {
    const { program } = this;
    const entry = program.commands.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (entry !== undefined) return entry;
    this.typedName = name;
    const near = closest(
      name,
      program.commands.map((candidate) => candidate.name),
    );
    throw new UsageError("unknown command", {
      hint: near === undefined ? `Run "${program.name} help" to see the commands.` : `Did you mean ${near}?`,
    });
  }
}

function asks(settings: { flag: Flag; value: string }[], key: string): boolean {
  return settings.some(({ flag, value }) => flag.key === key && value === "true");
}
