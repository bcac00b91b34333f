import { Command as CommanderCommand, Option } from "commander";
import { UsageError } from "../errors.js";
import type { AnyCommand, CommandInput, OptionSpecs } from "./command.js";
import { type Flag, FlagTable } from "./flag-table.js";
import { type PrepassOptions, readWords } from "./prepass.js";
import { type BuiltinValues, builtinOptions } from "./program.js";
import { parseValue } from "./values.js";

export interface ParseRequest {
  /** "vtmigrate" */
  program: string;
  globals: OptionSpecs;
  command: AnyCommand<never>;
  /** Words in front of the command's name (flags of the program) and behind it. */
  before: readonly string[];
  after: readonly string[];
}

export interface Parsed {
  input: CommandInput<OptionSpecs>;
  globals: Record<string, unknown>;
  globalsGiven: Set<string>;
  builtins: BuiltinValues;
}

/**
 * Words to typed values. UsageError for unknown flags, bad values and, unless help was asked for, a wrong
 * number of arguments (with the command's own complaint).
 */
export function parseCommandLine(request: ParseRequest): Parsed {
  const { command, globals } = request;
  const table = new FlagTable(builtinOptions, globals, command.options);
  const helpCommand = `${request.program} help ${command.name}`;
  const own = new Set<unknown>(Object.values(command.options));
  const prepass: PrepassOptions = { table, isProgramFlag: (flag) => !own.has(flag.spec), helpCommand };
  const programTable = new FlagTable(builtinOptions, globals);
  const before = readWords(request.before, { ...prepass, table: programTable });
  const after = readWords(request.after, prepass);
  const settings = [...before.settings, ...after.settings];

  const { parser, read } = buildParser(command.name, [...table.flags, ...programTable.flags]);
  const words = settings.map(({ flag, value }) => `--${flag.long}=${value}`);
  parser.parse([...words, "--", ...after.positionals], { from: "user" });

  const builtins = read(builtinOptions).values as unknown as BuiltinValues;
  const { min, max, complaint } = command.args;
  if (!builtins.help && (parser.args.length < min || parser.args.length > max)) {
    const usage = `Usage: ${request.program} ${command.name} ${command.usage}`;
    throw new UsageError(complaint, complaint.startsWith("usage: ") ? {} : { hint: usage });
  }
  const options = read(command.options);
  const globalValues = read(globals);
  return {
    input: {
      args: parser.args,
      options: options.values,
      given: options.given,
      argv: after.typed,
      ...(builtins.json ? { json: true } : {}),
    },
    globals: globalValues.values,
    globalsGiven: globalValues.given,
    builtins,
  };
}

interface ReadValues {
  values: Record<string, unknown>;
  /** Keys that were typed. */
  given: Set<string>;
}

interface Parser {
  parser: CommanderCommand;
  read(specs: OptionSpecs): ReadValues;
}

/**
 * Every option takes a value, `--all=true`: that is what the pre-pass writes. So a boolean can be turned
 * off, and `no-routing-rules` is a name like any other.
 */
function buildParser(name: string, flags: readonly Flag[]): Parser {
  const parser = new CommanderCommand(name)
    .argument("[words...]")
    .helpOption(false)
    .exitOverride((error) => {
      throw new UsageError(error.message.replace(/^error: /, ""), { cause: error });
    })
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .action(() => {});
  const attributes = new Map<unknown, string>();
  const seen = new Set<string>();
  for (const flag of flags) {
    if (seen.has(flag.long)) continue;
    seen.add(flag.long);
    const option = toOption(flag);
    attributes.set(flag.spec, option.attributeName());
    parser.addOption(option);
  }
  const read = (specs: OptionSpecs): ReadValues => {
    const result: ReadValues = { values: {}, given: new Set() };
    for (const [key, spec] of Object.entries(specs)) {
      const attribute = attributes.get(spec);
      result.values[key] = attribute === undefined ? spec.default : parser.getOptionValue(attribute);
      if (attribute !== undefined && parser.getOptionValueSource(attribute) === "cli") result.given.add(key);
    }
    return result;
  };
  return { parser, read };
}

function toOption(flag: Flag): Option {
  const option = new Option(`--${flag.long} <value>`, flag.spec.summary).default(flag.spec.default);
  option.negate = false;
  let earlier: unknown;
  option.argParser((text: string) => {
    earlier = parseValue(flag, text, earlier);
    return earlier;
  });
  return option;
}
